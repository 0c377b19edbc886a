//! Pods: their own readiness, and what is wrong with the Pods of a workload.

use super::conditions::{condition, one_line};
use super::{Readiness, count};
use crate::yaml::Node;

/// Ready when it ran to its end or its condition Ready holds.
pub(super) fn judge(live: &Node) -> Readiness {
    match live.str_at(&["status", "phase"]) {
        Some("Succeeded") => return Readiness::Ready,
        Some("Failed") => return Readiness::Failed(ended(live)),
        _ => {}
    }
    if condition(live, "Ready").is_some_and(|ready| ready.is_true()) {
        return Readiness::Ready;
    }
    match complaint(live) {
        Some((Weight::Final, why)) => Readiness::Failed(why),
        Some((_, why)) => Readiness::Waiting(why),
        None => Readiness::Waiting(not_yet(live)),
    }
}

/// The most telling trouble among the Pods of a workload, in one sentence; none when none has any.
pub fn trouble(pods: &[Node]) -> Option<String> {
    let complaints = pods.iter().filter(|pod| pod.at(&["metadata", "deletionTimestamp"]).is_none()).filter_map(|pod| {
        let name = pod.str_at(&["metadata", "name"]).unwrap_or_default();
        let (weight, why) = match pod.str_at(&["status", "phase"]) {
            Some("Succeeded") => return None,
            Some("Failed") => (Weight::Ended, ended(pod)),
            _ if condition(pod, "Ready").is_some_and(|ready| ready.is_true()) => return None,
            _ => complaint(pod)?,
        };
        Some((weight, format!("Pod `{name}`: {why}")))
    });
    // The heaviest; of equal ones the first by name, so that a message does not jump between replicas.
    complaints.max_by(|(a, first), (b, second)| a.cmp(b).then_with(|| second.cmp(first))).map(|(_, why)| why)
}

/// How much a complaint tells: the later, the nearer to the root cause.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// It runs but does not answer its probe.
    Unready,
    /// It ended with an error; its workload makes another.
    Ended,
    /// No node takes it.
    Unscheduled,
    /// It crashes again and again.
    Crashing,
    /// It can't even start: image, configuration.
    Blocked,
    /// It never will.
    Final,
}

/// What is wrong with a Pod that is not ready.
fn complaint(pod: &Node) -> Option<(Weight, String)> {
    if let Some(scheduled) = condition(pod, "PodScheduled")
        && scheduled.status == "False"
    {
        return Some((Weight::Unscheduled, scheduled.because("no node takes it")));
    }
    let containers =
        ["initContainerStatuses", "containerStatuses"].iter().flat_map(|list| pod.list_at(&["status", list]));
    let mut found: Option<(Weight, String)> = None;
    for container in containers {
        if let Some(next) = container_complaint(container)
            && found.as_ref().is_none_or(|(weight, _)| *weight < next.0)
        {
            found = Some(next);
        }
    }
    found.or_else(|| {
        let ready = condition(pod, "ContainersReady").filter(|ready| ready.status == "False")?;
        (pod.str_at(&["status", "phase"]) == Some("Running"))
            .then(|| (Weight::Unready, ready.because("it is not ready")))
    })
}

/// What is wrong with a container; reasons as the kubelet writes them (`pkg/kubelet/images`, `kuberuntime`).
fn container_complaint(container: &Node) -> Option<(Weight, String)> {
    let name = container.str_at(&["name"]).unwrap_or_default();
    let image = container.str_at(&["image"]).unwrap_or_default();
    if let Some(waiting) = container.at(&["state", "waiting"]) {
        let reason = waiting.str_at(&["reason"]).unwrap_or_default();
        let message = waiting.str_at(&["message"]).map(one_line).unwrap_or_default();
        return match reason {
            "" | "ContainerCreating" | "PodInitializing" => None,
            "InvalidImageName" => {
                Some((Weight::Final, format!("image `{image}` of container `{name}` has no valid name")))
            }
            "ErrImagePull" | "ImagePullBackOff" | "ErrImageNeverPull" | "RegistryUnavailable" | "ImageInspectError" => {
                Some((
                    Weight::Blocked,
                    told(&format!("image `{image}` of container `{name}` can't be pulled"), &message),
                ))
            }
            "CrashLoopBackOff" => Some((Weight::Crashing, crashes(container, name))),
            _ => Some((Weight::Blocked, told(&format!("container `{name}` can't start: {reason}"), &message))),
        };
    }
    if container.at(&["state", "running"]).is_some() && container.get("ready").and_then(Node::as_bool) == Some(false) {
        let probe =
            if container.get("started").and_then(Node::as_bool) == Some(false) { "startup" } else { "readiness" };
        return Some((Weight::Unready, format!("container `{name}` runs but does not pass its {probe} probe")));
    }
    let terminated = container.at(&["state", "terminated"])?;
    let code = count(terminated, &["exitCode"]);
    (code != 0).then(|| (Weight::Ended, format!("container `{name}` ended with {}", exit(terminated, code))))
}

/// "container `c` keeps crashing: exit code 1, 3 restarts".
fn crashes(container: &Node, name: &str) -> String {
    let restarts = count(container, &["restartCount"]);
    let times = if restarts == 1 { "1 restart".into() } else { format!("{restarts} restarts") };
    match container.at(&["lastState", "terminated"]) {
        Some(last) => format!("container `{name}` keeps crashing: {}, {times}", exit(last, count(last, &["exitCode"]))),
        None => format!("container `{name}` keeps crashing, {times}"),
    }
}

/// `exit code 1`, `exit code 137 (OOMKilled)`.
fn exit(terminated: &Node, code: i64) -> String {
    match terminated.str_at(&["reason"]) {
        None | Some("" | "Error" | "Completed") => format!("exit code {code}"),
        Some(reason) => format!("exit code {code} ({reason})"),
    }
}

/// Why a Pod is in phase Failed.
fn ended(pod: &Node) -> String {
    let why = pod.str_at(&["status", "message"]).or_else(|| pod.str_at(&["status", "reason"])).map(one_line);
    match why.or_else(|| complaint(pod).map(|(_, why)| why)) {
        Some(why) => format!("it failed: {why}"),
        None => "it failed".into(),
    }
}

fn not_yet(pod: &Node) -> String {
    match pod.str_at(&["status", "phase"]) {
        Some("Running") => "it runs but is not ready".into(),
        _ => "it has not started yet".into(),
    }
}

fn told(what: &str, message: &str) -> String {
    if message.is_empty() { what.into() } else { format!("{what}: {message}") }
}

#[cfg(test)]
mod tests {
    use super::super::conditions::tests::told;
    use super::*;
    use serde_json::{Value, json};

    fn waiting(reason: &str) -> Value {
        json!({"phase": "Pending", "containerStatuses": [{"name": "c", "image": "web:1", "restartCount": 3,
            "state": {"waiting": {"reason": reason, "message": "because\nof it"}},
            "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}]})
    }

    #[test]
    fn phases_and_containers() {
        let unscheduled = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
            "reason": "Unschedulable", "message": "0/1 nodes are available: 1 Insufficient cpu."}]});
        let unready = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "False"},
            {"type": "ContainersReady", "status": "False", "message": "containers with unready status: [c]"}]});
        for (status, expected) in [
            (json!({"phase": "Succeeded"}), "ready"),
            (json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}), "ready"),
            (json!({"phase": "Pending"}), "waiting: it has not started yet"),
            (waiting("ContainerCreating"), "waiting: it has not started yet"),
            (waiting("ImagePullBackOff"), "waiting: image `web:1` of container `c` can't be pulled: because of it"),
            (
                waiting("CreateContainerConfigError"),
                "waiting: container `c` can't start: CreateContainerConfigError: because of it",
            ),
            (
                waiting("CrashLoopBackOff"),
                "waiting: container `c` keeps crashing: exit code 137 (OOMKilled), 3 restarts",
            ),
            (waiting("InvalidImageName"), "failed: image `web:1` of container `c` has no valid name"),
            (unscheduled, "waiting: no node takes it: 0/1 nodes are available: 1 Insufficient cpu"),
            (unready, "waiting: it is not ready: containers with unready status: [c]"),
            (
                json!({"phase": "Running", "containerStatuses": [{"name": "c", "ready": false, "started": false, "state": {"running": {}}}]}),
                "waiting: container `c` runs but does not pass its startup probe",
            ),
            (
                json!({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}),
                "failed: it failed: low on memory",
            ),
            (
                json!({"phase": "Failed", "containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": 2}}}]}),
                "failed: it failed: container `c` ended with exit code 2",
            ),
        ] {
            assert_eq!(told(&judge(&Node::from(&json!({"status": status})))), expected, "{status}");
        }
    }

    #[test]
    fn the_heaviest_trouble_of_a_workload_is_named_and_the_same_one_each_time() {
        let pod = |name: &str, status: &Value| Node::from(&json!({"metadata": {"name": name}, "status": status}));
        let crash = waiting("CrashLoopBackOff");
        let pods = [pod("b", &crash), pod("a", &crash), pod("c", &json!({"phase": "Pending"}))];
        assert!(trouble(&pods).is_some_and(|why| why.starts_with("Pod `a`: container `c` keeps crashing")));
        let pods = [pod("a", &crash), pod("b", &waiting("ErrImagePull"))];
        assert!(trouble(&pods).is_some_and(|why| why.starts_with("Pod `b`: image")));
        assert_eq!(trouble(&[pod("c", &json!({"phase": "Succeeded"}))]), None);
    }
}
