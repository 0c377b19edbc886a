//! All claims and volumes of an estate, each with what is known of it.

use std::collections::BTreeSet;

use super::belonging::{made_by_set, marked, named_by, proof};
use super::wanters::{Wanters, wanters};
use super::{Estate, Holding, State, Tenant, opener};
use crate::plan::ownership::{self, Owner};
use crate::plan::{Claim, Known, Mounter, Volume};
use crate::release::{Entry, Release};

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
        None => estate
            .entries_of(namespace)
            .find(|(_, entry)| entry.claim == name && entry.volume.as_deref() == Some(volume_name)),
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
            ..bare(entry.namespace.as_ref().unwrap_or(&tenant.release.namespace), &entry.claim, state)
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

fn mounters<'a>(estate: &'a Estate, namespace: &str, claim: &str) -> &'a [Mounter] {
    let key = (namespace.to_owned(), claim.to_owned());
    estate.facts.mounted_by.get(&key).map(Vec::as_slice).unwrap_or_default()
}
