//! How a release does: its newest revision, its objects as they live, what it would leave.

use std::collections::BTreeSet;

use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::plan::{self, Facts, Question};
use crate::readiness::{self, Cause, Readiness};
use crate::release::{Header, Item, Ledger, Record, Release, Revision, Status};

use super::{Target, get, name};

/// How a release does.
#[derive(Debug)]
pub struct Standing {
    /// Which release.
    pub release: Release,
    /// Its newest revision; none when only a ledger is left.
    pub record: Option<Record>,
    /// Its objects, in the order of its inventory.
    pub objects: Vec<ObjectStanding>,
    /// What is known of its claims.
    pub ledger: Option<Ledger>,
    /// Why the last attempt failed, if it did.
    pub failed: Option<FailedAttempt>,
}

/// A revision that failed, with what was found then: by now the cluster may look different.
#[derive(Clone, Debug)]
pub struct FailedAttempt {
    /// Which revision.
    pub revision: Revision,
    /// Why objects were not ready, by object.
    pub causes: Vec<Cause>,
}

/// How an object does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectStanding {
    /// Which object.
    pub id: ObjectId,
    /// None when it is not there.
    pub readiness: Option<Readiness>,
    /// Why it need not be there, if it is not and there is a good reason.
    pub absence: Option<&'static str>,
}

/// Asks for the record and for the objects that it names.
pub async fn run(name: &str, namespace: Option<&str>, target: &Target) -> Result<Standing, Failure> {
    name::checked(name)?;
    name::checked_namespace(namespace)?;
    let cluster = target.connect().await?;
    let release = name::release(name, namespace, &cluster.default_namespace)?;
    let mut past = cluster.past(&release).await?;
    let Some(record) = past.records.pop() else {
        return match past.ledger {
            Some(ledger) => {
                Ok(Standing { release, record: None, objects: Vec::new(), ledger: Some(ledger), failed: None })
            }
            None => Err(get::no_such(&cluster, &release).await),
        };
    };
    let failed = match last_failure(&past.headers) {
        Some(revision) => {
            let causes = cluster.causes(&release, revision).await?;
            (!causes.is_empty()).then_some(FailedAttempt { revision, causes })
        }
        None => None,
    };
    let facts = cluster.answer(&questions(&record.inventory)).await?;
    let objects = record.inventory.iter().map(|item| standing(&item.id, &record, &facts)).collect();
    Ok(Standing { release, record: Some(record), objects, ledger: past.ledger, failed })
}

/// The revision whose failure is still news: the newest, or the one before it when that was rolled back. One that was
/// uninstalled may be a first install that failed.
fn last_failure(headers: &[Header]) -> Option<Revision> {
    let failed = |header: &&Header| matches!(header.status, Status::Failed | Status::Uninstalled);
    match headers {
        [.., before, newest] if newest.description.starts_with("rollback") => Some(before).filter(failed),
        [.., newest] => Some(newest).filter(failed),
        [] => None,
    }
    .map(|header| header.revision)
}

/// One list a kind and namespace.
fn questions(inventory: &[Item]) -> Vec<Question> {
    let kinds: BTreeSet<Question> = inventory
        .iter()
        .map(|Item { id, version }| Question::Objects {
            group: id.group.clone(),
            kind: id.kind.clone(),
            version: version.clone(),
            namespace: id.namespace.clone(),
        })
        .collect();
    kinds.into_iter().collect()
}

fn standing(id: &ObjectId, record: &Record, facts: &Facts) -> ObjectStanding {
    let readiness = facts.live.get(id).map(|live| readiness::judge(id, &live.body));
    // Only what is not there is looked for: that is little.
    let wanted = || record.objects.iter().find(|object| object.id == *id);
    let absence = if readiness.is_none() { wanted().and_then(plan::absence) } else { None };
    ObjectStanding { id: id.clone(), readiness, absence }
}
