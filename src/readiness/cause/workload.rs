//! From an object to the finding that explains it: what its controller could not make, then its Pods, then itself.

use super::claim;
use super::evidence::{Evidence, name};
use super::finding::{Finding, Reason, Weight};
use super::refused;
use crate::object::ObjectId;
use crate::readiness::conditions::{Condition, condition, one_line};
use crate::readiness::glance::stage;
use crate::readiness::{count, wanted_replicas};
use crate::yaml::Node;

/// The root cause; none where only the symptom is known.
pub(super) fn root(id: &ObjectId, evidence: &Evidence) -> Option<Finding> {
    let Some(live) = evidence.live.as_ref() else {
        return Some(Finding::new(Weight::Final, Reason::Other, "it does not exist: it was deleted, or never made"));
    };
    if id.is_claim() {
        return claim::finding(live, evidence);
    }
    let now = evidence.worst(&evidence.pods_now());
    let refused = not_made(id, live, evidence).map(|message| refused::finding(&message));
    let found = [now, refused].into_iter().flatten().max_by_key(|found| found.weight);
    found.or_else(|| in_the_way(id, evidence)).or_else(|| ended(id, live))
}

/// What is told where nothing is known to be wrong: the symptom, with what the last warning says of the object, or how
/// far its Pods are.
pub(super) fn symptom(id: &ObjectId, evidence: &Evidence, why: &str) -> Finding {
    let unready = |sentence: String| Finding::new(Weight::Unready, Reason::Other, sentence);
    let Some(live) = &evidence.live else { return unready(why.to_owned()) };
    if let Some(warning) = evidence.events_of(live).iter().find(|event| event.is_warning) {
        return unready(format!("{why}: {}", warning.message));
    }
    let more_time = "nothing is known to be wrong: it may only need more time";
    if let Some((pod, stage)) = evidence.starting_pods().first().and_then(|pod| Some((name(pod), stage(pod)?))) {
        return unready(format!("{why}; Pod `{pod}`: {stage}")).next(more_time);
    }
    let makes_pods = id.group == "apps" && id.pod_template().is_some();
    if makes_pods && wanted_replicas(live) > 0 && evidence.pods_now().is_empty() {
        return unready(format!("{why}; none of its Pods is there yet")).next(more_time);
    }
    unready(why.to_owned())
}

/// What a controller says of Pods (or claims) that it could not make. Its events stay for an hour, so they count only
/// while Pods are missing; the condition `ReplicaFailure` is taken away when it is over.
pub(super) fn not_made(id: &ObjectId, live: &Node, evidence: &Evidence) -> Option<String> {
    let makers: Vec<&Node> = [Some(live), evidence.newest_set()].into_iter().flatten().collect();
    let failure = makers.iter().find_map(|maker| condition(maker, "ReplicaFailure").filter(Condition::is_true));
    if let Some(failure) = failure {
        return Some(failure.text());
    }
    let wanted = match (id.group.as_str(), id.kind.as_str()) {
        ("apps", "DaemonSet") => count(live, &["status", "desiredNumberScheduled"]),
        ("apps", _) | ("", "ReplicationController") => wanted_replicas(live),
        ("batch", "Job") if condition(live, "Failed").is_none() => 1,
        _ => return None,
    };
    let there = i64::try_from(evidence.pods_now().len()).unwrap_or(i64::MAX);
    if there >= wanted {
        return None;
    }
    let mut events = makers.iter().flat_map(|maker| evidence.events_of(maker));
    events.find(|event| event.reason == "FailedCreate").map(|event| event.message)
}

/// A Pod of an older revision that a StatefulSet would have to replace and never does: it waits for that Pod to become
/// ready first (Kubernetes docs, `StatefulSets`, section "Forced rollback").
fn in_the_way(id: &ObjectId, evidence: &Evidence) -> Option<Finding> {
    let before = evidence.pods_before();
    let found = evidence.worst(&before)?;
    if !id.is("apps", "StatefulSet") {
        return Some(found);
    }
    let pod = evidence.troubled_pods().first().map_or("?", |pod| name(pod));
    let sentence = format!(
        "Pod `{pod}` of the revision before is broken, and a StatefulSet waits for it before it goes on: {}",
        found.sentence
    );
    let delete = format!(
        "`kubectl delete pod {pod} -n {}` makes way for the new revision",
        id.namespace.as_deref().unwrap_or("default")
    );
    Some(Finding::new(found.weight, found.reason, sentence).next(delete))
}

/// A Job that came to a bad end without a Pod that would tell more.
fn ended(id: &ObjectId, live: &Node) -> Option<Finding> {
    if !id.is("batch", "Job") {
        return None;
    }
    let failed =
        ["Failed", "FailureTarget"].iter().find_map(|kind| condition(live, kind).filter(Condition::is_true))?;
    let sentence = match failed.reason {
        "BackoffLimitExceeded" => "its Pods failed as often as its `backoffLimit` allows, and are gone".to_owned(),
        "DeadlineExceeded" => "it was not done within its `activeDeadlineSeconds`".to_owned(),
        _ => one_line(&failed.text()),
    };
    Some(Finding::new(Weight::Ended, Reason::Failed, sentence))
}
