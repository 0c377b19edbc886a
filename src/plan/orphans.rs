//! Pods of a set that is gone: a run that replaces a set and is cut off before it makes it again leaves them running,
//! with nobody to look after them. They are told by what a set of that name would take over (`ClaimPods` in
//! `pkg/controller/controller_ref_manager.go`): name, labels, no controller.

use super::ownership::Owner;
use super::scene::Scene;
use super::{Live, pods, retain};
use crate::object::{Object, ObjectId};
use crate::release::{Item, Past};
use crate::yaml::Node;

/// Why such a Pod goes, as a plan tells it.
pub(super) const WHY: &str = "its set is gone, and nothing looks after it";

/// The namespaces in which Pods may be left of sets that are to leave.
pub(super) fn namespaces<'a>(leaving: impl IntoIterator<Item = &'a Item>) -> impl Iterator<Item = &'a str> {
    leaving.into_iter().filter(|item| pods::is_set(&item.id)).filter_map(|item| item.id.namespace.as_deref())
}

/// The Pods that a set of the release left; none while it is there, as it takes them with it.
pub(super) fn of_set<'a>(scene: &Scene<'a>, set: &ObjectId) -> Vec<(&'a ObjectId, &'a Live)> {
    if scene.facts.live.contains_key(set) {
        return Vec::new();
    }
    let stored = stored(scene.past, set);
    if stored.last().is_some_and(|set| matches!(retain::retained(&set.body), Ok(Some(_)))) {
        return Vec::new(); // it would have been kept with its Pods
    }
    let pods = scene.facts.live.iter().filter(|(id, _)| id.is("", "Pod") && id.namespace == set.namespace);
    pods.filter(|(id, pod)| {
        pods::is_pod_of(&set.name, &id.name)
            && pods::controller(&pod.body).is_none()
            && scene.wanted.get(id).is_none()
            && !matches!(scene.owner(id, pod), Owner::Release(_) | Owner::Helm(_))
            && stored.iter().any(|set| selects(set, pod) || mounts_its_claims(scene, set, pod))
    })
    .collect()
}

/// The set as each revision wanted it: its Pods may be those of an earlier one.
fn stored<'a>(past: &'a Past, set: &ObjectId) -> Vec<&'a Object> {
    past.records.iter().flat_map(|record| &record.objects).filter(|object| object.id == *set).collect()
}

/// Whether a Pod has all labels that a set looks for. Expressions are not judged.
fn selects(set: &Object, pod: &Live) -> bool {
    let labels = set.body.at(&["spec", "selector", "matchLabels"]).and_then(Node::as_map);
    labels.is_some_and(|labels| {
        let has = |(name, value): (&String, &Node)| {
            pod.body.str_at(&["metadata", "labels", name]).is_some_and(|label| Some(label) == value.as_str())
        };
        !labels.is_empty() && labels.iter().all(has)
    })
}

/// Whether a Pod mounts a claim of the release that the set made.
fn mounts_its_claims(scene: &Scene<'_>, set: &Object, pod: &Live) -> bool {
    let namespace = set.id.namespace.as_deref().unwrap_or_default();
    pod.body.list_at(&["spec", "volumes"]).iter().any(|volume| {
        volume.str_at(&["persistentVolumeClaim", "claimName"]).is_some_and(|name| {
            let claim = scene.claim(namespace, name);
            pods::makes_claim(&set.id, &set.body, name)
                && claim.is_some_and(|claim| scene.claim_owner(namespace, name, claim) == Owner::Ours)
        })
    })
}
