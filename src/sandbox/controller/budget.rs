//! Budgets: how many of the Pods that they select work, and how many may be missing
//! (`k8s.io/kubernetes/pkg/controller/disruption`).

use serde_json::{Value, json};

use super::owned::{is_over, is_ready, selects};
use super::{News, edit, is_going, keys};
use crate::sandbox::json;
use crate::sandbox::state::{State, kinds};

pub(super) fn run(state: &mut State, _news: &News) {
    for key in keys(state, &kinds::BUDGET) {
        let Some(budget) = state.get(&key).cloned() else { continue };
        let selector = json::get(&budget, &["spec", "selector"]);
        let (mut expected, mut healthy) = (0_i64, 0_i64);
        for pod in state.within(&kinds::POD, &key.at.namespace) {
            if selects(selector, pod) && !is_over(pod) && !is_going(pod) {
                expected += 1;
                healthy += i64::from(is_ready(pod));
            }
        }
        let least = least(&budget, expected);
        let allowed = (healthy - least).max(0);
        let now = state.clock.now();
        edit(state, &key, |budget| {
            let generation = json::get(budget, &["metadata", "generation"]).cloned().unwrap_or_default();
            let (status, reason) = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
            let old = json::list(budget, &["status", "conditions"]).first();
            let since = old.filter(|old| json::text(old, &["status"]) == Some(status));
            let since = since.and_then(|old| json::text(old, &["lastTransitionTime"])).unwrap_or(&now).to_owned();
            json::set(
                budget,
                &["status"],
                json!({"observedGeneration": generation, "currentHealthy": healthy, "desiredHealthy": least,
                    "expectedPods": expected, "disruptionsAllowed": allowed,
                    "conditions": [{"type": "DisruptionAllowed", "status": status, "reason": reason, "message": "",
                        "observedGeneration": generation, "lastTransitionTime": since}]}),
            );
        });
    }
}

/// How many Pods must work. Percentages are rounded up.
fn least(budget: &Value, expected: i64) -> i64 {
    let share = |field| match json::get(budget, &["spec", field])? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => {
            let percent = text.trim_end_matches('%').parse::<i64>().ok()?;
            Some((expected * percent + 99) / 100)
        }
        _ => None,
    };
    match (share("minAvailable"), share("maxUnavailable")) {
        (Some(least), _) => least,
        (None, Some(missing)) => (expected - missing).max(0),
        (None, None) => 0,
    }
}
