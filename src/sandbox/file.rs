//! The state in a file: whole, private to its owner, and written before a request is answered.
//!
//! Several processes may use one file. A request holds an exclusive lock on `FILE.lock` for its time, rereads the file
//! if somebody wrote it since, and replaces it by rename, so that a reader or a kill at any instant finds a whole
//! state. The lock is a file of its own because a rename changes which file `FILE` is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock::Clock;
use super::disks::Disks;
use super::state::{Key, State};

/// Version of the stored form.
const FORMAT: u32 = 1;

/// A file with a state in it.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    lock: PathBuf,
    seen: Option<Stamp>,
}

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
    revision: u64,
    clock: Clock,
    disks: Disks,
    logs: super::state::Logs,
    objects: Vec<Value>,
}

impl StateFile {
    /// A file that is there or will be made by the first [`store`](Self::store).
    pub(super) fn new(path: &Path) -> Self {
        let mut lock = path.as_os_str().to_owned();
        lock.push(".lock");
        Self { path: path.to_owned(), lock: lock.into(), seen: None }
    }

    /// Waits until no other process is in the middle of a request; they are short. Free again when dropped.
    pub(super) fn hold(&mut self) -> Result<File, String> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            private_folder(folder).map_err(|error| self.words("make a folder for", &self.path, &error))?;
        }
        let lock = private().create(true).truncate(false).open(&self.lock);
        lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(|error| self.words("lock", &self.lock, &error))
    }

    /// The state in the file if it is not the one that was read or stored last; none too if there is no file yet.
    pub(super) fn reload(&mut self) -> Result<Option<State>, String> {
        let stamp = self.stamp()?;
        if stamp.is_none() && self.seen.is_some() {
            return Err(format!("sandbox file `{}` was removed while it was in use", self.path.display()));
        }
        if stamp == self.seen {
            return Ok(None);
        }
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
        (state.revision, state.disks, state.logs) = (loaded.revision, loaded.disks, loaded.logs);
        self.seen = stamp;
        Ok(Some(state))
    }

    /// Writes the whole state and waits until it is on the disk.
    pub(super) fn store(&mut self, state: &State) -> Result<(), String> {
        self.replace(state).map_err(|error| self.words("write", &self.path, &error))?;
        self.seen = self.stamp()?;
        Ok(())
    }

    fn replace(&self, state: &State) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let stored = Stored {
            format: FORMAT,
            revision: state.revision,
            clock: &state.clock,
            disks: &state.disks,
            logs: &state.logs,
            objects: state.everything().map(|(_, _, object)| &**object).collect(),
        };
        // tempfile makes it with mode 0600 and removes it if anything below fails.
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(io::BufWriter::new(new.as_file_mut()), &stored)?;
        new.as_file_mut().flush()?;
        new.as_file().sync_all()?;
        new.persist(&self.path)?;
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

/// Options of a file that only its owner may read.
fn private() -> OpenOptions {
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
