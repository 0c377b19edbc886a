//! Pods and what makes them: owners, selectors, templates.

use serde_json::{Value, json};

use super::events::{is_told, warn};
use super::{edit, is_going, make, uid};
use crate::sandbox::json;
use crate::sandbox::quota;
use crate::sandbox::served;
use crate::sandbox::state::{Key, Kind, State, kinds};
use crate::sandbox::write::admit_pod;

/// A reference to an object that controls another.
pub(super) fn controller_reference(owner: &Value) -> Value {
    let field = |path: &[&str]| json::get(owner, path).cloned().unwrap_or_default();
    json!({"apiVersion": field(&["apiVersion"]), "kind": field(&["kind"]), "name": field(&["metadata", "name"]),
        "uid": field(&["metadata", "uid"]), "controller": true, "blockOwnerDeletion": true})
}

/// The uid of the object that controls this one.
pub(super) fn controller_of(object: &Value) -> Option<&str> {
    json::list(object, &["metadata", "ownerReferences"])
        .iter()
        .find(|reference| reference.get("controller") == Some(&Value::Bool(true)))
        .and_then(|reference| json::text(reference, &["uid"]))
}

/// Whether a label selector with `matchLabels` and `matchExpressions` selects a map of labels. An empty one selects
/// nothing here: no workload has one.
pub(super) fn selects(selector: Option<&Value>, object: &Value) -> bool {
    let Some(selector) = selector else { return false };
    let label = |name: &str| json::text(object, &["metadata", "labels", name]);
    let mut wanted = json::texts(selector, &["matchLabels"]).peekable();
    let expressions = json::list(selector, &["matchExpressions"]);
    if wanted.peek().is_none() && expressions.is_empty() {
        return false;
    }
    wanted.all(|(name, value)| label(name) == Some(value))
        && expressions.iter().all(|expression| {
            let label = label(json::text(expression, &["key"]).unwrap_or_default());
            let listed = label.is_some_and(|label| {
                json::list(expression, &["values"]).iter().any(|value| value.as_str() == Some(label))
            });
            match json::text(expression, &["operator"]) {
                Some("In") => listed,
                Some("NotIn") => !listed,
                Some("Exists") => label.is_some(),
                Some("DoesNotExist") => label.is_none(),
                _ => false,
            }
        })
}

/// The objects of a kind that an owner controls. Those that it selects and nobody controls become its own
/// (`ControllerRefManager`); those that it controls and no longer selects are let go.
pub(super) fn claim_owned(state: &mut State, kind: &Kind, owner: &Key) -> Vec<Key> {
    let Some(owner) = state.get(owner).cloned() else { return Vec::new() };
    let selector = json::get(&owner, &["spec", "selector"]);
    let namespace = json::text(&owner, &["metadata", "namespace"]).unwrap_or_default();
    let mut owned = Vec::new();
    let known = state.index.owned(uid(&owner)).chain(state.index.free(kind, namespace));
    let mut found: Vec<Key> = known.filter(|key| key.kind == *kind).cloned().collect();
    found.sort();
    found.dedup();
    for key in found {
        let Some(object) = state.get(&key).cloned() else { continue };
        match controller_of(&object) {
            Some(controller) if controller == uid(&owner) => {
                if selects(selector, &object) {
                    owned.push(key);
                } else {
                    edit(state, &key, |object| {
                        json::list_at(object, &["metadata", "ownerReferences"])
                            .retain(|reference| json::text(reference, &["uid"]) != Some(uid(&owner)));
                    });
                }
            }
            None if selects(selector, &object) && !is_going(&object) && !is_going(&owner) => {
                edit(state, &key, |object| {
                    json::list_at(object, &["metadata", "ownerReferences"]).push(controller_reference(&owner));
                });
                owned.push(key);
            }
            _ => {}
        }
    }
    owned
}

/// Makes a Pod for a workload. When that is forbidden, an event tells it, and the words are returned.
pub(super) fn make_pod(state: &mut State, owner: &Value, mut pod: Value) -> Option<String> {
    let pods = served::by_kind(state, &kinds::POD)?;
    let admitted = admit_pod(state, &mut pod).and_then(|()| quota::admit(state, &pods, &pod, None));
    let Err(why) = admitted else {
        make(state, pod);
        return None;
    };
    let name = json::text(&pod, &["metadata", "name"]).unwrap_or_default();
    let refused = format!("pods {name:?} is forbidden: {why}");
    // Names of Pods are new each time; why they can't be made is told once.
    if !is_told(state, owner, &why) {
        let message = if owner.get("kind") == Some(&Value::from("StatefulSet")) {
            let set = json::text(owner, &["metadata", "name"]).unwrap_or_default();
            format!("Create Pod {name} in StatefulSet {set} failed error: {refused}")
        } else {
            format!("Error creating: {refused}")
        };
        warn(state, owner, "FailedCreate", &message);
    }
    Some(refused)
}

/// The condition of a set, or of a Deployment, whose Pods are refused.
pub(super) const FAILURE: &str = "ReplicaFailure";

/// A Pod from the template of a workload.
pub(super) fn pod_from(owner: &Value, template: &Value, name: &str) -> Value {
    let namespace = json::get(owner, &["metadata", "namespace"]).cloned().unwrap_or_default();
    let mut metadata = json!({"name": name, "namespace": namespace, "ownerReferences": [controller_reference(owner)]});
    for field in ["labels", "annotations", "finalizers"] {
        if let Some(value) = json::get(template, &["metadata", field]).filter(|value| !value.is_null()) {
            json::set(&mut metadata, &[field], value.clone());
        }
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata,
        "spec": template.get("spec").cloned().unwrap_or_default()})
}

/// A Pod from the template of a workload, with a name of its own.
pub(super) fn fresh_pod_from(state: &mut State, owner: &Value, template: &Value) -> Value {
    let prefix = format!("{}-", json::text(owner, &["metadata", "name"]).unwrap_or_default());
    let mut pod = pod_from(owner, template, &format!("{prefix}{}", state.clock.suffix()));
    json::set(&mut pod, &["metadata", "generateName"], prefix);
    pod
}

/// Whether a Pod works.
pub(super) fn is_ready(pod: &Value) -> bool {
    !is_going(pod)
        && json::list(pod, &["status", "conditions"]).iter().any(|condition| {
            json::text(condition, &["type"]) == Some("Ready") && json::text(condition, &["status"]) == Some("True")
        })
}

/// Whether a Pod has come to its end.
pub(super) fn is_over(pod: &Value) -> bool {
    matches!(json::text(pod, &["status", "phase"]), Some("Succeeded" | "Failed"))
}

/// Sets the conditions of a status. A condition keeps its time while its status stays the same.
pub(super) fn conditions(object: &mut Value, now: &str, wanted: &[(&str, bool, &str, &str)]) {
    let before = json::list(object, &["status", "conditions"]).to_vec();
    let kind_of = json::text(object, &["kind"]).unwrap_or_default().to_owned();
    let generation = json::get(object, &["metadata", "generation"]).cloned().unwrap_or_default();
    let conditions: Vec<Value> = wanted
        .iter()
        .map(|(kind, status, reason, message)| {
            let status = if *status { "True" } else { "False" };
            let old = before.iter().find(|old| json::text(old, &["type"]) == Some(kind));
            let time = |field: &str, same: bool| {
                let kept = old.filter(|_| same).and_then(|old| json::text(old, &[field]));
                kept.unwrap_or(now).to_owned()
            };
            let unmoved = old.is_some_and(|old| json::text(old, &["status"]) == Some(status));
            let unchanged =
                unmoved && old.is_some_and(|old| json::text(old, &["reason"]).unwrap_or_default() == *reason);
            let mut condition = json!({"type": kind, "status": status,
                "lastTransitionTime": time("lastTransitionTime", unmoved)});
            // Only Deployments say when a condition was last written.
            if matches!(*kind, "Available" | "Progressing") {
                json::set(&mut condition, &["lastUpdateTime"], time("lastUpdateTime", unchanged));
            }
            for (field, text) in [("reason", reason), ("message", message)] {
                if !text.is_empty() {
                    json::set(&mut condition, &[field], *text);
                }
            }
            match &kind_of[..] {
                "Pod" => {
                    json::set(&mut condition, &["lastProbeTime"], Value::Null);
                    // A Pod is placed by a binding, which tells none.
                    if (*kind, status) != ("PodScheduled", "True") {
                        json::set(&mut condition, &["observedGeneration"], generation.clone());
                    }
                }
                "Job" => json::set(&mut condition, &["lastProbeTime"], time("lastProbeTime", unmoved)),
                _ => {}
            }
            condition
        })
        .collect();
    json::set(object, &["status", "conditions"], conditions);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_select_by_labels_and_expressions() {
        let pod = json!({"metadata": {"labels": {"app": "web", "tier": "front"}}});
        let check = |selector: Value| selects(Some(&selector), &pod);
        assert!(check(json!({"matchLabels": {"app": "web"}})));
        assert!(!check(json!({"matchLabels": {"app": "db"}})));
        assert!(!check(json!({})));
        for (operator, values, expected) in [
            ("In", json!(["front"]), true),
            ("NotIn", json!(["front"]), false),
            ("Exists", json!([]), true),
            ("DoesNotExist", json!([]), false),
        ] {
            let selector = json!({"matchExpressions": [{"key": "tier", "operator": operator, "values": values}]});
            assert_eq!(check(selector), expected, "{operator}");
        }
    }
}
