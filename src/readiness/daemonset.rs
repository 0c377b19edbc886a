//! The kind DaemonSet, as `kubectl rollout status` waits for them.

use super::{Readiness, count};
use crate::yaml::Node;

/// Ready when every node that shall have a Pod has a new and available one.
pub(super) fn judge(live: &Node) -> Readiness {
    let wanted = count(live, &["status", "desiredNumberScheduled"]);
    let updated = count(live, &["status", "updatedNumberScheduled"]);
    let replaces = live.str_at(&["spec", "updateStrategy", "type"]) != Some("OnDelete");
    if replaces && updated < wanted {
        return Readiness::Waiting(format!("updated on {updated} of {}", nodes(wanted)));
    }
    let available = count(live, &["status", "numberAvailable"]);
    if available < wanted {
        return Readiness::Waiting(format!("available on {available} of {}", nodes(wanted)));
    }
    Readiness::Ready
}

fn nodes(number: i64) -> String {
    if number == 1 { "1 node".into() } else { format!("{number} nodes") }
}

#[cfg(test)]
mod tests {
    use super::super::conditions::tests::told;
    use super::*;
    use serde_json::json;

    #[test]
    fn rollouts() {
        let on_delete = json!({"updateStrategy": {"type": "OnDelete"}});
        for (spec, status, expected) in [
            (json!({}), json!({"desiredNumberScheduled": 0}), "ready"),
            (
                json!({}),
                json!({"desiredNumberScheduled": 2, "updatedNumberScheduled": 1}),
                "waiting: updated on 1 of 2 nodes",
            ),
            (
                json!({}),
                json!({"desiredNumberScheduled": 1, "updatedNumberScheduled": 1}),
                "waiting: available on 0 of 1 node",
            ),
            (on_delete, json!({"desiredNumberScheduled": 1, "numberAvailable": 1}), "ready"),
        ] {
            let live = Node::from(&json!({"spec": spec, "status": status}));
            assert_eq!(told(&judge(&live)), expected, "{status}");
        }
    }
}
