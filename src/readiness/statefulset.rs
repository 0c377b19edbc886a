//! The kind StatefulSet, as `kubectl rollout status` waits for them.

use super::{Readiness, count, replicas, wanted_replicas};
use crate::yaml::Node;

/// Ready when all replicas are ready (available, where `minReadySeconds` asks for it) and those above the partition
/// are of the new revision. With the strategy `OnDelete` the controller replaces nothing, so the revision is left out.
pub(super) fn judge(live: &Node) -> Readiness {
    let wanted = wanted_replicas(live);
    let ready = count(live, &["status", "readyReplicas"]);
    if ready < wanted {
        return Readiness::Waiting(format!("{ready} of {} ready", replicas(wanted)));
    }
    if count(live, &["spec", "minReadySeconds"]) > 0 {
        let available = count(live, &["status", "availableReplicas"]);
        if available < wanted {
            return Readiness::Waiting(format!("{available} of {} available", replicas(wanted)));
        }
    }
    if live.str_at(&["spec", "updateStrategy", "type"]) == Some("OnDelete") {
        return Readiness::Ready;
    }
    let partition = count(live, &["spec", "updateStrategy", "rollingUpdate", "partition"]);
    let to_update = (wanted - partition).max(0);
    let updated = count(live, &["status", "updatedReplicas"]);
    let rolling = live.str_at(&["status", "updateRevision"]) != live.str_at(&["status", "currentRevision"]);
    if rolling && updated < to_update {
        return Readiness::Waiting(format!("{updated} of {} updated", replicas(to_update)));
    }
    let all = count(live, &["status", "replicas"]);
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
    fn rollouts() {
        let rolling = |updated: i64| {
            json!({"replicas": 3, "readyReplicas": 3, "updatedReplicas": updated, "currentRevision": "a",
                "updateRevision": "b"})
        };
        let settled = json!({"replicas": 1, "readyReplicas": 1, "currentRevision": "a", "updateRevision": "a"});
        for (spec, status, expected) in [
            (json!({"replicas": 1}), json!({"replicas": 1}), "waiting: 0 of 1 replica ready"),
            (json!({}), settled.clone(), "ready"),
            (json!({"minReadySeconds": 9}), settled.clone(), "waiting: 0 of 1 replica available"),
            (json!({"replicas": 3}), rolling(1), "waiting: 1 of 3 replicas updated"),
            (json!({"replicas": 3}), rolling(3), "ready"),
            (
                json!({"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}}),
                rolling(0),
                "waiting: 0 of 1 replica updated",
            ),
            (json!({"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}}), rolling(1), "ready"),
            (json!({"replicas": 3, "updateStrategy": {"type": "OnDelete"}}), rolling(0), "ready"),
            (json!({"replicas": 0}), settled, "waiting: 1 replica too many, still to end"),
        ] {
            let live = Node::from(&json!({"spec": spec, "status": status}));
            assert_eq!(told(&judge(&live)), expected, "{spec} {status}");
        }
    }
}
