//! A claim with its volume, either of which may be gone: whose it is, and how it stands.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::wanters::{Wanters, wanters};
use super::{Estate, Opener, Tenant, opener};
use crate::object::{ObjectId, marks};
use crate::plan::ownership::{self, Owner};
use crate::plan::{Claim, Known, Mounter, Phase, Reclaim, Volume};
use crate::release::{Entry, Past, Release, Status};

/// A claim and its volume.
#[derive(Clone, Debug)]
pub struct Holding<'a> {
    /// Namespace of the claim.
    pub namespace: &'a str,
    /// Name of the claim, be it gone.
    pub name: &'a str,
    /// Uid of the claim, be it gone; none of a volume that is reserved for a name.
    pub uid: Option<&'a str>,
    /// The claim, if it is there.
    pub claim: Option<&'a Claim>,
    /// Name of the volume, if there is or was one.
    pub volume_name: Option<&'a str>,
    /// The volume, if it is there and could be read.
    pub volume: Option<&'a Volume>,
    /// The release it belongs to; of an unproven one, the release whose claim has its name.
    pub release: Option<Release>,
    /// The release of Helm that made the claim, if one did.
    pub helm: Option<String>,
    /// What is stored of its release.
    pub tenant: Option<&'a Tenant>,
    /// What the ledger knows of the claim, by uid.
    pub entry: Option<&'a Entry>,
    /// Pods that mount it now.
    pub mounted_by: &'a [Mounter],
    /// Workloads that would mount it when they run.
    pub wanted_by: Wanters,
    /// What opens it.
    pub opened_by: Vec<Opener>,
    /// How it stands.
    pub state: State,
}

/// How a claim with its volume stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A Pod mounts it.
    InUse,
    /// Nobody mounts it now, but something wants it.
    Wanted,
    /// It is of a release that does not want it now.
    Kept,
    /// It is nobody's, and nobody mounts or wants it.
    Abandoned,
    /// Its claim is gone; the ledger proves whose it was.
    Orphan,
    /// Its claim is gone; nothing proves whose it was.
    Unproven,
    /// The volume waits for a claim of this name.
    Reserved,
    /// The claim is gone, and volumes can't be read.
    Unknown,
    /// Claim and volume are gone; the ledger still knows them.
    Gone,
}

impl Holding<'_> {
    /// Its size, as written.
    pub fn size(&self) -> Option<&str> {
        let claim = self.claim.and_then(|claim| claim.size.as_deref());
        claim.or(self.volume.and_then(|it| it.capacity.as_deref())).or(self.entry.and_then(|it| it.size.as_deref()))
    }

    /// When its data may have begun.
    pub fn since(&self) -> Option<Timestamp> {
        let claim = self.claim.map(|claim| claim.created);
        claim.or(self.entry.map(|entry| entry.created)).or(self.volume.and_then(|volume| volume.created))
    }

    /// Its storage class.
    pub fn class(&self) -> Option<&str> {
        self.claim.and_then(|claim| claim.class.as_deref()).or(self.volume.and_then(|volume| volume.class.as_deref()))
    }

    /// The reclaim policy of its volume, in Kubernetes' word.
    pub fn policy(&self) -> Option<&'static str> {
        self.volume.map(|volume| match volume.reclaim {
            Reclaim::Retain => "Retain",
            Reclaim::Delete => "Delete",
            Reclaim::Recycle => "Recycle",
        })
    }

    /// The phase of the volume, in Kubernetes' word; the claim's where the volume can't be read.
    pub fn phase(&self) -> Option<&'static str> {
        let of_claim = || self.claim.map(|claim| if claim.bound { "Bound" } else { "Pending" });
        match self.volume.map(|volume| volume.phase) {
            _ if self.claim.is_some_and(|claim| claim.terminating) => Some("Terminating"),
            Some(_) if self.volume.is_some_and(|volume| volume.terminating) => Some("Terminating"),
            Some(Phase::Bound) if self.claim.is_none() => Some("Released"),
            Some(Phase::Pending) => Some("Pending"),
            Some(Phase::Available) => Some("Available"),
            Some(Phase::Bound) => Some("Bound"),
            Some(Phase::Released) => Some("Released"),
            Some(Phase::Failed) => Some("Failed"),
            None => of_claim(),
        }
    }

    /// Until when it can have been mounted, if nobody mounts it and that is known.
    pub fn mounted_before(&self) -> Option<Timestamp> {
        if !self.mounted_by.is_empty() {
            return None;
        }
        let volume = self.volume.filter(|volume| matches!(volume.phase, Phase::Released | Phase::Failed));
        volume.and_then(|volume| volume.in_phase_since).or_else(|| {
            let newest = self.tenant?.past.headers.last()?;
            (self.state == State::Kept && newest.status == Status::Uninstalled).then_some(newest.updated)
        })
    }

    /// Whether something would miss it: a Pod, a workload, a release.
    pub fn is_needed(&self) -> bool {
        matches!(self.state, State::InUse | State::Wanted)
    }

    /// The name that means this one and no other: `claim/data-x-0`, or `pv/pvc-17`.
    pub fn reference(&self) -> String {
        match (self.claim, self.volume_name) {
            (None, Some(volume)) => format!("pv/{volume}"),
            _ => format!("claim/{}", self.name),
        }
    }
}

/// Everything that there is in the namespaces of an estate, by namespace, release and name.
pub fn holdings(estate: &Estate) -> Vec<Holding<'_>> {
    let mut all: Vec<Holding<'_>> =
        estate.facts.claims.iter().map(|((namespace, name), claim)| of_claim(estate, namespace, name, claim)).collect();
    let claims: BTreeSet<&str> = estate.facts.claims.values().map(|claim| claim.uid.as_str()).collect();
    let mut held: BTreeSet<&str> = BTreeSet::new();
    for (volume_name, volume) in estate.facts.volumes.get().into_iter().flatten() {
        let Some((namespace, name, uid)) = &volume.claim else { continue };
        if !estate.namespaces.contains(namespace) {
            continue; // its claim was not asked for
        }
        held.extend(uid.as_deref());
        let is_bound = match uid {
            Some(uid) => claims.contains(uid.as_str()),
            None => estate
                .facts
                .claims
                .get(&(namespace.clone(), name.clone()))
                .is_some_and(|claim| claim.volume.as_ref() == Some(volume_name)),
        };
        if !is_bound {
            all.push(of_volume(estate, volume_name, volume, (namespace, name, uid.as_deref())));
        }
    }
    let known = matches!(estate.facts.volumes, Known::Yes(_));
    for tenant in &estate.tenants {
        for entry in tenant.past.ledger.iter().flat_map(|ledger| &ledger.entries) {
            let is_reserved = all.iter().any(|it| it.entry.is_some_and(|other| std::ptr::eq(other, entry)));
            if !is_reserved && !claims.contains(entry.uid.as_str()) && !held.contains(entry.uid.as_str()) {
                all.push(of_entry(estate, tenant, entry, known));
            }
        }
    }
    all.sort_by(|a, b| {
        let key =
            |it: &Holding<'_>| (it.namespace.to_owned(), it.release.is_none(), it.release.clone(), it.name.to_owned());
        (key(a), a.claim.is_none(), a.volume_name).cmp(&(key(b), b.claim.is_none(), b.volume_name))
    });
    all
}

fn of_claim<'a>(estate: &'a Estate, namespace: &'a str, name: &'a str, claim: &'a Claim) -> Holding<'a> {
    let proven = proof(estate, namespace, &claim.uid);
    let release = marked(claim, namespace)
        .or_else(|| proven.map(|(tenant, _)| tenant.release.clone()))
        .or_else(|| made_by_set(estate, namespace, name));
    let nobody = Release { namespace: namespace.to_owned(), name: String::new() };
    let helm = match ownership::of_claim(claim, namespace, &nobody) {
        Owner::Helm(helm) => Some(helm),
        _ => None,
    };
    let mounted_by = mounters(estate, namespace, name);
    let wanted_by = wanters(estate, namespace, name);
    let state = match (&release, wanted_by.is_empty()) {
        _ if !mounted_by.is_empty() => State::InUse,
        (_, false) => State::Wanted,
        (Some(_), true) => State::Kept,
        (None, true) => State::Abandoned,
    };
    let volume = claim.volume.as_deref().and_then(|volume| estate.facts.volumes.get()?.get(volume));
    complete(
        estate,
        Holding {
            claim: Some(claim),
            uid: Some(&claim.uid),
            volume_name: claim.volume.as_deref(),
            volume,
            release,
            helm,
            entry: proven.map(|(_, entry)| entry),
            mounted_by,
            wanted_by,
            ..bare(namespace, name, state)
        },
    )
}

fn of_volume<'a>(
    estate: &'a Estate,
    volume_name: &'a str,
    volume: &'a Volume,
    (namespace, name, uid): (&'a str, &'a str, Option<&'a str>),
) -> Holding<'a> {
    let proven = match uid {
        Some(uid) => proof(estate, namespace, uid),
        // It is offered again; the ledger remembers what it was.
        None => estate.ledgers_of(namespace).find_map(|(tenant, ledger)| {
            let entry = ledger.entries.iter().find(|it| it.claim == name && it.volume.as_deref() == Some(volume_name));
            Some((tenant, entry?))
        }),
    };
    let state = match (uid, proven) {
        (None, _) => State::Reserved,
        (Some(_), Some(_)) => State::Orphan,
        (Some(_), None) => State::Unproven,
    };
    let release = proven.map(|(tenant, _)| tenant.release.clone()).or_else(|| named_by(estate, namespace, name));
    complete(
        estate,
        Holding {
            uid,
            volume_name: Some(volume_name),
            volume: Some(volume),
            release,
            entry: proven.map(|(_, entry)| entry),
            ..bare(namespace, name, state)
        },
    )
}

fn of_entry<'a>(estate: &'a Estate, tenant: &'a Tenant, entry: &'a Entry, volumes_known: bool) -> Holding<'a> {
    let state = if volumes_known { State::Gone } else { State::Unknown };
    complete(
        estate,
        Holding {
            uid: Some(&entry.uid),
            volume_name: entry.volume.as_deref(),
            release: Some(tenant.release.clone()),
            entry: Some(entry),
            ..bare(&tenant.release.namespace, &entry.claim, state)
        },
    )
}

fn bare<'a>(namespace: &'a str, name: &'a str, state: State) -> Holding<'a> {
    Holding {
        namespace,
        name,
        uid: None,
        claim: None,
        volume_name: None,
        volume: None,
        release: None,
        helm: None,
        tenant: None,
        entry: None,
        mounted_by: &[],
        wanted_by: Wanters::default(),
        opened_by: Vec::new(),
        state,
    }
}

/// Adds what follows from the rest.
fn complete<'a>(estate: &'a Estate, mut holding: Holding<'a>) -> Holding<'a> {
    holding.tenant = holding.release.as_ref().and_then(|release| estate.tenant(release));
    // What only has the name of a release's claim is not opened by what opens that.
    if holding.state != State::Unproven {
        holding.opened_by = opener::openers(estate, &holding);
    }
    holding
}

/// The ledger that knows a claim by its uid.
pub(super) fn proof<'a>(estate: &'a Estate, namespace: &'a str, uid: &str) -> Option<(&'a Tenant, &'a Entry)> {
    estate.ledgers_of(namespace).find_map(|(tenant, ledger)| Some((tenant, ledger.by_uid(uid)?)))
}

/// The release whose mark a claim carries.
fn marked(claim: &Claim, namespace: &str) -> Option<Release> {
    let name = claim.labels.get(marks::RELEASE)?.clone();
    let namespace = claim.labels.get(marks::RELEASE_NAMESPACE).map_or(namespace, String::as_str).to_owned();
    Some(Release { namespace, name })
}

/// The release whose live set makes claims of this name.
fn made_by_set(estate: &Estate, namespace: &str, claim: &str) -> Option<Release> {
    let sets = estate.facts.live.iter().filter(|(id, _)| crate::plan::pods::is_set(id));
    let mut ours = sets.filter(|(id, live)| {
        id.namespace.as_deref() == Some(namespace) && crate::plan::pods::makes_claim(id, &live.body, claim)
    });
    let label =
        |live: &'_ crate::plan::Live, name: &str| live.body.str_at(&["metadata", "labels", name]).map(str::to_owned);
    ours.find_map(|(_, live)| {
        let namespace = label(live, marks::RELEASE_NAMESPACE).unwrap_or_else(|| namespace.to_owned());
        Some(Release { namespace, name: label(live, marks::RELEASE)? })
    })
}

/// The release that has, or had, a claim of this name.
fn named_by(estate: &Estate, namespace: &str, claim: &str) -> Option<Release> {
    let id = ObjectId::claim(namespace, claim);
    let lists = |past: &Past| {
        let entries = past.ledger.iter().flat_map(|ledger| &ledger.entries);
        let inventory = past.records.iter().flat_map(|record| &record.inventory);
        entries.into_iter().any(|entry| entry.claim == claim) || inventory.into_iter().any(|item| item.id == id)
    };
    let named = estate.tenants_of(namespace).find(|tenant| lists(&tenant.past)).map(|tenant| tenant.release.clone());
    let claim = estate.facts.claims.get(&(namespace.to_owned(), claim.to_owned()));
    named.or_else(|| marked(claim?, namespace))
}

fn mounters<'a>(estate: &'a Estate, namespace: &str, claim: &str) -> &'a [Mounter] {
    let key = (namespace.to_owned(), claim.to_owned());
    estate.facts.mounted_by.get(&key).map(Vec::as_slice).unwrap_or_default()
}
