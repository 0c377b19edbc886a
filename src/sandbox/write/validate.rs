//! Checks of whole objects: required fields, enums, and the few rules between fields that charts get wrong most.

use serde_json::Value;

use crate::sandbox::json;
use crate::sandbox::rejection::FieldError;
use crate::sandbox::served::Served;
use crate::schema::{self, Shape, Type};

const TEMPLATE: &[&str] = &["spec", "template", "spec"];

/// What is wrong with an object.
pub(super) fn errors(served: &Served, object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Some(kind) = schema::kind(&served.kind.group, &served.version, &served.kind.kind) {
        walk(object, kind, "", &mut errors);
    }
    match (served.kind.group.as_ref(), served.kind.kind.as_ref()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => {
            errors.extend(selector(object));
            errors.extend(replicas(object));
            let claims = json::list(object, &["spec", "volumeClaimTemplates"]).iter();
            let claims: Vec<_> = claims.filter_map(|claim| json::text(claim, &["metadata", "name"])).collect();
            errors.extend(containers(json::get(object, TEMPLATE), "spec.template.spec", &claims));
        }
        ("batch", "Job") => errors.extend(containers(json::get(object, TEMPLATE), "spec.template.spec", &[])),
        ("", "Pod") => errors.extend(containers(json::get(object, &["spec"]), "spec", &[])),
        _ => {}
    }
    errors
}

fn walk(value: &Value, kind: Type, path: &str, errors: &mut Vec<FieldError>) {
    match (kind.shape(), value) {
        (Shape::Object, Value::Object(map)) => {
            // What the server fills in itself is required of its answers only.
            let asked = !path.starts_with("status") && !path.starts_with("metadata");
            let missing = |name: &&str| match map.get(*name) {
                None | Some(Value::Null) => true,
                Some(value) => matches!(*name, "name" | "mountPath") && value.as_str() == Some(""),
            };
            for name in kind.required().filter(|_| asked).filter(missing) {
                errors.push(FieldError::required(join(path, name), ""));
            }
            for (name, inner) in map {
                if let Some(field) = kind.field(name) {
                    walk(inner, field, &join(path, name), errors);
                }
            }
        }
        (Shape::Map, Value::Object(map)) => {
            if let Some(values) = kind.values() {
                map.iter().for_each(|(name, inner)| walk(inner, values, &format!("{path}[{name}]"), errors));
            }
        }
        (Shape::List, Value::Array(items)) => {
            if let Some(of) = kind.items() {
                let numbered = items.iter().enumerate();
                numbered.for_each(|(at, inner)| walk(inner, of, &format!("{path}[{at}]"), errors));
            }
        }
        (Shape::String, Value::String(text)) => {
            let enums = kind.enums();
            if !text.is_empty() && !enums.is_empty() && !enums.contains(text) {
                let known: Vec<_> = enums.iter().map(|one| format!("{one:?}")).collect();
                let text = format!("Unsupported value: {text:?}: supported values: {}", known.join(", "));
                errors.push(FieldError { field: path.to_owned(), reason: "FieldValueNotSupported", text });
            }
        }
        _ => {}
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn selector(object: &Value) -> Option<FieldError> {
    let wanted = json::texts(object, &["spec", "selector", "matchLabels"]);
    let label = |name: &str| json::text(object, &["spec", "template", "metadata", "labels", name]);
    let (mut any, mut fits) = (false, true);
    for (name, value) in wanted {
        any = true;
        fits &= label(name) == Some(value);
    }
    let expressions = !json::list(object, &["spec", "selector", "matchExpressions"]).is_empty();
    if (any || expressions) && fits {
        return None;
    }
    let empty = Value::Object(serde_json::Map::new());
    let labels = json::get(object, &["spec", "template", "metadata", "labels"]).unwrap_or(&empty);
    let why = "`selector` does not match template `labels`";
    Some(FieldError::invalid("spec.template.metadata.labels", labels, why))
}

fn replicas(object: &Value) -> Option<FieldError> {
    let replicas = json::number(object, &["spec", "replicas"]).filter(|replicas| *replicas < 0)?;
    Some(FieldError::invalid("spec.replicas", &replicas.into(), "must be greater than or equal to 0"))
}

/// Every container needs an image, and every mounted volume must be one of the Pod's, or made by a claim template
/// (`more`).
fn containers(spec: Option<&Value>, path: &str, more: &[&str]) -> Vec<FieldError> {
    let Some(spec) = spec else { return Vec::new() };
    let volumes = json::list(spec, &["volumes"]).iter().filter_map(|volume| json::text(volume, &["name"]));
    let known: Vec<_> = volumes.chain(more.iter().copied()).collect();
    let mut errors = Vec::new();
    for list in ["initContainers", "containers"] {
        for (at, container) in json::list(spec, &[list]).iter().enumerate() {
            if json::text(container, &["image"]).is_none_or(str::is_empty) {
                errors.push(FieldError::required(format!("{path}.{list}[{at}].image"), ""));
            }
            for (mount_at, mount) in json::list(container, &["volumeMounts"]).iter().enumerate() {
                let name = json::text(mount, &["name"]).unwrap_or_default();
                if !known.contains(&name) {
                    let field = format!("{path}.{list}[{at}].volumeMounts[{mount_at}].name");
                    let text = format!("Not found: {name:?}");
                    errors.push(FieldError { field, reason: "FieldValueNotFound", text });
                }
            }
        }
    }
    errors
}
