//! The state in a file: private to its owner, and what a request changes is written before it is answered: into the
//! [`Journal`] beside it, and when that has grown as long as the file, or the process ends, into the file as a whole.
//!
//! Several processes may use one file. A request holds an exclusive lock on `FILE.lock` for its time, rereads the file
//! if somebody wrote it since, and replaces it by rename, so that a reader or a kill at any instant finds a whole
//! state. The lock is a file of its own because a rename changes which file `FILE` is. What a killed process left of a
//! new state (`FILE.new`) is nobody's to read, and goes with the next one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock::Clock;
use super::disks::Disks;
use super::journal::Journal;
use super::state::{Key, State};

/// Version of the stored form.
const FORMAT: u32 = 1;

/// A file with a state in it.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    lock: PathBuf,
    seen: Option<Stamp>,
    /// Names the whole state in the file to the lines that follow it.
    base: String,
    journal: Journal,
}

/// A journal shorter than this is not worth a new file.
const SHORT: u64 = 256 * 1024;

/// Tells whether a file is still the one that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<std::time::SystemTime>,
    inode: u64,
}

/// As it is stored.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    format: u32,
    base: &'a str,
    revision: u64,
    clock: &'a Clock,
    disks: &'a Disks,
    logs: &'a super::state::Logs,
    objects: Vec<&'a Value>,
}

/// As it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Loaded {
    format: u32,
    #[serde(default)]
    base: String,
    revision: u64,
    clock: Clock,
    disks: Disks,
    logs: std::collections::BTreeMap<String, Vec<String>>,
    objects: Vec<Value>,
}

impl StateFile {
    /// A file that is there or will be made by the first [`store`](Self::store).
    pub(super) fn new(path: &Path) -> Self {
        let journal = Journal::of(path);
        Self { path: path.to_owned(), lock: beside(path, "lock"), seen: None, base: String::new(), journal }
    }

    /// Waits until no other process is in the middle of a request; they are short. Free again when dropped.
    pub(super) fn hold(&mut self) -> Result<File, String> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            private_folder(folder).map_err(|error| self.words("make a folder for", &self.path, &error))?;
        }
        let lock = private().create(true).truncate(false).open(&self.lock);
        lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(|error| self.words("lock", &self.lock, &error))
    }

    /// The state in the file and its journal if another process wrote since they were read or written last; `known` is
    /// the state of then. None too if there is no file yet.
    pub(super) fn reload(&mut self, known: Option<&State>) -> Result<Option<State>, String> {
        let stamp = self.stamp()?;
        if stamp.is_none() && self.seen.is_some() {
            return Err(format!("sandbox file `{}` was removed while it was in use", self.path.display()));
        }
        let Some(stamp) = stamp else { return Ok(None) };
        let whole = if self.seen.as_ref() == Some(&stamp) { None } else { Some(self.load()?) };
        self.seen = Some(stamp);
        let is_new = whole.is_some();
        if is_new {
            self.journal.rewind();
        } else if !self.journal.has_more() {
            return Ok(None);
        }
        let Some(mut state) = whole.or_else(|| known.cloned()) else { return Ok(None) };
        let more = self.journal.catch_up(&self.base, &mut state);
        let more = more.map_err(|error| self.words("read the journal of", &self.path, &error))?;
        Ok((is_new || more).then_some(state))
    }

    fn load(&mut self) -> Result<State, String> {
        let text = fs::read(&self.path).map_err(|error| self.words("read", &self.path, &error))?;
        let loaded: Loaded = serde_json::from_slice(&text).map_err(|error| self.broken(&error.to_string()))?;
        if loaded.format != FORMAT {
            return Err(self.broken(&format!("its format is {}, this kchart knows {FORMAT}", loaded.format)));
        }
        let mut state = State::new(loaded.clock);
        for object in loaded.objects {
            let key = Key::of(&object).ok_or_else(|| self.broken("an object without kind or name"))?;
            state.restore(&key, object);
        }
        for (container, lines) in loaded.logs {
            state.print(&container, Some(lines));
        }
        state.take_changes();
        (state.revision, state.disks, self.base) = (loaded.revision, loaded.disks, loaded.base);
        Ok(state)
    }

    /// Writes what led from one state to the next.
    pub(super) fn add(&mut self, before: &State, after: &State) -> Result<(), String> {
        let whole = self.seen.as_ref().map_or(0, |seen| seen.length);
        if self.base.is_empty() || self.journal.length() > whole.max(SHORT) {
            return self.store(after);
        }
        let added = self.journal.add(&self.base, before, after);
        added.map_err(|error| self.words("write the journal of", &self.path, &error))
    }

    /// Writes the whole state, if the file has not got all of it.
    pub(super) fn finish(&mut self, state: &State) -> Result<(), String> {
        if self.journal.length() == 0 { Ok(()) } else { self.store(state) }
    }

    /// Writes the whole state and waits until it is on the disk.
    pub(super) fn store(&mut self, state: &State) -> Result<(), String> {
        // A new name: no line of before is taken for one that follows.
        let base = Clock::Real.uid();
        self.replace(state, &base).map_err(|error| self.words("write", &self.path, &error))?;
        self.base = base;
        self.seen = self.stamp()?;
        self.journal.clear().map_err(|error| self.words("write the journal of", &self.path, &error))
    }

    fn replace(&self, state: &State, base: &str) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let stored = Stored {
            format: FORMAT,
            base,
            revision: state.revision,
            clock: &state.clock,
            disks: &state.disks,
            logs: state.logs(),
            objects: state.everything().map(|(_, _, object)| &**object).collect(),
        };
        let new = beside(&self.path, "new");
        remove_if_there(&new)?;
        let mut file = private().create_new(true).open(&new)?;
        if let Err(error) = write_whole(&mut file, &stored).and_then(|()| fs::rename(&new, &self.path)) {
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        // The rename itself has to be on the disk too; folders can't be opened everywhere.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    fn stamp(&self) -> Result<Option<Stamp>, String> {
        match fs::metadata(&self.path) {
            Ok(metadata) => {
                Ok(Some(Stamp { length: metadata.len(), modified: metadata.modified().ok(), inode: inode(&metadata) }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.words("read", &self.path, &error)),
        }
    }

    #[expect(clippy::unused_self, reason = "reads as what it is about")]
    fn words(&self, doing: &str, path: &Path, error: &io::Error) -> String {
        format!("cannot {doing} sandbox file `{}`: {error}", path.display())
    }

    fn broken(&self, why: &str) -> String {
        format!("`{}` is not a sandbox file: {why}", self.path.display())
    }
}

/// Writes a state to its last byte, and waits until that is on the disk.
fn write_whole(file: &mut File, stored: &Stored<'_>) -> io::Result<()> {
    let mut text = io::BufWriter::new(&mut *file);
    serde_json::to_writer(&mut text, stored)?;
    // Not left to the buffer's end, which tells nobody that the disk is full.
    text.flush()?;
    drop(text);
    file.sync_all()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// `FILE.EXTENSION`.
pub(super) fn beside(file: &Path, extension: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".");
    path.push(extension);
    path.into()
}

/// Options of a file that only its owner may read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder that only its owner may enter, with those above it.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_metadata: &fs::Metadata) -> u64 {
    0
}
