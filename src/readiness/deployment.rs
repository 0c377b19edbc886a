//! Deployments, as `kubectl rollout status` waits for them (`kubectl/pkg/polymorphichelpers/rollout_status.go`).

use super::conditions::{Condition, condition};
use super::{Readiness, count, replicas, wanted_replicas};
use crate::yaml::Node;

/// The reason of the condition `Progressing` of a rollout that got no further for `progressDeadlineSeconds`.
const MISSED: &str = "ProgressDeadlineExceeded";

/// When the rollout of a Deployment missed its deadline; none if it did not.
pub fn missed_deadline(live: &Node) -> Option<&str> {
    let conditions = live.list_at(&["status", "conditions"]);
    let missed = conditions.iter().find(|condition| condition.str_at(&["reason"]) == Some(MISSED))?;
    missed.str_at(&["lastUpdateTime"]).or_else(|| missed.str_at(&["lastTransitionTime"])).or(Some(""))
}

/// Ready when all wanted replicas are new and available and no old one is left. A paused Deployment is not rolled
/// out by its own wish, so nobody waits for it (Helm's `pkg/kube/ready.go`).
///
/// A missed deadline is a failure, unless that was so before (`missed_before`): Kubernetes goes on trying.
pub(super) fn judge(live: &Node, missed_before: Option<&str>) -> Readiness {
    if live.at(&["spec", "paused"]).and_then(Node::as_bool) == Some(true) {
        return Readiness::Ready;
    }
    if let Some(progress) = condition(live, "Progressing")
        && progress.reason == MISSED
        && missed_deadline(live) != missed_before
    {
        return Readiness::Failed(progress.because("it made no progress within its deadline"));
    }
    let wanted = wanted_replicas(live);
    let updated = count(live, &["status", "updatedReplicas"]);
    let available = count(live, &["status", "availableReplicas"]);
    let all = count(live, &["status", "replicas"]);
    if updated < wanted {
        let quota = condition(live, "ReplicaFailure").filter(Condition::is_true);
        let why = format!("{updated} of {} updated", replicas(wanted));
        return Readiness::Waiting(quota.map_or(why.clone(), |failure| failure.because(&why)));
    }
    if all > updated {
        return Readiness::Waiting(format!("{} of the old version still to end", replicas(all - updated)));
    }
    if available < updated {
        return Readiness::Waiting(format!("{available} of {} available", replicas(wanted)));
    }
    Readiness::Ready
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rollouts() {
        let exceeded = json!([{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
            "message": "ReplicaSet \"web-1\" has timed out progressing."}]);
        let quota = json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
            "message": "exceeded quota: small"}]);
        for (spec, status, expected) in [
            (json!({"replicas": 2}), json!({}), "waiting: 0 of 2 replicas updated"),
            (json!({}), json!({"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}), "ready"),
            (json!({"replicas": 0}), json!({}), "ready"),
            (
                json!({"replicas": 2}),
                json!({"replicas": 3, "updatedReplicas": 2, "availableReplicas": 3}),
                "waiting: 1 replica of the old version still to end",
            ),
            (
                json!({"replicas": 2}),
                json!({"replicas": 2, "updatedReplicas": 2, "availableReplicas": 1}),
                "waiting: 1 of 2 replicas available",
            ),
            (
                json!({"replicas": 1}),
                json!({"replicas": 1, "updatedReplicas": 1, "conditions": exceeded}),
                "failed: it made no progress within its deadline: ReplicaSet \"web-1\" has timed out progressing",
            ),
            (
                json!({"replicas": 1}),
                json!({"conditions": quota}),
                "waiting: 0 of 1 replica updated: exceeded quota: small",
            ),
            (json!({"replicas": 2, "paused": true}), json!({"replicas": 2}), "ready"),
        ] {
            let live = Node::from(&json!({"spec": spec, "status": status}));
            assert_eq!(super::super::conditions::tests::told(&judge(&live, None)), expected, "{status}");
        }
    }

    #[test]
    fn a_deadline_that_was_missed_before_is_no_reason_to_give_up() {
        let missed = |at: &str| {
            Node::from(&json!({"status": {"replicas": 1, "updatedReplicas": 1, "conditions": [{"type": "Progressing",
                "status": "False", "reason": "ProgressDeadlineExceeded", "lastUpdateTime": at}]}}))
        };
        let before = missed("2026-01-01T00:00:00Z");
        let known = missed_deadline(&before);
        assert_eq!(judge(&before, known), Readiness::Waiting("0 of 1 replica available".into()));
        assert!(matches!(judge(&missed("2026-01-01T00:09:00Z"), known), Readiness::Failed(_)), "missed again");
        assert!(matches!(judge(&before, None), Readiness::Failed(_)));
    }
}
