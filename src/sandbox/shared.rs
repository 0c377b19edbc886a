//! The cluster behind all clients of one sandbox: its state under a lock, what it remembers of past writes, and the
//! bell that wakes watches.
//!
//! A write is one transaction: it works on a copy of the state, controllers react to it until nothing changes any
//! more, the result is stored, and only then does it become the state and is answered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::controller;
use super::file::StateFile;
use super::history::History;
use super::rejection::Rejection;
use super::requests::Requested;
use super::state::State;

/// How many states of the past are kept for lists that are read in pieces.
const SNAPSHOTS: usize = 8;

/// What all clients share.
pub(super) struct Shared {
    inside: Mutex<Inside>,
    bell: watch::Sender<u64>,
    /// Whether other processes may write too, so that a watch has to look by itself.
    pub(super) has_file: bool,
}

/// What the lock guards.
pub(super) struct Inside {
    pub(super) state: State,
    pub(super) history: History,
    pub(super) requests: Vec<Requested>,
    snapshots: VecDeque<State>,
    file: Option<StateFile>,
}

impl Shared {
    pub(super) fn new(state: State, file: Option<StateFile>) -> Self {
        let history = History::from(state.revision);
        let bell = watch::Sender::new(state.revision);
        let (requests, snapshots) = (Vec::new(), VecDeque::new());
        let has_file = file.is_some();
        Self { inside: Mutex::new(Inside { state, history, requests, snapshots, file }), bell, has_file }
    }

    /// The inside, for itself. A panic in another thread leaves a whole state behind, since states are swapped.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings after each write.
    pub(super) fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    /// Looks at the state as it is now.
    pub(super) fn read<T>(&self, look: impl FnOnce(&mut Inside) -> Result<T, Rejection>) -> Result<T, Rejection> {
        let mut inside = self.lock();
        let inside = &mut *inside;
        if let Some(mut file) = inside.file.take() {
            let refreshed = file.hold().and_then(|_held| inside.refresh(&mut file));
            inside.file = Some(file);
            refreshed.map_err(Rejection::internal)?;
        }
        let answer = look(inside);
        self.bell.send_if_modified(|revision| std::mem::replace(revision, inside.state.revision) != *revision);
        answer
    }

    /// Changes the state, whole or not at all; a dry run is thrown away.
    pub(super) fn write<T>(
        &self,
        dry_run: bool,
        change: impl FnOnce(&mut State) -> Result<T, Rejection>,
    ) -> Result<T, Rejection> {
        let mut inside = self.lock();
        let inside = &mut *inside;
        let mut file = inside.file.take();
        let answer = inside.transact(file.as_mut(), dry_run, change);
        inside.file = file;
        self.bell.send_if_modified(|revision| std::mem::replace(revision, inside.state.revision) != *revision);
        answer
    }
}

impl Inside {
    fn transact<T>(
        &mut self,
        mut file: Option<&mut StateFile>,
        dry_run: bool,
        change: impl FnOnce(&mut State) -> Result<T, Rejection>,
    ) -> Result<T, Rejection> {
        let held = file.as_deref_mut().map(StateFile::hold).transpose().map_err(Rejection::internal)?;
        if let Some(file) = file.as_deref_mut() {
            self.refresh(file).map_err(Rejection::internal)?;
        }
        let mut draft = self.state.clone();
        draft.clock.tick();
        draft.rehearsed = dry_run;
        let answer = change(&mut draft)?;
        if dry_run {
            return Ok(answer);
        }
        controller::settle(&mut draft);
        if let Some(file) = file {
            file.add(&self.state, &draft).map_err(Rejection::internal)?;
        }
        drop(held);
        let changes = draft.take_changes();
        self.state = draft;
        self.history.add(changes);
        Ok(answer)
    }

    /// Takes over what another process wrote.
    fn refresh(&mut self, file: &mut StateFile) -> Result<(), String> {
        if let Some(newer) = file.reload(Some(&self.state))? {
            self.history.add(self.state.differences(&newer));
            self.state = newer;
        }
        Ok(())
    }

    /// Keeps the state of now for the next piece of a list.
    pub(super) fn keep_snapshot(&mut self) {
        if self.snapshots.iter().all(|kept| kept.revision != self.state.revision) {
            self.snapshots.push_back(self.state.clone());
            while self.snapshots.len() > SNAPSHOTS {
                self.snapshots.pop_front();
            }
        }
    }

    /// The state at a version, if it is kept.
    pub(super) fn snapshot(&self, revision: u64) -> Option<&State> {
        self.snapshots.iter().find(|kept| kept.revision == revision)
    }
}

/// A process that ends leaves one whole file; one that is killed leaves the journal, and the next one goes on from it.
impl Drop for Inside {
    fn drop(&mut self) {
        let Some(mut file) = self.file.take() else { return };
        let finished = file.hold().and_then(|_held| {
            self.refresh(&mut file)?;
            file.finish(&self.state)
        });
        if let Err(why) = finished {
            tracing::debug!("the sandbox's file is not whole: {why}");
        }
    }
}

/// Shorthand for what services and streams hold.
pub(super) type Cluster = Arc<Shared>;
