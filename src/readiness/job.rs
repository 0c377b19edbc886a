//! Jobs: ready means complete, as with Helm's `--wait-for-jobs`; a suspended one waits for a person, not for time.

use super::conditions::{Condition, condition};
use super::{Readiness, count};
use crate::yaml::Node;

pub(super) fn judge(live: &Node) -> Readiness {
    // `FailureTarget` says the same while its last Pods are still ending (`pkg/controller/job`, since 1.31).
    let failed = ["Failed", "FailureTarget"].iter().find_map(|kind| condition(live, kind).filter(Condition::is_true));
    if let Some(failed) = failed {
        return Readiness::Failed(failed.because("it failed"));
    }
    if condition(live, "Complete").is_some_and(|it| it.is_true())
        || live.at(&["spec", "suspend"]).and_then(Node::as_bool) == Some(true)
    {
        return Readiness::Ready;
    }
    if live.at(&["status", "startTime"]).is_none() {
        return Readiness::Waiting("it has not started yet".into());
    }
    let wanted = live.at(&["spec", "completions"]).and_then(Node::as_i64).unwrap_or(1);
    let completed = format!("{} of {wanted} completed", count(live, &["status", "succeeded"]));
    Readiness::Waiting(match count(live, &["status", "failed"]) {
        0 => completed,
        1 => format!("{completed}, 1 Pod failed"),
        failed => format!("{completed}, {failed} Pods failed"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::conditions::tests::told;
    use super::*;
    use serde_json::json;

    #[test]
    fn from_start_to_end() {
        let with = |kind: &str| json!({"conditions": [{"type": kind, "status": "True", "message": "limit reached"}]});
        for (spec, status, expected) in [
            (json!({}), json!({}), "waiting: it has not started yet"),
            (json!({}), json!({"startTime": "x", "failed": 1}), "waiting: 0 of 1 completed, 1 Pod failed"),
            (json!({"completions": 3}), json!({"startTime": "x", "succeeded": 2}), "waiting: 2 of 3 completed"),
            (json!({}), with("Complete"), "ready"),
            (json!({}), with("Failed"), "failed: it failed: limit reached"),
            (json!({}), with("FailureTarget"), "failed: it failed: limit reached"),
            (json!({}), with("SuccessCriteriaMet"), "waiting: it has not started yet"),
            (json!({"suspend": true}), json!({}), "ready"),
        ] {
            let live = Node::from(&json!({"spec": spec, "status": status}));
            assert_eq!(told(&judge(&live)), expected, "{status}");
        }
    }
}
