//! What a Job that has not come to its end is doing.

use crate::object::{Object, ObjectId};
use crate::plan::scene::Scene;
use crate::plan::{Live, Question, pods, unblock};
use crate::release::Past;
use crate::yaml::Node;

/// What must be known: the Pods beside the wanted Jobs, after a failure, which most often is that they never began.
pub(in crate::plan) fn questions<'a>(wanted: &'a [Object], past: &Past) -> impl Iterator<Item = Question> + use<'a> {
    let failed = unblock::is_after_failure(past);
    let jobs = wanted.iter().filter(move |object| failed && super::is_job(&object.id));
    jobs.map(|job| pods::question(job.id.namespace.clone()))
}

/// How many Pods of a Job are at work, or may be. A Pod whose init container runs is active and not ready; one whose
/// image can't be pulled is too: only the Pods themselves tell them apart.
pub(in crate::plan) fn at_work(scene: &Scene<'_>, job: &ObjectId, live: &Live) -> usize {
    let count = |field: &str| live.body.at(&["status", field]).and_then(Node::as_i64).unwrap_or(0).max(0);
    let active = usize::try_from(count("active").max(count("ready"))).unwrap_or(usize::MAX);
    let pods = scene.facts.live.iter().filter(|(id, _)| id.is("", "Pod") && id.namespace == job.namespace);
    let of_job: Vec<&Node> =
        pods.map(|(_, pod)| &pod.body).filter(|pod| pods::is_controlled_by(pod, &live.uid)).collect();
    let running = of_job.iter().filter(|pod| runs(pod)).count();
    // Pods that nobody asked for, or that are younger than the list, count as running.
    let known = of_job.iter().filter(|pod| !has_ended(pod)).count();
    running + active.saturating_sub(known)
}

/// Whether a container of a Pod runs, be it one of those that run first.
fn runs(pod: &Node) -> bool {
    let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    let mut statuses = lists.iter().flat_map(|list| pod.list_at(&["status", list]));
    statuses.any(|status| status.at(&["state", "running"]).is_some_and(|running| !running.is_null()))
}

fn has_ended(pod: &Node) -> bool {
    matches!(pod.str_at(&["status", "phase"]), Some("Succeeded" | "Failed"))
}
