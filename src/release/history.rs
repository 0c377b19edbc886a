//! What is known of a release before a run: its revisions and its ledger.

use jiff::Timestamp;

use super::record::{ChartSummary, Item};
use super::{Ledger, Record, Revision, Status};

/// What the history shows of a revision without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Which revision.
    pub revision: Revision,
    /// What became of it.
    pub status: Status,
    /// When its status last changed.
    pub updated: Timestamp,
    /// Its chart.
    pub chart: Option<ChartSummary>,
    /// One sentence.
    pub description: String,
}

/// What the cluster knows of a release.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// All revisions, oldest first.
    pub headers: Vec<Header>,
    /// The opened records: from the last successful one to the newest, oldest first.
    pub records: Vec<Record>,
    /// The ledger, if the release ever made a claim that is not gone.
    pub ledger: Option<Ledger>,
}

impl Past {
    /// Whether nothing was ever stored, or all of it is uninstalled.
    pub fn is_new(&self) -> bool {
        self.headers.iter().all(|header| header.status == Status::Uninstalled)
    }

    /// The revision in force.
    pub fn deployed(&self) -> Option<&Record> {
        self.records.iter().rev().find(|record| record.status == Status::Deployed)
    }

    /// The newest revision.
    pub fn newest(&self) -> Option<&Record> {
        self.records.last()
    }

    /// The newest revision, if its run did not end.
    pub fn unfinished(&self) -> Option<&Record> {
        self.records.last().filter(|record| record.status.is_pending())
    }

    /// The number of the next revision.
    pub fn next_revision(&self) -> Revision {
        self.headers.iter().map(|header| header.revision).max().unwrap_or(0) + 1
    }

    /// The union of the inventories of all revisions since the last success, that one included: everything that may
    /// be in the cluster.
    pub fn inventory(&self) -> Vec<Item> {
        let start = self.records.iter().rposition(|record| record.status == Status::Deployed).unwrap_or(0);
        let mut items: Vec<Item> =
            self.records[start..].iter().flat_map(|record| record.inventory.iter().cloned()).collect();
        items.sort();
        items.dedup_by(|a, b| a.id == b.id);
        items
    }
}
