//! The kind `HorizontalPodAutoscaler`: it has to find what it scales.

use super::Readiness;
use super::conditions::condition;
use crate::yaml::Node;

/// Waits only while the target can't be scaled (`pkg/controller/podautoscaler/horizontal.go`, `AbleToScale`). Metrics
/// come a while after the Pods, and not at all where nobody serves them, so `ScalingActive` blocks nobody.
pub(super) fn judge(live: &Node) -> Readiness {
    match condition(live, "AbleToScale").filter(|able| able.status == "False") {
        Some(able) => Readiness::Waiting(able.because("what it scales can't be scaled")),
        None => Readiness::Ready,
    }
}

#[cfg(test)]
mod tests {
    use super::super::conditions::tests::told;
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_target_is_waited_for() {
        let lost = json!({"type": "AbleToScale", "status": "False", "reason": "FailedGetScale",
            "message": "deployments/scale.apps \"web\" not found"});
        let blind = json!({"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"});
        for (conditions, expected) in [
            (json!([]), "ready"),
            (json!([{"type": "AbleToScale", "status": "True"}, blind]), "ready"),
            (json!([lost]), "waiting: what it scales can't be scaled: deployments/scale.apps \"web\" not found"),
        ] {
            assert_eq!(told(&judge(&Node::from(&json!({"status": {"conditions": conditions}})))), expected);
        }
    }
}
