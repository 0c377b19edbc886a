//! A workload's selector must match the labels of its Pod template.
//!
//! Source: Kubernetes 1.37, `pkg/apis/apps/validation`: "`selector` does not match template `labels`".

use super::super::spot::{Findings, Spot, at_key, at_value, subject};
use crate::diagnostic::Diagnostic;
use crate::yaml::{Map, Node};

/// Checks a workload; objects of other kinds pass.
pub(super) fn check(spot: &Spot<'_>, found: &mut Findings) {
    let (root, types) = (spot.node, spot.typed.field("spec"));
    let is_workload =
        types.and_then(|spec| spec.field("selector")).is_some_and(|it| it.name() == "meta.v1.LabelSelector")
            && types.and_then(|spec| spec.field("template")).is_some();
    let (Some(selector), Some(template)) = (root.at(&["spec", "selector"]), root.at(&["spec", "template"])) else {
        return;
    };
    // A Job's selector is the controller's business unless the chart says otherwise.
    let own = root.str_at(&["kind"]) == Some("Job")
        && root.at(&["spec", "manualSelector"]).and_then(Node::as_bool) != Some(true);
    if !is_workload || own {
        return;
    }
    let none = Map::default();
    let labels = template.at(&["metadata", "labels"]);
    let have = labels.and_then(Node::as_map).unwrap_or(&none);
    let mut problem = |diagnostic: Diagnostic| {
        let diagnostic = match labels {
            Some(labels) => {
                diagnostic.note_at("the Pod template's labels", super::super::spot::key_span("labels", labels))
            }
            None => diagnostic.note("the Pod template has no labels"),
        };
        found.errors.push(diagnostic.note(format!("in {}", subject(root))));
    };
    for (key, wanted) in selector.get("matchLabels").and_then(Node::as_map).unwrap_or(&none) {
        match (wanted.as_str(), have.get(key)) {
            (Some(text), Some(label)) if label.as_str() == Some(text) => {}
            (Some(text), Some(label)) if label.as_str().is_some() => {
                let label = label.as_str().unwrap_or_default();
                let message = format!("the selector wants `{key}: {text}`, the Pod template has `{key}: {label}`");
                problem(at_value(Diagnostic::error(message), wanted));
            }
            (Some(text), None) => {
                let message = format!("the selector wants `{key}: {text}`, the Pod template has no label `{key}`");
                problem(at_key(Diagnostic::error(message), key, wanted));
            }
            _ => {}
        }
    }
    for expression in selector.list_at(&["matchExpressions"]) {
        if !holds(expression, have) {
            let key = expression.str_at(&["key"]).unwrap_or_default();
            let message = format!("the selector's expression about `{key}` does not match the Pod template's labels");
            problem(at_value(Diagnostic::error(message), expression.get("key").unwrap_or(expression)));
        }
    }
    let empty = |field| selector.at(&[field]).is_none_or(|node| node.as_map().is_some_and(|map| map.is_empty()));
    if empty("matchLabels") && selector.list_at(&["matchExpressions"]).is_empty() && selector.as_map().is_some() {
        problem(at_value(Diagnostic::error("the selector is empty"), selector));
    }
}

/// Whether labels keep an expression; expressions that can't be read do, they are other errors.
fn holds(expression: &Node, labels: &Map) -> bool {
    let Some(key) = expression.str_at(&["key"]) else { return true };
    let label = labels.get(key).and_then(Node::as_str);
    let among = || expression.list_at(&["values"]).iter().any(|value| value.as_str() == label && label.is_some());
    match expression.str_at(&["operator"]) {
        Some("In") => among(),
        Some("NotIn") => !among(),
        Some("Exists") => labels.contains_key(key),
        Some("DoesNotExist") => !labels.contains_key(key),
        _ => true,
    }
}
