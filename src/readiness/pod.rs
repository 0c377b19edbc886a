//! Pods that nobody owns: their own readiness.

use super::Readiness;
use super::cause::{Evidence, Weight, pod_finding};
use super::conditions::condition;
use crate::yaml::Node;

/// Ready when it ran to its end or its condition Ready holds.
pub(super) fn judge(live: &Node) -> Readiness {
    let phase = live.str_at(&["status", "phase"]);
    if phase == Some("Succeeded") || condition(live, "Ready").is_some_and(|ready| ready.is_true()) {
        return Readiness::Ready;
    }
    match pod_finding(live, &Evidence::default()) {
        Some(found) if phase == Some("Failed") || found.weight == Weight::Final => Readiness::Failed(found.sentence),
        Some(found) => Readiness::Waiting(found.sentence),
        None if phase == Some("Running") => Readiness::Waiting("it runs but is not ready".into()),
        None => Readiness::Waiting("it has not started yet".into()),
    }
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
            (waiting("CreateContainerConfigError"), "waiting: container `c` can't be made: because of it"),
            (
                waiting("CrashLoopBackOff"),
                "waiting: container `c` is again and again killed because it needs more memory than the node has",
            ),
            (waiting("InvalidImageName"), "failed: image `web:1` of container `c` has no valid name"),
            (unscheduled, "waiting: no node takes the Pod: the only node has too little `cpu` left"),
            (unready, "waiting: it runs but is not ready: containers with unready status: [c]"),
            (
                json!({"phase": "Running", "containerStatuses": [{"name": "c", "ready": false, "started": false, "state": {"running": {}}}]}),
                "waiting: container `c` runs but does not pass its startup probe",
            ),
            (
                json!({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}),
                "failed: it was ended: low on memory",
            ),
            (
                json!({"phase": "Failed", "containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": 2}}}]}),
                "failed: container `c` ended with exit code 2",
            ),
        ] {
            assert_eq!(told(&judge(&Node::from(&json!({"status": status})))), expected, "{status}");
        }
    }
}
