//! Pods that keep a StatefulSet from being updated: an ordered set waits for a Pod that never gets ready, even where the
//! template was put right (Kubernetes docs, "Forced rollback" of sets). Somebody has to delete it.
//!
//! Looked for only where the newest revision failed or did not end, so that no Pod that merely starts slowly goes.

use super::scene::Scene;
use super::verdict::Verdict;
use super::{Live, Question, pods};
use crate::object::{FieldPath, Object, ObjectId};
use crate::release::{Past, Status};
use crate::yaml::Node;

/// Why such a Pod goes, as a plan tells it.
pub(super) const WHY: &str = "it never got ready, and its set waits for it";
/// The label by which a Pod tells from which template it was made.
const REVISION: &str = "controller-revision-hash";

/// What must be known: the Pods beside the wanted sets, after a failure.
pub(super) fn questions<'a>(wanted: &'a [Object], past: &Past) -> impl Iterator<Item = Question> + use<'a> {
    let failed = is_after_failure(past);
    let sets = wanted.iter().filter(move |object| failed && is_ordered(object));
    sets.map(|set| pods::question(set.id.namespace.clone()))
}

/// Whether the newest revision failed, or did not end.
pub(super) fn is_after_failure(past: &Past) -> bool {
    past.newest().is_some_and(|newest| newest.status == Status::Failed || newest.status.is_pending())
}

/// Whether a set replaces its Pods one after the other, by itself.
fn is_ordered(set: &Object) -> bool {
    pods::is_set(&set.id)
        && set.body.str_at(&["spec", "podManagementPolicy"]) != Some("Parallel")
        && set.body.str_at(&["spec", "updateStrategy", "type"]) != Some("OnDelete")
}

/// The Pods in the way of a set, of which that was decided.
pub(super) fn in_the_way<'a>(scene: &Scene<'a>, set: &Object, verdict: &Verdict<'_>) -> Vec<(&'a ObjectId, &'a Live)> {
    let live = scene.facts.live.get(&set.id);
    let (Some(live), true) = (live, is_ordered(set) && is_after_failure(scene.past)) else { return Vec::new() };
    let newest = live.body.str_at(&["status", "updateRevision"]);
    // A template that is still to be sent makes all of them old.
    let template = FieldPath::keys(&["spec", "template"]);
    let is_changed = verdict.fields.iter().any(|field| field.path.0.starts_with(&template.0));
    let pods = scene.facts.live.iter().filter(|(id, _)| id.is("", "Pod") && id.namespace == set.id.namespace);
    pods.filter(|(_, pod)| {
        let of_set = pods::is_controlled_by(&pod.body, &live.uid);
        let is_old = is_changed || pod.body.str_at(&["metadata", "labels", REVISION]) != newest;
        of_set && is_old && !is_ready(&pod.body) && pod.body.at(&["metadata", "deletionTimestamp"]).is_none()
    })
    .collect()
}

fn is_ready(pod: &Node) -> bool {
    pod.list_at(&["status", "conditions"])
        .iter()
        .any(|condition| condition.str_at(&["type"]) == Some("Ready") && condition.str_at(&["status"]) == Some("True"))
}
