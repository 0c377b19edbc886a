//! Namespaces: there is nothing to wait for until they go; then their conditions say what keeps them.

use super::conditions::{Condition, condition};
use crate::yaml::Node;

/// Why a namespace that is being deleted is still there. The conditions are those of the namespace controller
/// (`pkg/controller/namespace/deletion/status_condition_utils.go`); failures tell more than what merely remains.
pub(super) fn going(live: &Node) -> String {
    const FAILURES: [&str; 5] = [
        "NamespaceDeletionDiscoveryFailure",
        "NamespaceDeletionGroupVersionParsingFailure",
        "NamespaceDeletionContentFailure",
        "NamespaceFinalizersRemaining",
        "NamespaceContentRemaining",
    ];
    let keeping = FAILURES.iter().find_map(|kind| condition(live, kind).filter(Condition::is_true));
    keeping.map_or_else(|| "it is being deleted".into(), |keeping| keeping.because("it is being deleted"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_keeps_it_is_told() {
        let content = json!({"type": "NamespaceContentRemaining", "status": "True", "message": "1 pod remains."});
        let failure =
            json!({"type": "NamespaceDeletionDiscoveryFailure", "status": "True", "message": "metrics is down"});
        let settled = json!({"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "message": "All is well"});
        for (conditions, expected) in [
            (json!([]), "it is being deleted"),
            (json!([settled, content]), "it is being deleted: 1 pod remains"),
            (json!([content, failure]), "it is being deleted: metrics is down"),
        ] {
            assert_eq!(going(&Node::from(&json!({"status": {"conditions": conditions}}))), expected, "{conditions}");
        }
    }
}
