//! Conditions: how they are read, and the rule for kinds that have no rule of their own.

use super::Readiness;
use crate::yaml::Node;

/// An entry of `status.conditions`.
#[derive(Debug)]
pub(super) struct Condition<'a> {
    /// `True`, `False` or `Unknown`.
    pub(super) status: &'a str,
    /// One word.
    pub(super) reason: &'a str,
    message: &'a str,
    /// Whether it is about an older spec: conditions of custom resources may have an `observedGeneration` each
    /// (`metav1.Condition`).
    is_old: bool,
}

impl Condition<'_> {
    pub(super) fn is_true(&self) -> bool {
        self.status == "True"
    }

    /// Its message (or its reason), in one line.
    pub(super) fn text(&self) -> String {
        one_line(if self.message.is_empty() { self.reason } else { self.message })
    }

    /// `what`, and its text behind a colon.
    pub(super) fn because(&self, what: &str) -> String {
        let why = self.text();
        if why.is_empty() { what.into() } else { format!("{what}: {why}") }
    }
}

/// The condition of a type, if the object has it.
pub(super) fn condition<'a>(live: &'a Node, kind: &str) -> Option<Condition<'a>> {
    let node = live.list_at(&["status", "conditions"]).iter().find(|node| node.str_at(&["type"]) == Some(kind))?;
    let word = |key| node.str_at(&[key]).unwrap_or_default();
    let number = |node: &Node, path: &[&str]| node.at(path).and_then(Node::as_i64);
    let is_old = number(node, &["observedGeneration"]) < number(live, &["metadata", "generation"])
        && node.get("observedGeneration").is_some();
    Some(Condition { status: word("status"), reason: word("reason"), message: word("message"), is_old })
}

/// Foreign text as a fragment of one line: no control characters, no full stop.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<_> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

/// Any kind, as in kstatus: `Stalled` fails, `Reconciling` waits, `Ready` decides; without them it is ready.
pub(super) fn judge(live: &Node) -> Readiness {
    if let Some(stalled) = condition(live, "Stalled").filter(Condition::is_true) {
        return Readiness::Failed(stalled.because("it is stalled"));
    }
    if let Some(reconciling) = condition(live, "Reconciling").filter(Condition::is_true) {
        return Readiness::Waiting(reconciling.because("it is being reconciled"));
    }
    match condition(live, "Ready") {
        Some(ready) if ready.is_old => Readiness::Waiting("its controller has not judged the newest change yet".into()),
        Some(ready) if !ready.is_true() => Readiness::Waiting(ready.because("it is not ready")),
        _ => Readiness::Ready,
    }
}

/// A kind whose readiness is one condition that it always gets.
pub(super) fn judge_by(live: &Node, kind: &str) -> Readiness {
    match condition(live, kind) {
        Some(condition) if condition.is_true() => Readiness::Ready,
        Some(condition) => Readiness::Waiting(condition.because(&format!("it is not {}", kind.to_lowercase()))),
        None => Readiness::Waiting(format!("it is not {} yet", kind.to_lowercase())),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    /// A judgement as text, for tables.
    pub(in super::super) fn told(readiness: &Readiness) -> String {
        match readiness {
            Readiness::Ready => "ready".into(),
            Readiness::Waiting(why) => format!("waiting: {why}"),
            Readiness::Failed(why) => format!("failed: {why}"),
        }
    }

    #[test]
    fn kinds_without_a_rule_of_their_own() {
        for (conditions, expected) in [
            (json!([]), "ready"),
            (json!([{"type": "Synced", "status": "False"}]), "ready"),
            (json!([{"type": "Ready", "status": "True"}]), "ready"),
            (json!([{"type": "Ready", "status": "False", "reason": "Issuing"}]), "waiting: it is not ready: Issuing"),
            (json!([{"type": "Ready", "status": "Unknown", "message": "a\n\u{7}b."}]), "waiting: it is not ready: a b"),
            (json!([{"type": "Reconciling", "status": "True"}]), "waiting: it is being reconciled"),
            (json!([{"type": "Stalled", "status": "True", "message": "no"}]), "failed: it is stalled: no"),
        ] {
            let live = Node::from(&json!({"status": {"conditions": conditions}}));
            assert_eq!(told(&judge(&live)), expected, "{conditions}");
        }
    }

    #[test]
    fn a_condition_of_an_older_spec_says_nothing() {
        for (observed, expected) in [(1, "waiting: its controller has not judged the newest change yet"), (2, "ready")]
        {
            let ready = json!([{"type": "Ready", "status": "True", "observedGeneration": observed}]);
            let live = Node::from(&json!({"metadata": {"generation": 2}, "status": {"conditions": ready}}));
            assert_eq!(told(&judge(&live)), expected, "{observed}");
        }
    }

    #[test]
    fn a_condition_that_always_comes_is_waited_for() {
        assert_eq!(told(&judge_by(&Node::map(), "Available")), "waiting: it is not available yet");
    }
}
