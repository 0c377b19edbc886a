//! Reading what the user names: values files, manifests, standard input.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::chart::Taken;
use crate::diagnostic::{Class, Diagnostic, Failure, SourceMap, nearest};
use crate::object::Mask;
use crate::plan::Rotated;
use crate::release::{ChartSummary, Revision, Status};
use crate::values::{Inputs, set_file_paths};

use super::deploy::Reuse;

/// Largest file or standard input that is read, in bytes. Kubernetes itself takes 3 MiB in one request.
const LARGEST: u64 = 64 << 20;

/// What a run has read, and what looked wrong in it. Filled by the workflow, shown by the caller, also after a failure.
#[derive(Debug, Default)]
pub struct Reading {
    /// All texts.
    pub sources: SourceMap,
    /// What the user should know of what was found, whatever comes of it.
    pub remarks: Vec<Remark>,
    /// Warnings, in the order in which they were found.
    pub warnings: Vec<Diagnostic>,
    /// What must not be shown.
    pub mask: SharedMask,
}

/// Something that decides what the run is about, and that the user did not say himself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// This chart was taken.
    Taken(ChartSummary, Taken),
    /// Values of this revision were taken.
    Reused(Revision, Reuse),
    /// A rollback goes back to this revision, of this chart.
    BackTo(Revision, Option<ChartSummary>),
    /// A credential gets another value.
    Rotates(Rotated),
    /// The run goes on from this failed or unfinished revision, of whose changes so many are in the cluster.
    Continues(Revision, Status, Option<Progress>),
}

/// How far a run came that did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Changes that need not be made any more.
    pub made: usize,
    /// Changes that it was to make.
    pub planned: usize,
}

/// A mask that grows while a run learns what is secret, shared with those who write log lines meanwhile.
#[derive(Clone, Debug, Default)]
pub struct SharedMask(Arc<RwLock<Mask>>);

impl SharedMask {
    /// Hides what `mask` hides, too.
    pub fn extend(&self, mask: &Mask) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(mask);
    }

    /// The mask as it is now.
    pub fn now(&self) -> Mask {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A text in which no hidden value can be read.
    pub fn text(&self, text: &str) -> String {
        self.0.read().unwrap_or_else(PoisonError::into_inner).text(text)
    }
}

/// Reads files relative to a folder, and standard input once.
pub struct Reader<'a> {
    directory: &'a Path,
    stdin: Option<&'a mut (dyn Read + Send)>,
}

impl<'a> Reader<'a> {
    /// A reader for relative paths in `directory`.
    pub fn new(directory: &'a Path, stdin: &'a mut (dyn Read + Send)) -> Self {
        Self { directory, stdin: Some(stdin) }
    }

    /// The text of a file; `-` is standard input. With the name to show.
    ///
    /// # Errors
    /// Class [`Class::Input`]: no such file, no text, too large.
    pub fn text(&mut self, name: &str) -> Result<(String, String), Failure> {
        if name == "-" {
            let stdin = self.stdin.take().ok_or_else(|| {
                Failure::new(Class::Usage, Diagnostic::error("standard input (`-`) can only be read once"))
            })?;
            return Ok(("<stdin>".to_owned(), limited(stdin).map_err(|why| unreadable("standard input", &why))?));
        }
        let path = self.directory.join(name);
        let text = std::fs::File::open(&path).map_err(|error| error.to_string()).and_then(limited);
        text.map(|text| (name.to_owned(), text)).map_err(|why| {
            let mut failure = unreadable(&format!("`{name}`"), &why);
            if let (false, Some(near)) = (path.exists(), neighbour(Path::new(name), &path)) {
                failure.diagnostics[0].hints.push(format!("did you mean `{near}`?"));
            }
            failure
        })
    }

    /// All YAML and JSON files of a folder, sorted by path, subfolders included; or the one file, or standard input.
    pub fn manifests(&mut self, name: &str) -> Result<Vec<(String, String)>, Failure> {
        let folder = self.directory.join(name);
        if name == "-" || !folder.is_dir() {
            return Ok(vec![self.text(name)?]);
        }
        let mut files = Vec::new();
        collect(&folder, Path::new(name), &mut files)
            .map_err(|error| unreadable(&format!("`{name}`"), &error.to_string()))?;
        files.sort();
        if files.is_empty() {
            let message = format!("folder `{name}` has no `.yaml`, `.yml` or `.json` file");
            return Err(Failure::input(vec![Diagnostic::error(message)]));
        }
        files.iter().map(|file| self.text(&file.to_string_lossy())).collect()
    }
}

/// Collects manifest files below `folder`, named as `shown`. Links to folders are not followed: they may be circles.
fn collect(folder: &Path, shown: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let shown = shown.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &shown, files)?;
        } else if shown.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known)) {
            files.push(shown);
        }
    }
    Ok(())
}

/// A file in the same folder whose name is nearly the same, as the user would name it.
fn neighbour(name: &Path, path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_string_lossy();
    let files: Vec<String> = std::fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let near = nearest(&wanted, files.iter().map(String::as_str))?;
    Some(name.with_file_name(near).display().to_string())
}

fn limited(reader: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("larger than {} MiB", LARGEST >> 20));
    }
    String::from_utf8(bytes).map_err(|error| {
        format!("not text in UTF-8 (the first wrong byte is number {})", error.utf8_error().valid_up_to() + 1)
    })
}

fn unreadable(what: &str, why: &str) -> Failure {
    // Rust adds "(os error 2)", which helps nobody.
    let why = why.split(" (os error").next().unwrap_or(why).to_lowercase();
    let error = Diagnostic::error(format!("cannot read {what}: {why}"));
    Failure::input(vec![match why.as_str() {
        "is a directory" => error.hint("name a file in it"),
        "permission denied" => error.hint("who runs kchart must be allowed to read it: `ls -l` shows who is"),
        _ => error,
    }])
}

/// Values layers as they were typed, before the files are read.
#[derive(Clone, Debug, Default)]
pub struct Giving {
    /// `-f`.
    pub files: Vec<String>,
    /// `--set`.
    pub set: Vec<String>,
    /// `--set-string`.
    pub set_string: Vec<String>,
    /// `--set-file`.
    pub set_file: Vec<String>,
    /// `--set-json`.
    pub set_json: Vec<String>,
    /// `--set-literal`.
    pub set_literal: Vec<String>,
}

impl Giving {
    /// Reads the files that the layers name.
    ///
    /// # Errors
    /// A URL for `-f` is refused: values must not change between two runs of the same command.
    pub fn read(self, reader: &mut Reader) -> Result<Inputs, Failure> {
        let mut files = Vec::new();
        for name in &self.files {
            if let Some((scheme, _)) = name.split_once("://") {
                let message = format!("`-f` takes a file, not a URL (`{scheme}://…`)");
                let hint = "download it first, and keep it beside your code";
                return Err(Failure::new(Class::Usage, Diagnostic::error(message).hint(hint)));
            }
            files.push(reader.text(name)?);
        }
        let mut set_file_texts = BTreeMap::new();
        for path in set_file_paths(&self.set_file) {
            let (_, text) = reader.text(&path)?;
            set_file_texts.insert(path, text);
        }
        Ok(Inputs {
            files,
            set_json: self.set_json,
            set: self.set,
            set_string: self.set_string,
            set_file: self.set_file,
            set_file_texts,
            set_literal: self.set_literal,
        })
    }
}
