//! The history of a release: its headers, and records that are no longer kept.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use kube::core::params::{DeleteParams, ListParams, Preconditions};
use serde_json::Value as Json;

use super::secrets;
use crate::cluster::Cluster;
use crate::cluster::secrets::words;
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::ObjectId;
use crate::object::marks::{REVISION, STORES};
use crate::release::{Header, Release, Revision, Status, settle, stored};

/// How often records that somebody else writes are looked for again.
const TRIES: usize = 5;

/// A Secret of a record, by its metadata.
struct Part {
    revision: Revision,
    /// Whether it is the first one, which makes the record visible.
    first: bool,
    name: String,
    uid: String,
}

impl Cluster {
    /// The headers of all revisions, oldest first.
    pub(crate) async fn headers(&self, release: &Release) -> Result<Vec<Header>, Failure> {
        let mut headers = self.stored_headers(release).await?;
        settle(&mut headers);
        Ok(headers)
    }

    /// The same, with each status as it is written.
    pub(super) async fn stored_headers(&self, release: &Release) -> Result<Vec<Header>, Failure> {
        let params = ListParams::default().labels(&stored::records(Some(&release.name)));
        let listing = self
            .list_metadata(&secrets(), Some(&release.namespace), &params)
            .await
            .map_err(|fault| self.store_failure(&fault, "list", release))?;
        let mut headers = listing.items.iter().map(header).collect::<Result<Vec<_>, _>>().map_err(Failure::failed)?;
        headers.sort_by_key(|header| header.revision);
        Ok(headers)
    }

    pub(in crate::cluster) async fn trim(&self, release: &Release, keep: usize) -> Result<(), Failure> {
        let (headers, parts) = futures::future::try_join(self.headers(release), self.parts(release)).await?;
        let gone = outdated(&headers, &parts.iter().map(|part| part.revision).collect(), keep);
        // One that somebody wrote anew is no longer too much.
        self.delete_parts(release, parts.into_iter().filter(|part| gone.contains(&part.revision))).await.map(drop)
    }

    /// Deletes all records of a release.
    pub(crate) async fn drop_history(&self, release: &Release) -> Result<(), Failure> {
        for _ in 0..TRIES {
            let parts = self.parts(release).await?;
            if self.delete_parts(release, parts.into_iter()).await? {
                return Ok(());
            }
        }
        let message = format!("the records of release `{}` change faster than they can be deleted", release.name);
        Err(Failure::failed(Diagnostic::error(message).hint("is another run of kchart at work on this release?")))
    }

    /// Whether a run that was killed at its very end left something of a release that is gone: its lock, or parts of
    /// records.
    pub(crate) async fn has_remnants(&self, release: &Release) -> Result<bool, Failure> {
        let (parts, lease) = futures::future::try_join(self.parts(release), self.has_lease(release)).await?;
        Ok(lease || !parts.is_empty())
    }

    async fn parts(&self, release: &Release) -> Result<Vec<Part>, Failure> {
        let params = ListParams::default().labels(&stored::history(&release.name));
        let listing = self
            .list_metadata(&secrets(), Some(&release.namespace), &params)
            .await
            .map_err(|fault| self.store_failure(&fault, "list", release))?;
        Ok(listing.items.iter().filter_map(part).collect())
    }

    /// First what makes the records visible: one that is seen is whole, whenever the run is killed. False when another
    /// object had taken the name of one.
    async fn delete_parts(&self, release: &Release, parts: impl Iterator<Item = Part>) -> Result<bool, Failure> {
        let (first, rest): (Vec<Part>, Vec<Part>) = parts.partition(|part| part.first);
        Ok(self.delete_all(release, first).await? && self.delete_all(release, rest).await?)
    }

    async fn delete_all(&self, release: &Release, parts: Vec<Part>) -> Result<bool, Failure> {
        let deleted = try_join_all(parts.into_iter().map(|part| async move {
            let id = ObjectId::secret(&release.namespace, &part.name);
            let uid = Preconditions { uid: Some(part.uid), resource_version: None };
            let draft = secrets().requests_for(&id).delete(&part.name, &DeleteParams::background().preconditions(uid));
            match self.call_repeatable(draft, Some(&id)).await {
                Err(fault) if fault.is_not_found() => Ok(true),
                Err(fault) if fault.is_conflict() => Ok(false),
                Err(fault) => Err(self.store_failure(&fault, "delete", release)),
                Ok(_) => Ok(true),
            }
        }))
        .await?;
        Ok(deleted.into_iter().all(|is_gone| is_gone))
    }
}

/// The header in the metadata of a record's first Secret.
pub(super) fn header(item: &Json) -> Result<Header, Diagnostic> {
    let text = |pointer: &str| item.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
    let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
    let started = item.pointer("/metadata/creationTimestamp").and_then(Json::as_str).and_then(|text| text.parse().ok());
    let header =
        stored::header(namespace, name, &words(item, "/metadata/labels"), &words(item, "/metadata/annotations"))?;
    // A record is written before its run does anything.
    Ok(Header { started, ..header })
}

fn part(item: &Json) -> Option<Part> {
    let text = |pointer: &str| item.pointer(pointer).and_then(Json::as_str).map(str::to_owned);
    let labels = words(item, "/metadata/labels");
    let revision = labels.get(REVISION)?.parse().ok()?;
    let first = labels.get(STORES).map(String::as_str) == Some(stored::RECORD);
    Some(Part { revision, first, name: text("/metadata/name")?, uid: text("/metadata/uid")? })
}

/// The revisions that go so that `keep` are left: the oldest ones, never the one in force; and parts of records whose
/// first Secret is missing, which a killed run left behind.
fn outdated(headers: &[Header], stored: &BTreeSet<Revision>, keep: usize) -> BTreeSet<Revision> {
    let statuses: BTreeMap<Revision, Status> = headers.iter().map(|header| (header.revision, header.status)).collect();
    let newest = statuses.keys().next_back().copied();
    let surplus = statuses.len().saturating_sub(keep);
    let removable =
        statuses.iter().filter(|(revision, status)| **status != Status::Deployed && Some(**revision) != newest);
    let mut gone: BTreeSet<Revision> = removable.map(|(revision, _)| *revision).take(surplus).collect();
    gone.extend(
        stored
            .iter()
            .filter(|revision| !statuses.contains_key(revision) && newest.is_some_and(|newest| **revision < newest)),
    );
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_and_the_one_in_force_stays() {
        let header = |revision, status| Header {
            revision,
            status,
            started: None,
            updated: jiff::Timestamp::UNIX_EPOCH,
            chart: None,
            description: String::new(),
        };
        let headers = [
            header(1, Status::Superseded),
            header(2, Status::Deployed),
            header(3, Status::Failed),
            header(4, Status::Failed),
            header(6, Status::Failed),
        ];
        let stored = BTreeSet::from([1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(outdated(&headers, &stored, 9), BTreeSet::from([5]), "a rest of revision 5; 7 is being written");
        assert_eq!(outdated(&headers, &stored, 3), BTreeSet::from([1, 3, 5]));
        assert_eq!(outdated(&headers, &stored, 0), BTreeSet::from([1, 3, 4, 5]), "the newest stays too");
    }
}
