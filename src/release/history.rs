//! What is known of a release before a run: its revisions and its ledger.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::record::{ChartSummary, Item};
use super::{Ledger, Record, Revision, Status};
use crate::object::ObjectId;

/// What the history shows of a revision without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Which revision.
    pub revision: Revision,
    /// What became of it.
    pub status: Status,
    /// When its run began, if that is known.
    pub started: Option<Timestamp>,
    /// When its status last changed.
    pub updated: Timestamp,
    /// Its chart.
    pub chart: Option<ChartSummary>,
    /// One sentence.
    pub description: String,
}

impl Header {
    /// What becomes of a revision as soon as a later one is in force: what was in force, or was to be taken away, is
    /// superseded; what was never finished has failed. None where it ended by itself.
    pub fn outlived(&self) -> Option<Status> {
        match self.status {
            Status::Deployed | Status::Uninstalling => Some(Status::Superseded),
            Status::PendingInstall | Status::PendingUpgrade | Status::PendingRollback => Some(Status::Failed),
            Status::Superseded | Status::Failed | Status::Uninstalled => None,
        }
    }
}

/// Reads revisions, oldest first, as the last one in force leaves them: a run that was killed right after it put its
/// revision in force did not write down any more what became of those before. Whether that is still to be written.
pub fn settle(headers: &mut [Header]) -> bool {
    let last = headers.iter().rposition(|header| header.status == Status::Deployed).unwrap_or(0);
    let mut is_stale = false;
    for header in &mut headers[..last] {
        if let Some(status) = header.outlived() {
            header.status = status;
            is_stale = true;
        }
    }
    is_stale
}

/// What the cluster knows of a release.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// All revisions, oldest first.
    pub headers: Vec<Header>,
    /// The opened records: from the last successful one to the newest, oldest first.
    pub records: Vec<Record>,
    /// Whether records before the one in force still say what was true before it.
    pub stale: bool,
    /// The ledger, if the release ever made a claim that is not gone.
    pub ledger: Option<Ledger>,
    /// Objects of the newest revision, if it failed, in whose Pods logins were refused.
    pub refused_logins: BTreeSet<ObjectId>,
}

impl Past {
    /// Whether nothing was ever stored, or the newest of it is uninstalled.
    pub fn is_new(&self) -> bool {
        self.headers.last().is_none_or(|header| header.status == Status::Uninstalled)
    }

    /// The revision in force. Where a later one is being taken away, or was, none is: it took the whole release along.
    pub fn deployed(&self) -> Option<&Record> {
        in_force(&self.records, |record| record.status)
    }

    /// As [`Past::deployed`], of those that were not opened too.
    pub fn deployed_header(&self) -> Option<&Header> {
        in_force(&self.headers, |header| header.status)
    }

    /// The newest revision.
    pub fn newest(&self) -> Option<&Record> {
        self.records.last()
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

/// The last revision in force, of the oldest first.
fn in_force<T>(revisions: &[T], status: impl Fn(&T) -> Status) -> Option<&T> {
    let staying =
        revisions.iter().rev().take_while(|it| !matches!(status(it), Status::Uninstalling | Status::Uninstalled));
    staying.into_iter().find(|it| status(it) == Status::Deployed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Deployed, Failed, PendingUpgrade, Superseded, Uninstalled, Uninstalling};

    fn headers(statuses: &[Status]) -> Vec<Header> {
        let header = |(revision, status): (Revision, &Status)| Header {
            revision,
            status: *status,
            started: None,
            updated: Timestamp::UNIX_EPOCH,
            chart: None,
            description: String::new(),
        };
        (1..).zip(statuses).map(header).collect()
    }

    #[test]
    fn what_a_later_revision_outlived_is_neither_in_force_nor_unfinished() {
        for (stored, read) in [
            (vec![], vec![]),
            (vec![PendingUpgrade], vec![PendingUpgrade]),
            (vec![Deployed, Deployed], vec![Superseded, Deployed]),
            (vec![Deployed, PendingUpgrade, Deployed, Failed], vec![Superseded, Failed, Deployed, Failed]),
            (vec![Uninstalling, Uninstalled, Deployed], vec![Superseded, Uninstalled, Deployed]),
            (vec![Deployed, PendingUpgrade], vec![Deployed, PendingUpgrade]),
            (vec![Deployed, Uninstalling], vec![Deployed, Uninstalling]),
        ] {
            let mut headers = headers(&stored);
            assert_eq!(settle(&mut headers), read != stored);
            assert_eq!(headers.iter().map(|header| header.status).collect::<Vec<_>>(), read, "{stored:?}");
        }
    }

    #[test]
    fn what_was_taken_away_is_new_and_what_is_on_its_way_out_is_not_in_force() {
        for (statuses, is_new, in_force) in [
            (vec![], true, None),
            (vec![Superseded, Deployed], false, Some(2)),
            (vec![Deployed, Failed, PendingUpgrade], false, Some(1)),
            (vec![Deployed, Uninstalling], false, None),
            (vec![Superseded, Uninstalled], true, None),
            (vec![Deployed, Uninstalled], true, None),
            (vec![Superseded, Uninstalled, Failed], false, None),
            (vec![Uninstalled, Deployed], false, Some(2)),
        ] {
            let past = Past { headers: headers(&statuses), ..Past::default() };
            let deployed = past.deployed_header().map(|header| header.revision);
            assert_eq!((past.is_new(), deployed), (is_new, in_force), "{statuses:?}");
        }
    }
}
