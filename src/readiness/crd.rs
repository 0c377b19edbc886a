//! Definitions of custom resources: ready when established, which is when their kinds are served.

use super::Readiness;
use super::conditions::condition;
use crate::yaml::Node;

pub(super) fn judge(live: &Node) -> Readiness {
    if let Some(names) = condition(live, "NamesAccepted").filter(|names| names.status == "False") {
        return Readiness::Failed(names.because("its names are taken"));
    }
    match condition(live, "Established") {
        Some(established) if established.is_true() => Readiness::Ready,
        Some(established) => Readiness::Waiting(established.because("it is not established yet")),
        None => Readiness::Waiting("it is not established yet".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::conditions::tests::told;
    use super::*;
    use serde_json::json;

    #[test]
    fn names_then_established() {
        for (conditions, expected) in [
            (json!([]), "waiting: it is not established yet"),
            (
                json!([{"type": "NamesAccepted", "status": "False", "message": "plural widgets is in use"}]),
                "failed: its names are taken: plural widgets is in use",
            ),
            (json!([{"type": "NamesAccepted", "status": "True"}, {"type": "Established", "status": "True"}]), "ready"),
        ] {
            let live = Node::from(&json!({"status": {"conditions": conditions}}));
            assert_eq!(told(&judge(&live)), expected, "{conditions}");
        }
    }
}
