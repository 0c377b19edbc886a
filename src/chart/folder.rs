//! A chart folder into memory. Links that leave the chart and everything that is no regular file are refused.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::ignore::Ignore;
use super::tree::{Budget, FileTree, MAX_FILE_BYTES, file_too_large, has_use, may_enter};
use crate::diagnostic::{Diagnostic, SourceId, SourceKind, SourceMap};

/// Folders deeper than this are refused: a bound on the recursion below.
const MAX_DEPTH: usize = 64;

/// Reads a chart folder; `shown` is its path as the user would name it.
pub(super) fn read(
    folder: &Path,
    shown: &str,
    budget: &mut Budget,
    sources: &mut SourceMap,
) -> Result<FileTree, Diagnostic> {
    let root = fs::canonicalize(folder)
        .map_err(|error| Diagnostic::error(format!("can't read the chart folder `{shown}`: {}", reason(&error))))?;
    let mut walk = Walk { ignore: Ignore::default(), shown, budget, tree: FileTree::default(), root };
    walk.ignore = walk.ignore_file(sources)?;
    let root = walk.root.clone();
    walk.enter(&root, "", &mut Vec::new())?;
    Ok(walk.tree)
}

struct Walk<'a> {
    /// The chart's folder with all links resolved.
    root: PathBuf,
    shown: &'a str,
    ignore: Ignore,
    budget: &'a mut Budget,
    tree: FileTree,
}

impl Walk<'_> {
    fn ignore_file(&mut self, sources: &mut SourceMap) -> Result<Ignore, Diagnostic> {
        let path = self.root.join(".helmignore");
        if fs::symlink_metadata(&path).is_err() {
            return Ignore::read("", SourceId::NONE);
        }
        let (real, _) = self.resolve(&path, ".helmignore")?;
        let text = String::from_utf8_lossy(&self.bytes(&real, ".helmignore")?).into_owned();
        let source = sources.add(format!("{}/.helmignore", self.shown), SourceKind::Metadata, text.as_str());
        Ignore::read(text.trim_start_matches('\u{FEFF}'), source)
    }

    /// Reads what lies in `folder`, a place inside the chart that is called `within` there. `above` are the folders
    /// on the way, links resolved: meeting one of them again means a link that leads round in a circle.
    fn enter(&mut self, folder: &Path, within: &str, above: &mut Vec<PathBuf>) -> Result<(), Diagnostic> {
        if above.iter().any(|one| one == folder) {
            return Err(self.error(within, "is a link to a folder that it lies in"));
        }
        if above.len() >= MAX_DEPTH {
            return Err(self.error(within, &format!("lies more than {MAX_DEPTH} folders deep")));
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| self.unreadable(within, &error))? {
            let name = entry.map_err(|error| self.unreadable(within, &error))?.file_name();
            names.push(name);
        }
        names.sort();
        above.push(folder.to_owned());
        for name in names {
            let Some(name) = name.to_str() else {
                // Nothing that a chart has a use for can be missed at the top; below, it is a mistake.
                if within.is_empty() {
                    continue;
                }
                return Err(self.error(within, &format!("has a file whose name is not UTF-8: {}", name.display())));
            };
            let path = if within.is_empty() { name.to_owned() } else { format!("{within}/{name}") };
            self.entry(&folder.join(name), &path, above)?;
        }
        above.pop();
        Ok(())
    }

    fn entry(&mut self, file: &Path, path: &str, above: &mut Vec<PathBuf>) -> Result<(), Diagnostic> {
        if !has_use(path) && !may_enter(path) {
            return Ok(());
        }
        // Rules are about the name in the chart: a dropped link is not even looked at.
        let is_folder = fs::metadata(file).is_ok_and(|found| found.is_dir());
        if self.ignore.drops(path, is_folder) {
            return Ok(());
        }
        let (real, found) = self.resolve(file, path)?;
        self.budget.take_entry().map_err(|limit| self.over(&limit))?;
        if found.is_dir() {
            if may_enter(path) { self.enter(&real, path, above) } else { Ok(()) }
        } else if !found.is_file() {
            Err(self.error(path, "is neither a file nor a folder"))
        } else if has_use(path) {
            let bytes = self.bytes(&real, path)?;
            self.tree.files.insert(path.to_owned(), bytes);
            Ok(())
        } else {
            Ok(())
        }
    }

    /// Where a path really leads, and what is there. It must be inside the chart.
    fn resolve(&self, file: &Path, path: &str) -> Result<(PathBuf, fs::Metadata), Diagnostic> {
        let found = fs::symlink_metadata(file).map_err(|error| self.unreadable(path, &error))?;
        if !found.file_type().is_symlink() {
            return Ok((file.to_owned(), found));
        }
        let target = fs::read_link(file).map_err(|error| self.unreadable(path, &error))?;
        let real = fs::canonicalize(file)
            .map_err(|error| self.error(path, &format!("is a link to `{}`: {}", target.display(), reason(&error))))?;
        if !real.starts_with(&self.root) {
            return Err(self
                .error(path, &format!("is a link to `{}`, outside of the chart", target.display()))
                .hint("copy the file into the chart: nothing outside of a chart is ever read"));
        }
        let found = fs::metadata(&real).map_err(|error| self.unreadable(path, &error))?;
        Ok((real, found))
    }

    fn bytes(&mut self, file: &Path, path: &str) -> Result<Vec<u8>, Diagnostic> {
        // A pipe would block for ever when it is opened.
        if !fs::metadata(file).is_ok_and(|found| found.is_file()) {
            return Err(self.error(path, "is neither a file nor a folder"));
        }
        let opened = fs::File::open(file).map_err(|error| self.unreadable(path, &error))?;
        let mut bytes = Vec::new();
        let read = opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
        let length = read.map_err(|error| self.unreadable(path, &error))? as u64;
        if length > MAX_FILE_BYTES {
            return Err(self.error(path, &file_too_large()));
        }
        self.budget.take_bytes(length).map_err(|limit| self.over(&limit))?;
        Ok(bytes)
    }

    fn error(&self, path: &str, what: &str) -> Diagnostic {
        Diagnostic::error(format!("`{}/{path}` {what}", self.shown))
    }

    fn unreadable(&self, path: &str, error: &std::io::Error) -> Diagnostic {
        let path = if path.is_empty() { self.shown.to_owned() } else { format!("{}/{path}", self.shown) };
        Diagnostic::error(format!("can't read `{path}`: {}", reason(error)))
    }

    fn over(&self, limit: &str) -> Diagnostic {
        Diagnostic::error(format!("the chart `{}` has {limit}", self.shown))
    }
}

/// The reason of an error of the operating system, in its own words but without its number.
pub(super) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
