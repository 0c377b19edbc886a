//! The writes that watches can go on from.

use std::collections::VecDeque;

use super::state::Change;

/// How many writes are kept; a watch from before them is told that its version is gone.
const KEPT: usize = 4096;

/// The newest writes, oldest first.
pub(super) struct History {
    changes: VecDeque<Change>,
    /// Nothing at or before this version is known.
    forgotten: u64,
}

impl History {
    /// An empty history that begins after a version.
    pub(super) fn from(revision: u64) -> Self {
        Self { changes: VecDeque::new(), forgotten: revision }
    }

    /// Adds writes.
    pub(super) fn add(&mut self, changes: Vec<Change>) {
        self.changes.extend(changes);
        while self.changes.len() > KEPT {
            if let Some(oldest) = self.changes.pop_front() {
                self.forgotten = oldest.revision;
            }
        }
    }

    /// The writes after a version; none if some of them were forgotten.
    pub(super) fn since(&self, revision: u64) -> Option<impl Iterator<Item = &Change>> {
        let known = revision >= self.forgotten;
        known.then(|| self.changes.iter().filter(move |change| change.revision > revision))
    }
}
