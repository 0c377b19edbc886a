//! Claims: ready when bound; one that waits for its first consumer blocks nobody.

use super::Readiness;
use crate::yaml::Node;

/// `waits_for_consumer` says that the claim's class binds it only once a Pod that uses it is scheduled; the
/// scheduler then writes `volume.kubernetes.io/selected-node`, and from there on the claim is on its way.
pub(super) fn judge(live: &Node, waits_for_consumer: bool) -> Readiness {
    const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
    match live.str_at(&["status", "phase"]) {
        Some("Bound") => Readiness::Ready,
        Some("Lost") => Readiness::Failed(match live.str_at(&["spec", "volumeName"]) {
            Some(volume) => format!("its volume `{volume}` is gone"),
            None => "its volume is gone".into(),
        }),
        _ if waits_for_consumer && live.at(&["metadata", "annotations", SELECTED_NODE]).is_none() => Readiness::Ready,
        _ => Readiness::Waiting("it is not bound to a volume yet".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::conditions::tests::told;
    use super::*;
    use serde_json::json;

    #[test]
    fn phases() {
        let selected = json!({"annotations": {"volume.kubernetes.io/selected-node": "n1"}});
        for (metadata, phase, waits, expected) in [
            (json!({}), "Bound", false, "ready"),
            (json!({}), "Pending", false, "waiting: it is not bound to a volume yet"),
            (json!({}), "Pending", true, "ready"),
            (selected, "Pending", true, "waiting: it is not bound to a volume yet"),
            (json!({}), "Lost", true, "failed: its volume `disk-1` is gone"),
        ] {
            let live = json!({"metadata": metadata, "spec": {"volumeName": "disk-1"}, "status": {"phase": phase}});
            assert_eq!(told(&judge(&Node::from(&live), waits)), expected, "{phase} {waits}");
        }
    }
}
