//! `StatefulSet`s: Pods with numbers, each with claims of its own (`k8s.io/kubernetes/pkg/controller/statefulset`).
//!
//! As on a real cluster, with `OrderedReady` a Pod that does not become ready blocks all after it, an update included:
//! it has to be deleted by hand.

use serde_json::{Value, json};

use super::owned::{self, claim_owned, controller_of, controller_reference, is_over, is_ready, pod_from};
use super::{News, edit, is_going, make, uid};
use crate::sandbox::clock::name_hash;
use crate::sandbox::json;
use crate::sandbox::state::{Key, State, kinds};
use crate::sandbox::write::{Dependents, mark_deleted};

const REVISION: &str = "controller-revision-hash";

pub(super) fn run(state: &mut State, news: &News) {
    let mut concerned = news.workloads(state, &kinds::STATEFUL_SET);
    for change in news.changes().filter(|change| change.key.kind == kinds::CLAIM) {
        concerned.extend(set_of_claim(state, &change.key));
    }
    for key in concerned {
        let pods = claim_owned(state, &kinds::POD, &key);
        let Some(set) = state.get(&key).cloned() else { continue };
        if is_going(&set) {
            continue;
        }
        let revision =
            format!("{}-{}", key.at.name, name_hash(json::get(&set, &["spec", "template"]).unwrap_or(&Value::Null)));
        remember(state, &set, &revision);
        retain_claims(state, &set);
        scale(state, &set, &revision, &pods);
        status(state, &key, &revision);
    }
}

fn number(set: &Value, path: &[&str], default: i64) -> i64 {
    json::number(set, path).unwrap_or(default)
}

/// Ordinals that the set wants.
fn ordinals(set: &Value) -> std::ops::Range<i64> {
    let start = number(set, &["spec", "ordinals", "start"], 0);
    start..start + number(set, &["spec", "replicas"], 1)
}

/// The number at the end of a Pod's name, if it is a Pod of this set.
fn ordinal(set: &Value, name: &str) -> Option<i64> {
    name.strip_prefix(json::text(set, &["metadata", "name"])?)?.strip_prefix('-')?.parse().ok()
}

fn scale(state: &mut State, set: &Value, revision: &str, pods: &[Key]) {
    let namespace = json::text(set, &["metadata", "namespace"]).unwrap_or_default();
    let ordered = json::text(set, &["spec", "podManagementPolicy"]) != Some("Parallel");
    let wanted = ordinals(set);
    let name = json::text(set, &["metadata", "name"]).unwrap_or_default();
    for at in wanted.clone() {
        let key = Key::new(&kinds::POD, namespace, &format!("{name}-{at}"));
        if state.get(&key).is_some_and(|pod| is_over(pod)) {
            mark_deleted(state, &key, Dependents::Background);
        }
        if state.get(&key).is_none() {
            make_claims(state, set, at);
            let revision = revision_for(state, set, at, revision);
            make_pod(state, set, at, &revision);
        }
        if ordered && !state.get(&key).is_some_and(|pod| is_ready(pod)) {
            return;
        }
    }
    let mut surplus: Vec<(i64, &Key)> = pods
        .iter()
        .filter_map(|pod| Some((ordinal(set, &pod.at.name)?, pod)))
        .filter(|(at, _)| !wanted.contains(at))
        .collect();
    surplus.sort_by_key(|(at, _)| -at);
    for (_, pod) in surplus {
        mark_deleted(state, pod, Dependents::Background);
    }
    update(state, set, revision, ordered);
}

/// Replaces Pods of an older template from the last to the first, one at a time.
fn update(state: &mut State, set: &Value, revision: &str, ordered: bool) {
    if json::text(set, &["spec", "updateStrategy", "type"]) == Some("OnDelete") {
        return;
    }
    let namespace = json::text(set, &["metadata", "namespace"]).unwrap_or_default();
    let name = json::text(set, &["metadata", "name"]).unwrap_or_default();
    let partition = number(set, &["spec", "updateStrategy", "rollingUpdate", "partition"], 0);
    for at in ordinals(set).rev().filter(|at| *at >= partition) {
        let key = Key::new(&kinds::POD, namespace, &format!("{name}-{at}"));
        let Some(pod) = state.get(&key).cloned() else { return };
        if json::text(&pod, &["metadata", "labels", REVISION]) != Some(revision) {
            mark_deleted(state, &key, Dependents::Background);
            return;
        }
        if ordered && !is_ready(&pod) {
            return;
        }
    }
}

/// Below the partition, and under `OnDelete` for Pods made while an older revision is the current one, the old
/// template is used for as long as it is known.
fn revision_for(state: &State, set: &Value, at: i64, newest: &str) -> String {
    let partition = number(set, &["spec", "updateStrategy", "rollingUpdate", "partition"], 0);
    let current = json::text(set, &["status", "currentRevision"]).unwrap_or_default();
    let namespace = json::text(set, &["metadata", "namespace"]).unwrap_or_default();
    let known = state.get(&Key::new(&kinds::REVISION, namespace, current)).is_some();
    if at < partition && known { current.to_owned() } else { newest.to_owned() }
}

fn make_pod(state: &mut State, set: &Value, at: i64, revision: &str) {
    let namespace = json::text(set, &["metadata", "namespace"]).unwrap_or_default();
    let name = format!("{}-{at}", json::text(set, &["metadata", "name"]).unwrap_or_default());
    let stored = state.get(&Key::new(&kinds::REVISION, namespace, revision));
    let template = stored
        .and_then(|stored| json::get(stored, &["data", "spec", "template"]))
        .or_else(|| json::get(set, &["spec", "template"]))
        .cloned()
        .unwrap_or_default();
    let mut pod = pod_from(set, &template, &name);
    let prefix = format!("{}-", json::text(set, &["metadata", "name"]).unwrap_or_default());
    json::set(&mut pod, &["metadata", "generateName"], prefix);
    json::set(&mut pod, &["metadata", "labels", REVISION], revision);
    json::set(&mut pod, &["metadata", "labels", "statefulset.kubernetes.io/pod-name"], name.as_str());
    json::set(&mut pod, &["metadata", "labels", "apps.kubernetes.io/pod-index"], at.to_string());
    json::set(&mut pod, &["spec", "hostname"], name.as_str());
    if let Some(service) = json::text(set, &["spec", "serviceName"]).filter(|name| !name.is_empty()) {
        json::set(&mut pod, &["spec", "subdomain"], service);
    }
    let volumes = json::list_at(&mut pod, &["spec", "volumes"]);
    for template in json::list(set, &["spec", "volumeClaimTemplates"]) {
        let volume = json::text(template, &["metadata", "name"]).unwrap_or_default();
        volumes.retain(|known| json::text(known, &["name"]) != Some(volume));
        let claim = claim_name(set, template, at);
        volumes.push(json!({"name": volume, "persistentVolumeClaim": {"claimName": claim}}));
    }
    owned::make_pod(state, set, pod);
}

/// The set whose claim this is by its name: `TEMPLATE-SET-ORDINAL`.
fn set_of_claim(state: &State, claim: &Key) -> Option<Key> {
    let (name, ordinal) = claim.at.name.rsplit_once('-')?;
    ordinal.parse::<i64>().ok()?;
    let mut dashes = name.match_indices('-').map(|(at, _)| at);
    dashes.find_map(|at| {
        let set = Key::new(&kinds::STATEFUL_SET, &claim.at.namespace, &name[at + 1..]);
        state.get(&set).is_some().then_some(set)
    })
}

fn claim_name(set: &Value, template: &Value, at: i64) -> String {
    let name = |object| json::text(object, &["metadata", "name"]).unwrap_or_default();
    format!("{}-{}-{at}", name(template), name(set))
}

/// Claims that are not there yet; those that are, whoever made them, are used as they are.
fn make_claims(state: &mut State, set: &Value, at: i64) {
    for template in json::list(set, &["spec", "volumeClaimTemplates"]) {
        let mut claim = template.clone();
        json::remove(&mut claim, &["status"]);
        json::set(&mut claim, &["apiVersion"], "v1");
        json::set(&mut claim, &["kind"], "PersistentVolumeClaim");
        json::set(&mut claim, &["metadata", "name"], claim_name(set, template, at));
        let namespace = json::get(set, &["metadata", "namespace"]).cloned().unwrap_or_default();
        json::set(&mut claim, &["metadata", "namespace"], namespace);
        for (label, value) in json::texts(set, &["spec", "selector", "matchLabels"]) {
            json::set(&mut claim, &["metadata", "labels", label], value);
        }
        make(state, claim);
    }
}

/// `persistentVolumeClaimRetentionPolicy`: what is to go with the set, or with a Pod that is scaled away, gets it as
/// its owner (`updateClaimOwnerRefForSetAndPod`). A claim that something else controls is left alone.
fn retain_claims(state: &mut State, set: &Value) {
    let policy = |field| json::text(set, &["spec", "persistentVolumeClaimRetentionPolicy", field]) == Some("Delete");
    let (deleted, scaled) = (policy("whenDeleted"), policy("whenScaled"));
    let namespace = json::text(set, &["metadata", "namespace"]).unwrap_or_default();
    let name = json::text(set, &["metadata", "name"]).unwrap_or_default();
    for template in json::list(set, &["spec", "volumeClaimTemplates"]) {
        let prefix = format!("{}-{name}-", json::text(template, &["metadata", "name"]).unwrap_or_default());
        for key in state.beginning(&kinds::CLAIM, namespace, &prefix) {
            let Some(at) = key.at.name.strip_prefix(&prefix).and_then(|at| at.parse::<i64>().ok()) else { continue };
            let pod = state.get(&Key::new(&kinds::POD, namespace, &format!("{name}-{at}"))).cloned();
            let condemned = !ordinals(set).contains(&at);
            let owner = match (condemned, &pod) {
                (true, Some(pod)) if scaled => Some(controller_reference(pod)),
                (false, _) if deleted => Some(controller_reference(set)),
                (true, _) if deleted && !scaled => Some(controller_reference(set)),
                _ => None,
            };
            let ours = [Some(uid(set)), pod.as_deref().map(uid)];
            edit(state, &key, |claim| own_claim(claim, owner, &ours));
        }
    }
}

fn own_claim(claim: &mut Value, owner: Option<Value>, ours: &[Option<&str>]) {
    if controller_of(claim).is_some_and(|controller| !ours.contains(&Some(controller))) {
        return;
    }
    let references = json::list_at(claim, &["metadata", "ownerReferences"]);
    references.retain(|reference| {
        let of = json::text(reference, &["uid"]);
        !ours.contains(&of) || owner.as_ref().is_some_and(|owner| json::text(owner, &["uid"]) == of)
    });
    if let Some(owner) = owner
        && !references.contains(&owner)
    {
        references.push(owner);
    }
    if references.is_empty() {
        json::remove(claim, &["metadata", "ownerReferences"]);
    }
}

/// Keeps the template of a revision for as long as a Pod or the set's status names it.
fn remember(state: &mut State, set: &Value, revision: &str) {
    let namespace = json::text(set, &["metadata", "namespace"]).unwrap_or_default();
    let template = json::get(set, &["spec", "template"]).cloned().unwrap_or_default();
    let labels = json::get(&template, &["metadata", "labels"]).cloned().unwrap_or_default();
    make(
        state,
        json!({"apiVersion": "apps/v1", "kind": "ControllerRevision",
            "metadata": {"name": revision, "namespace": namespace, "labels": labels,
                "ownerReferences": [controller_reference(set)]},
            "data": {"spec": {"template": template}}, "revision": 1}),
    );
    let used = |state: &State, name: &str| {
        name == revision
            || json::text(set, &["status", "currentRevision"]) == Some(name)
            || state
                .index
                .owned(uid(set))
                .filter(|owned| owned.kind == kinds::POD)
                .filter_map(|owned| state.get(owned))
                .any(|pod| json::text(pod, &["metadata", "labels", REVISION]) == Some(name))
    };
    let own: Vec<Key> = state.index.owned(uid(set)).filter(|owned| owned.kind == kinds::REVISION).cloned().collect();
    for key in own {
        if !used(state, &key.at.name) {
            mark_deleted(state, &key, Dependents::Background);
        }
    }
}

fn status(state: &mut State, key: &Key, revision: &str) {
    let owned = claim_owned(state, &kinds::POD, key);
    let Some(set) = state.get(key).cloned() else { return };
    let pods: Vec<_> = owned
        .iter()
        .filter_map(|pod| state.get(pod))
        .filter(|pod| json::text(pod, &["metadata", "name"]).and_then(|name| ordinal(&set, name)).is_some())
        .collect();
    let wanted = usize::try_from(number(&set, &["spec", "replicas"], 1)).unwrap_or_default();
    let of = |revision: &str| {
        pods.iter().filter(|pod| json::text(pod, &["metadata", "labels", REVISION]) == Some(revision)).count()
    };
    let (all, ready, updated) = (pods.len(), pods.iter().filter(|pod| is_ready(pod)).count(), of(revision));
    let before = json::text(&set, &["status", "currentRevision"]).unwrap_or(revision);
    let complete = updated == wanted && all == wanted && ready == wanted;
    let current = if complete { revision } else { before }.to_owned();
    let at_current = of(&current);
    edit(state, key, |set| {
        let generation = json::get(set, &["metadata", "generation"]).cloned().unwrap_or_default();
        json::set(set, &["status", "observedGeneration"], generation);
        json::set(set, &["status", "replicas"], all);
        json::set(set, &["status", "availableReplicas"], ready);
        json::set(set, &["status", "currentRevision"], current);
        json::set(set, &["status", "updateRevision"], revision);
        json::set(set, &["status", "collisionCount"], 0);
        for (field, number) in [("readyReplicas", ready), ("currentReplicas", at_current), ("updatedReplicas", updated)]
        {
            if number == 0 {
                json::remove(set, &["status", field]);
            } else {
                json::set(set, &["status", field], number);
            }
        }
    });
}
