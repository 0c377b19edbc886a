//! What was written since the file was written whole: a line for each request, in a second file beside it, so that a
//! request costs what it changes and not what there is.
//!
//! A line counts when it is complete. What a process that was killed left of one is passed over, and cut off before the
//! next is written. Lines name the whole state that they follow; those of another one are passed over too.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock::Clock;
use super::disks::Disks;
use super::file::{beside, private};
use super::state::{Key, Kind, Name, State};

/// One request's changes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    /// Which whole state it follows.
    base: String,
    revision: u64,
    clock: Clock,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disks: Option<Disks>,
    /// Lines of containers that printed something, or are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    logs: Vec<(String, Option<Vec<String>>)>,
    put: Vec<Value>,
    gone: Vec<Gone>,
}

/// An object that was removed.
#[derive(Serialize, Deserialize)]
struct Gone {
    kind: Kind,
    namespace: String,
    name: String,
}

/// The second file.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    /// How much of it is in the state that this process has.
    read: u64,
}

impl Journal {
    /// The journal of a file.
    pub(super) fn of(file: &Path) -> Self {
        Self { path: beside(file, "journal"), read: 0 }
    }

    /// How long it is, as far as this process knows.
    pub(super) fn length(&self) -> u64 {
        self.read
    }

    /// A new whole state was read: all lines are still to be read.
    pub(super) fn rewind(&mut self) {
        self.read = 0;
    }

    /// Whether it is longer than this process knows.
    pub(super) fn has_more(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() > self.read)
    }

    /// Adds what other processes wrote since the last look; whether that was anything.
    pub(super) fn catch_up(&mut self, base: &str, state: &mut State) -> io::Result<bool> {
        let mut file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file?,
        };
        file.seek(SeekFrom::Start(self.read))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let mut any = false;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let Some(line) = line.strip_suffix(b"\n") else { break };
            let Ok(read) = serde_json::from_slice::<Line>(line) else { break };
            self.read += line.len() as u64 + 1;
            // A line that the whole state has already was there when its writer died between the two files.
            if read.base == base && read.revision > state.revision {
                read.play(state);
                any = true;
            }
        }
        Ok(any)
    }

    /// Adds the changes that led from one state to the next.
    pub(super) fn add(&mut self, base: &str, before: &State, after: &State) -> io::Result<()> {
        let mut text = serde_json::to_vec(&Line::of(base, before, after))?;
        text.push(b'\n');
        let mut file = private().create(true).truncate(false).open(&self.path)?;
        // What a killed writer left of a line.
        file.set_len(self.read)?;
        file.seek(SeekFrom::Start(self.read))?;
        file.write_all(&text)?;
        self.read += text.len() as u64;
        Ok(())
    }

    /// All of it is in the whole state now.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.read = 0;
        match OpenOptions::new().write(true).open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            file => file?.set_len(0),
        }
    }
}

impl Line {
    fn of(base: &str, before: &State, after: &State) -> Self {
        let mut keys: Vec<&Key> = after.changes().iter().map(|change| &change.key).collect();
        keys.sort();
        keys.dedup();
        let (put, gone): (Vec<&Key>, Vec<&Key>) = keys.into_iter().partition(|key| after.get(key).is_some());
        Self {
            base: base.to_owned(),
            revision: after.revision,
            clock: after.clock.clone(),
            disks: (before.disks != after.disks).then(|| after.disks.clone()),
            logs: after.printed().map(|name| (name.to_owned(), after.logs().get(name).cloned())).collect(),
            put: put.into_iter().filter_map(|key| Some((**after.get(key)?).clone())).collect(),
            gone: gone
                .into_iter()
                .map(|key| Gone {
                    kind: key.kind.clone(),
                    namespace: key.at.namespace.clone(),
                    name: key.at.name.clone(),
                })
                .collect(),
        }
    }

    fn play(self, state: &mut State) {
        for gone in self.gone {
            state.forget(&Key { kind: gone.kind, at: Name { namespace: gone.namespace, name: gone.name } });
        }
        for object in self.put {
            if let Some(key) = Key::of(&object) {
                state.restore(&key, object);
            }
        }
        for (name, lines) in self.logs {
            state.print(&name, lines);
        }
        if let Some(disks) = self.disks {
            state.disks = disks;
        }
        (state.revision, state.clock) = (self.revision, self.clock);
        state.take_changes();
    }
}
