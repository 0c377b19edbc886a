//! The kinds ReplicaSet and ReplicationController, as in kstatus.

use super::conditions::{Condition, condition};
use super::{Readiness, count, replicas, wanted_replicas};
use crate::yaml::Node;

/// Ready when exactly the wanted replicas are there and available.
pub(super) fn judge(live: &Node) -> Readiness {
    let wanted = wanted_replicas(live);
    let available = count(live, &["status", "availableReplicas"]);
    let all = count(live, &["status", "replicas"]);
    if available < wanted {
        let why = format!("{available} of {} available", replicas(wanted));
        let failure = condition(live, "ReplicaFailure").filter(Condition::is_true);
        return Readiness::Waiting(failure.map_or(why.clone(), |failure| failure.because(&why)));
    }
    if all > wanted {
        return Readiness::Waiting(format!("{} too many, still to end", replicas(all - wanted)));
    }
    Readiness::Ready
}

#[cfg(test)]
mod tests {
    use super::super::conditions::tests::told;
    use super::*;
    use serde_json::json;

    #[test]
    fn counts() {
        let failure = json!([{"type": "ReplicaFailure", "status": "True", "message": "no quota"}]);
        for (status, expected) in [
            (json!({"replicas": 1}), "waiting: 0 of 1 replica available"),
            (json!({"conditions": failure}), "waiting: 0 of 1 replica available: no quota"),
            (json!({"replicas": 2, "availableReplicas": 2}), "waiting: 1 replica too many, still to end"),
            (json!({"replicas": 1, "availableReplicas": 1}), "ready"),
        ] {
            assert_eq!(told(&judge(&Node::from(&json!({"status": status})))), expected, "{status}");
        }
    }
}
