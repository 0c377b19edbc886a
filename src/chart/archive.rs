//! A packed chart (`helm package`) into memory. Nothing is unpacked to disk; entries that point out of the archive,
//! special files, duplicates and bombs are refused by name.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::folder::reason;
use super::tree::{Budget, FileTree, MAX_FILE_BYTES, file_too_large, has_use, too_large};
use crate::diagnostic::Diagnostic;

/// Links to links beyond this are refused: a bound, and an end to circles.
const MAX_LINKS: usize = 8;
/// What an archive may hold beside the bytes of its files: a header and padding each, and long names.
const OVERHEAD_BYTES: u64 = 32 << 20;

/// Reads an archive; `shown` is its name for messages. The one folder at its top is the chart and is left out of
/// the paths.
pub(super) fn read(packed: &[u8], shown: &str, budget: &mut Budget) -> Result<FileTree, Diagnostic> {
    unpack(packed, budget).map_err(|what| Diagnostic::error(format!("the archive `{shown}` {what}")))
}

fn unpack(packed: &[u8], budget: &mut Budget) -> Result<FileTree, String> {
    if !packed.starts_with(&[0x1f, 0x8b]) {
        return Err("is not packed with gzip, as `helm package` makes it".into());
    }
    let limit = budget.bytes_left().saturating_add(OVERHEAD_BYTES);
    let mut archive = tar::Archive::new(Limited { inner: MultiGzDecoder::new(packed), left: limit });
    let mut content = Content::default();
    for entry in archive.entries().map_err(|error| broken(&error))? {
        content.take(entry.map_err(|error| broken(&error))?, budget)?;
    }
    content.finish(budget)
}

#[derive(Default)]
struct Content {
    top: Option<String>,
    seen: BTreeSet<String>,
    files: BTreeMap<String, Vec<u8>>,
    links: BTreeMap<String, String>,
}

impl Content {
    fn take(&mut self, mut entry: tar::Entry<'_, impl Read>, budget: &mut Budget) -> Result<(), String> {
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            return Ok(());
        }
        budget.take_entry().map_err(|limit| format!("has {limit}"))?;
        let name = String::from_utf8(entry.path_bytes().into_owned()).map_err(|error| {
            format!("has an entry whose name is not UTF-8: `{}`", error.into_bytes().escape_ascii())
        })?;
        let parts = parts(&name).map_err(|what| format!("has an entry `{}` {what}", name.escape_debug()))?;
        let Some((top, within)) = parts.split_first() else {
            return Ok(());
        };
        let path = within.join("/");
        if kind == EntryType::Directory {
            return Ok(());
        }
        if within.is_empty() {
            return Err(format!("has `{top}` at its top, where only the chart's folder may be"));
        }
        match &self.top {
            Some(first) if first != top => {
                return Err(format!("has two folders at its top, `{first}` and `{top}`: it must hold one chart"));
            }
            Some(_) => {}
            None => self.top = Some((*top).to_owned()),
        }
        if !self.seen.insert(path.clone()) {
            return Err(format!("has the entry `{name}` twice"));
        }
        match kind {
            EntryType::Regular | EntryType::Continuous => {
                // Also counts what is skipped: unpacking it costs the same.
                let keep = has_use(&path);
                let mut bytes = Vec::new();
                let mut limited = (&mut entry).take(MAX_FILE_BYTES + 1);
                let length = if keep {
                    limited.read_to_end(&mut bytes).map(|n| n as u64)
                } else {
                    io::copy(&mut limited, &mut io::sink())
                };
                let length = length.map_err(|error| broken(&error))?;
                if length > MAX_FILE_BYTES {
                    return Err(format!("has an entry `{name}` that {}", file_too_large()));
                }
                budget.take_bytes(length).map_err(|limit| format!("has {limit}"))?;
                if keep {
                    self.files.insert(path, bytes);
                }
                Ok(())
            }
            EntryType::Symlink | EntryType::Link => {
                let target = entry.link_name_bytes().map(|target| String::from_utf8_lossy(&target).into_owned());
                let target = target.unwrap_or_default();
                // A symbolic link counts from its own folder, a hard link from the archive's top.
                let from = if kind == EntryType::Link { &[][..] } else { &parts[..parts.len() - 1] };
                match follow(from, &target) {
                    Some(resolved) if resolved.first().is_some_and(|first| first == top) => {
                        self.links.insert(path, resolved[1..].join("/"));
                        Ok(())
                    }
                    _ => Err(format!("has an entry `{name}` that is a link to `{target}`, outside of the chart")),
                }
            }
            _ => Err(format!("has an entry `{name}` that is neither a file nor a folder")),
        }
    }

    /// Gives links the content of what they lead to.
    fn finish(mut self, budget: &mut Budget) -> Result<FileTree, String> {
        let mut linked = Vec::new();
        for (path, target) in &self.links {
            let mut end = target;
            for _ in 0..MAX_LINKS {
                match self.links.get(end) {
                    Some(next) => end = next,
                    None => break,
                }
            }
            if !has_use(path) {
                continue;
            }
            let bytes = self
                .files
                .get(end)
                .ok_or_else(|| format!("has a link `{path}` to `{target}`, which is no file of the chart"))?;
            // Many links to one large file are a bomb too.
            budget.take_bytes(bytes.len() as u64).map_err(|limit| format!("has {limit}"))?;
            linked.push((path.clone(), bytes.clone()));
        }
        self.files.extend(linked);
        Ok(FileTree { files: self.files })
    }
}

/// The parts of an entry's name, or what is wrong with it.
fn parts(name: &str) -> Result<Vec<&str>, &'static str> {
    if name.starts_with('/') {
        return Err("with an absolute path");
    }
    if name.contains(['\\', '\0']) {
        return Err("with a character that no path in a chart has");
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err("that leads out of it by `..`");
    }
    if parts.first().is_some_and(|first| first.len() == 2 && first.ends_with(':')) {
        return Err("with an absolute path");
    }
    Ok(parts)
}

/// Where a link leads, from the archive's top; none if that is outside.
fn follow(from: &[&str], target: &str) -> Option<Vec<String>> {
    if target.is_empty() || target.starts_with('/') || target.contains(['\\', '\0']) {
        return None;
    }
    let mut at: Vec<String> = from.iter().map(|part| (*part).to_owned()).collect();
    for part in target.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            at.pop()?;
        } else {
            at.push(part.to_owned());
        }
    }
    Some(at)
}

fn broken(error: &io::Error) -> String {
    // The tar crate wraps errors of its reader in messages of its own.
    if error.to_string().contains(BOMB) {
        return format!("has {}", too_large());
    }
    format!("can't be unpacked: {}", reason(error))
}

const BOMB: &str = "unpacked size is over the limit";

/// A reader that fails, instead of ending, when more comes than was agreed.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| io::Error::other(BOMB))?;
        Ok(count)
    }
}
