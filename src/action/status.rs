//! How a release does: its newest revision, its objects as they live, what it would leave.

use std::collections::BTreeSet;

use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::plan::volumes::{Estate, Tenant};
use crate::plan::{self, Facts, Question, UnfinishedRotation};
use crate::readiness::{self, Cause, Readiness};
use crate::release::{Header, Item, Ledger, Past, Record, Release, Revision, Status};

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
    /// Its claims and volumes as they live, with what is known of them.
    pub estate: Estate,
    /// Why the last attempt failed, if it did.
    pub failed: Option<FailedAttempt>,
    /// Who is at work on it, if its last run did not end.
    pub lock: Option<Lock>,
    /// Rotations that were begun and are not over.
    pub rotations: Vec<UnfinishedRotation>,
}

/// The lock of a release whose last run did not end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Somebody holds it: a run, or one that was killed a moment ago.
    Held(String),
    /// Nobody holds it: the run is gone.
    Free,
    /// It can't be read.
    Unknown,
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
    let record = past.records.pop();
    if record.is_none() && past.ledger.is_none() {
        return Err(get::no_such(&cluster, &release).await);
    }
    let failed = match last_failure(&past.headers).filter(|_| record.is_some()) {
        Some(revision) => {
            let causes = cluster.causes(&release, revision).await?;
            (!causes.is_empty()).then_some(FailedAttempt { revision, causes })
        }
        None => None,
    };
    let lock = match &record {
        Some(record) if record.status.is_pending() => Some(match cluster.lock_holder(&release).await {
            Ok(Some(holder)) => Lock::Held(holder),
            Ok(None) => Lock::Free,
            // Whoever may not read it is told all else.
            Err(_) => Lock::Unknown,
        }),
        _ => None,
    };
    let inventory = record.as_ref().map(|record| record.inventory.as_slice()).unwrap_or_default();
    let mut namespaces: BTreeSet<String> = past.ledger.iter().flat_map(Ledger::namespaces).map(str::to_owned).collect();
    namespaces.insert(release.namespace.clone());
    let entries = past.ledger.iter().flat_map(|ledger| &ledger.entries);
    let uids = entries.map(|entry| entry.uid.clone()).collect();
    let facts = cluster.answer(&questions(inventory, &namespaces, uids)).await?;
    let objects =
        record.iter().flat_map(|record| record.inventory.iter().map(|item| standing(&item.id, record, &facts)));
    let objects = objects.collect();
    let rotations = plan::unfinished_rotations(&facts, &release);
    let past = Past { records: record.iter().cloned().collect(), ..past };
    let estate = Estate { namespaces, facts, tenants: vec![Tenant { release: release.clone(), past }] };
    Ok(Standing { release, record, objects, estate, failed, lock, rotations })
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

/// One list a kind and namespace; claims and Secrets in any case: what opens a claim may be gone, and a Secret may hold
/// both values of a key that is being rotated. Volumes only if one of these claims is gone.
fn questions(inventory: &[Item], namespaces: &BTreeSet<String>, claims: BTreeSet<String>) -> Vec<Question> {
    let secrets = namespaces.iter().map(|it| Item { id: ObjectId::secret(it, ""), version: "v1".into() });
    let secrets: Vec<Item> = secrets.collect();
    let kinds: BTreeSet<Question> = inventory
        .iter()
        .chain(&secrets)
        .map(|Item { id, version }| Question::Objects {
            group: id.group.clone(),
            kind: id.kind.clone(),
            version: version.clone(),
            namespace: id.namespace.clone(),
        })
        .collect();
    let of_claims = namespaces.iter().cloned().map(Question::Claims).chain([Question::VolumesOfGone(claims)]);
    kinds.into_iter().chain(of_claims).collect()
}

fn standing(id: &ObjectId, record: &Record, facts: &Facts) -> ObjectStanding {
    let readiness = facts.live.get(id).map(|live| readiness::judge(id, &live.body));
    // Only what is not there is looked for: that is little.
    let wanted = || record.objects.iter().find(|object| object.id == *id);
    let absence = if readiness.is_none() { wanted().and_then(plan::absence) } else { None };
    ObjectStanding { id: id.clone(), readiness, absence }
}
