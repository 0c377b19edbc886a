//! The files of one chart in memory, before they mean anything, and the limits on them.
//!
//! Folders, archives and the binary all become a [`FileTree`], so that whatever reads it later can't reach outside.

use std::collections::BTreeMap;

/// Most files in a chart, its subcharts included.
pub(super) const MAX_FILES: usize = 10_000;
/// Most bytes in a chart, its subcharts included.
pub(super) const MAX_BYTES: u64 = 100 << 20;
/// Most bytes in one file.
pub(super) const MAX_FILE_BYTES: u64 = 5 << 20;

/// Files by path within the chart (with slashes), sorted.
#[derive(Debug, Default)]
pub(super) struct FileTree {
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

/// What is left of the limits. One budget is used for a chart and everything in it, archives in archives included.
#[derive(Debug)]
pub(super) struct Budget {
    files: usize,
    bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { files: MAX_FILES, bytes: MAX_BYTES }
    }
}

impl Budget {
    /// Counts one entry; an error is the end of a sentence that begins with what is being read.
    pub(super) fn take_entry(&mut self) -> Result<(), String> {
        self.files = self.files.checked_sub(1).ok_or(format!("more than {MAX_FILES} files"))?;
        Ok(())
    }

    /// Counts the bytes of one file.
    pub(super) fn take_bytes(&mut self, bytes: u64) -> Result<(), String> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }

    /// How many bytes may still come.
    pub(super) fn bytes_left(&self) -> u64 {
        self.bytes
    }
}

/// What is said of a chart above [`MAX_BYTES`].
pub(super) fn too_large() -> String {
    format!("more than {} MiB unpacked", MAX_BYTES >> 20)
}

/// What is said of a file above [`MAX_FILE_BYTES`].
pub(super) fn file_too_large() -> String {
    format!("is larger than {} MiB", MAX_FILE_BYTES >> 20)
}

/// Whether a chart has a use for this path. Nothing else is read: a `.git` or a `target` beside Chart.yaml costs
/// nothing.
pub(super) fn has_use(path: &str) -> bool {
    const FILES: [&str; 4] = ["Chart.yaml", "values.yaml", "values.schema.json", "requirements.yaml"];
    match path.split_once('/') {
        None => FILES.contains(&path),
        Some(("charts", rest)) => match rest.split_once('/') {
            Some((_, inside)) => has_use(inside),
            None => is_archive(rest),
        },
        Some((folder, _)) => FOLDERS.contains(&folder),
    }
}

/// Whether a folder can hold files that the chart has a use for.
pub(super) fn may_enter(path: &str) -> bool {
    match path.split_once('/') {
        None => path == "charts" || FOLDERS.contains(&path),
        Some(("charts", rest)) => rest.split_once('/').is_none_or(|(_, inside)| may_enter(inside)),
        Some((folder, _)) => FOLDERS.contains(&folder),
    }
}

/// Whether a file is a packed chart by its name.
pub(super) fn is_archive(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "tgz"))) || name.strip_suffix(".tar.gz").is_some()
}

const FOLDERS: [&str; 3] = ["templates", "files", "crds"];

impl FileTree {
    /// Takes everything below `prefix` (with its slash) out, as a tree of its own.
    pub(super) fn split_off(&mut self, prefix: &str) -> Self {
        let inside: Vec<String> = self.files.keys().filter(|path| path.starts_with(prefix)).cloned().collect();
        let files = inside
            .into_iter()
            .filter_map(|path| Some((path[prefix.len()..].to_owned(), self.files.remove(&path)?)))
            .collect();
        Self { files }
    }
}
