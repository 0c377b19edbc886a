//! The steps that destroy claims and volumes, each with the uid that was looked at: after their Pods are gone; a volume that
//! its provisioner shall erase is told so before its claim goes.

use std::collections::{BTreeMap, BTreeSet};

use super::fate::{Doomed, Means};
use super::graph::{Draft, Graph};
use super::{Act, Claim, Deletion, Expect, Reclaim};
use crate::object::ObjectId;

/// A claim that goes.
pub(super) struct Going<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) claim: &'a Claim,
}

/// Pods keep a claim alive however often it is deleted (`kubernetes.io/pvc-protection`).
pub(super) fn await_unmounted(
    graph: &mut Graph,
    going: &[Going<'_>],
    workloads: &BTreeSet<Draft>,
) -> BTreeMap<String, Draft> {
    let mut by_namespace: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for going in going {
        by_namespace.entry(going.namespace).or_default().push(going.name.to_owned());
    }
    by_namespace
        .into_iter()
        .map(|(namespace, claims)| {
            let act = Act::AwaitUnmounted { namespace: namespace.to_owned(), claims };
            (namespace.to_owned(), graph.add(act, Expect::Nothing, workloads.iter().copied()))
        })
        .collect()
}

/// Deletes the claims; volumes that their provisioner shall erase are told so before. Gives the steps after which
/// each claim (by uid) is gone.
pub(super) fn delete_claims<'a>(
    graph: &mut Graph,
    going: &[Going<'a>],
    volumes: &[Doomed<'_>],
    unmounted: &BTreeMap<String, Draft>,
) -> BTreeMap<&'a str, Draft> {
    let volumes: BTreeMap<&str, &Doomed<'_>> =
        volumes.iter().filter_map(|doomed| Some((doomed.claim_uid?, doomed))).collect();
    let mut gone = BTreeMap::new();
    for Going { namespace, name, claim } in going {
        let mut after: BTreeSet<Draft> = unmounted.get(*namespace).copied().into_iter().collect();
        if let Some(doomed) = volumes.get(claim.uid.as_str()).filter(|doomed| doomed.means == Means::SwitchAndErase) {
            after = BTreeSet::from([switch(graph, doomed, &after)]);
        }
        let id = ObjectId::claim(namespace, name);
        let act = Act::Delete { id: id.clone(), version: "v1".into(), deletion: Deletion::Background };
        let delete = graph.add(act, Expect::Uid(claim.uid.clone(), None), after);
        let act = Act::AwaitGone { id, version: "v1".into(), uid: Some(claim.uid.clone()) };
        gone.insert(claim.uid.as_str(), graph.add(act, Expect::Nothing, [delete]));
    }
    gone
}

/// The provisioner of a volume shall really erase it; a purge that stops puts the policy back.
fn switch(graph: &mut Graph, doomed: &Doomed<'_>, after: &BTreeSet<Draft>) -> Draft {
    let act = Act::SetReclaim {
        volume: doomed.name.to_owned(),
        policy: Reclaim::Delete,
        restore: Some(doomed.volume.reclaim_before.unwrap_or(doomed.volume.reclaim)),
    };
    graph.add(act, Expect::Uid(doomed.volume.uid.clone(), None), after.iter().copied())
}

/// Destroys the volumes, or waits until their provisioners did.
pub(super) fn destroy_volumes(
    graph: &mut Graph,
    volumes: &[Doomed<'_>],
    claims_gone: &BTreeMap<&str, Draft>,
) -> BTreeSet<Draft> {
    let mut gone = BTreeSet::new();
    for doomed in volumes {
        let id = ObjectId::volume(doomed.name);
        let claim = doomed.claim_uid.and_then(|uid| claims_gone.get(uid)).copied();
        let mut after: BTreeSet<Draft> = claim.into_iter().collect();
        match doomed.means {
            Means::Leave => continue,
            Means::SwitchAndErase if claim.is_none() => after = BTreeSet::from([switch(graph, doomed, &after)]),
            Means::SwitchAndErase | Means::Erase => {}
            Means::DeleteObject => {
                let act = Act::Delete { id: id.clone(), version: "v1".into(), deletion: Deletion::Background };
                after = BTreeSet::from([graph.add(
                    act,
                    Expect::Uid(doomed.volume.uid.clone(), None),
                    after.iter().copied(),
                )]);
            }
        }
        let act = Act::AwaitGone { id, version: "v1".into(), uid: Some(doomed.volume.uid.clone()) };
        gone.insert(graph.add(act, Expect::Nothing, after));
    }
    gone
}
