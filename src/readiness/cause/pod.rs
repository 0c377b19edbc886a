//! What is wrong with a Pod: no node takes it, a volume is missing, a container does not work.

use super::claim;
use super::container;
use super::evidence::{Evidence, LogWanted, name};
use super::finding::{Finding, Reason, Weight};
use super::{mount, schedule};
use crate::readiness::conditions::{condition, one_line};
use crate::readiness::count;
use crate::yaml::Node;

/// The most telling trouble of a Pod; none when it has none.
pub(in crate::readiness) fn finding(pod: &Node, evidence: &Evidence) -> Option<Finding> {
    let phase = pod.str_at(&["status", "phase"]);
    if phase == Some("Succeeded") || is_ready(pod) {
        return None;
    }
    if let Some(scheduled) = condition(pod, "PodScheduled").filter(|scheduled| scheduled.status == "False") {
        let message = scheduled.text();
        let claims = claim::of_pod(claims(pod), &message, evidence);
        return Some(claims.unwrap_or_else(|| schedule::finding(pod, &message)));
    }
    let events = evidence.events_of(pod);
    let containers = container::all(pod, &events, evidence);
    let mut worst: Option<Finding> = None;
    for found in containers.iter().filter_map(container::Container::finding) {
        if worst.as_ref().is_none_or(|known| known.weight < found.weight) {
            worst = Some(found);
        }
    }
    if phase == Some("Failed") {
        return Some(ended(pod, worst));
    }
    let started = containers.iter().any(|it| {
        it.status.at(&["state", "running"]).is_some() || it.status.at(&["lastState", "terminated"]).is_some()
    });
    let mount = if started { None } else { mount::finding(pod, &events) };
    worst
        .filter(|found| found.weight > Weight::Unready)
        .or(mount)
        .or_else(|| containers.iter().find_map(container::Container::finding).or_else(|| unready(pod)))
}

/// Running, and something that is no container's fault keeps it from being ready (a readiness gate, say).
fn unready(pod: &Node) -> Option<Finding> {
    if pod.str_at(&["status", "phase"]) != Some("Running") {
        return None;
    }
    let kinds = ["ContainersReady", "Ready"].into_iter();
    let condition = kinds.filter_map(|kind| condition(pod, kind)).find(|condition| condition.status == "False")?;
    Some(Finding::new(Weight::Unready, Reason::Other, condition.because("it runs but is not ready")))
}

/// A Pod in phase Failed. A kubelet that ends it says why in the Pod's own message (`Evicted`, `DeadlineExceeded`).
fn ended(pod: &Node, worst: Option<Finding>) -> Finding {
    let own = pod.str_at(&["status", "message"]).or_else(|| pod.str_at(&["status", "reason"])).map(one_line);
    match (own, worst) {
        (Some(own), _) => Finding::new(Weight::Ended, Reason::Failed, format!("it was ended: {own}")),
        (None, Some(worst)) => worst,
        (None, None) => Finding::new(Weight::Ended, Reason::Failed, "it failed"),
    }
}

/// Whether its condition Ready holds.
pub(super) fn is_ready(pod: &Node) -> bool {
    condition(pod, "Ready").is_some_and(|ready| ready.is_true())
}

/// Whether no node takes it.
pub(super) fn is_unscheduled(pod: &Node) -> bool {
    condition(pod, "PodScheduled").is_some_and(|scheduled| scheduled.status == "False")
}

/// The claims that it mounts.
pub(super) fn claims(pod: &Node) -> impl Iterator<Item = &str> {
    let volumes = pod.list_at(&["spec", "volumes"]).iter();
    volumes.filter_map(|volume| volume.str_at(&["persistentVolumeClaim", "claimName"]))
}

/// The logs that are worth reading: of containers that ended, end again and again, or run without being ready.
pub(super) fn logs_wanted(pod: &Node) -> Vec<LogWanted> {
    let lists = ["initContainerStatuses", "containerStatuses"].into_iter();
    let wanted = lists.flat_map(|list| pod.list_at(&["status", list])).filter_map(|status| {
        let running = status.at(&["state", "running"]).is_some();
        let crashed = status.at(&["lastState", "terminated"]).is_some();
        let ended = status.at(&["state", "terminated"]).is_some_and(|ended| count(ended, &["exitCode"]) != 0);
        let ready = status.get("ready").and_then(Node::as_bool) == Some(true);
        let tells = ended || crashed && !ready || running && !ready;
        // The present run of a container that crashes has only just begun.
        let previous =
            running && status.at(&["lastState", "terminated"]).is_some_and(|last| count(last, &["exitCode"]) != 0);
        tells.then(|| LogWanted {
            pod: name(pod).to_owned(),
            container: status.str_at(&["name"]).unwrap_or_default().to_owned(),
            previous,
            has_ended: crashed,
        })
    });
    wanted.collect()
}

/// "Pending, on node `n1`", "Running", "Failed: Evicted".
pub(super) fn state(pod: &Node) -> String {
    let phase = pod.str_at(&["status", "phase"]).unwrap_or("not started");
    let node = pod.str_at(&["spec", "nodeName"]).map(|node| format!(" on node `{node}`")).unwrap_or_default();
    let own = pod.str_at(&["status", "message"]).or_else(|| pod.str_at(&["status", "reason"])).map(one_line);
    let own = own.or_else(|| Some(condition(pod, "PodScheduled").filter(|it| it.status == "False")?.text()));
    own.map_or_else(|| format!("{phase}{node}"), |own| format!("{phase}{node}: {own}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_log_of_a_run_that_has_ended_is_asked_for_where_the_present_one_has_only_begun() {
        let ended = json!({"terminated": {"exitCode": 3}});
        let pod = |state: serde_json::Value| {
            Node::from(&json!({"metadata": {"name": "web-1"}, "status": {"containerStatuses": [
                {"name": "main", "ready": false, "state": state, "lastState": ended}]}}))
        };
        let wanted = |state| logs_wanted(&pod(state)).pop().map(|log| (log.previous, log.has_ended));
        assert_eq!(wanted(json!({"running": {}})), Some((true, true)));
        // It may begin again while it is asked: then its log is empty, and that of the run before is asked for.
        assert_eq!(wanted(json!({"waiting": {"reason": "CrashLoopBackOff"}})), Some((false, true)));
    }
}
