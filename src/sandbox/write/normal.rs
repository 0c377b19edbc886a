//! Objects in the spelling that the API server stores: quantities in one form, and without what its types leave out
//! when it is empty (`omitempty`).

use serde_json::Value;

use super::quantity;
use crate::sandbox::served::Served;
use crate::schema::{self, Shape, Type};

/// Fields, by type, whose zero value is not stored. OpenAPI does not tell them from fields that know no value at all,
/// so those that charts set stand here (`k8s.io/api`: `omitempty` without a pointer).
const ZERO: &[(&str, &[&str])] = &[
    ("apps.v1.DaemonSetSpec", &["minReadySeconds"]),
    ("apps.v1.DeploymentSpec", &["minReadySeconds", "paused"]),
    ("apps.v1.ReplicaSetSpec", &["minReadySeconds"]),
    ("apps.v1.StatefulSetSpec", &["minReadySeconds"]),
    ("core.v1.Container", &["stdin", "stdinOnce", "tty", "workingDir"]),
    ("core.v1.EnvVar", &["value"]),
    ("core.v1.HTTPGetAction", &["host"]),
    ("core.v1.PodSpec", &["hostIPC", "hostNetwork", "hostPID", "priorityClassName", "serviceAccountName"]),
    ("core.v1.Probe", &["initialDelaySeconds"]),
    ("core.v1.ServicePort", &["name", "nodePort"]),
    ("core.v1.ServiceSpec", &["externalName", "loadBalancerIP", "publishNotReadyAddresses"]),
    ("rbac.v1.Subject", &["apiGroup", "namespace"]),
    ("core.v1.VolumeMount", &["readOnly", "subPath"]),
];

/// Rewrites an object of a built-in kind.
pub(super) fn normalise(object: &mut Value, served: &Served) {
    if let Some(kind) = schema::kind(&served.kind.group, &served.version, &served.kind.kind) {
        walk(object, kind);
    }
}

fn walk(value: &mut Value, kind: Type) {
    match (kind.shape(), &mut *value) {
        (Shape::Quantity, Value::String(text)) => {
            if let Some(canonical) = quantity::canonical(text) {
                *text = canonical;
            }
        }
        (Shape::Quantity, Value::Number(number)) => {
            if let Some(canonical) = quantity::canonical(&number.to_string()) {
                *value = canonical.into();
            }
        }
        (Shape::Object, Value::Object(map)) => {
            let required: Vec<_> = kind.required().collect();
            let zero = ZERO.iter().find(|(name, _)| *name == kind.name()).map_or(&[][..], |(_, fields)| fields);
            map.retain(|name, inner| {
                let Some(field) = kind.field(name) else { return true };
                // A choice that is not made, bytes that are none.
                let unset = (!field.enums().is_empty() || field.format() == Some("byte")) && *inner == "";
                let left_out = unset || is_empty(inner, field) || (zero.contains(&name.as_str()) && is_zero(inner));
                !left_out || required.contains(&name.as_str())
            });
            for (name, inner) in map {
                if let Some(field) = kind.field(name) {
                    walk(inner, field);
                }
            }
        }
        (Shape::Map, Value::Object(map)) => {
            if let Some(values) = kind.values() {
                for (_, inner) in map {
                    walk(inner, values);
                }
            }
        }
        (Shape::List, Value::Array(items)) => {
            if let Some(of) = kind.items() {
                for inner in items {
                    walk(inner, of);
                }
            }
        }
        _ => {}
    }
}

/// Null, or a list or a map without anything in it. An empty object is something: `emptyDir: {}`.
fn is_empty(value: &Value, kind: Type) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        // A type without fields is no map: `subresources: {status: {}}`.
        Value::Object(map) => map.is_empty() && kind.shape() == Shape::Map && kind.values().is_some(),
        _ => false,
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}
