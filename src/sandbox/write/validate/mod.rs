//! Checks of whole objects: required fields, enums, and the few rules between fields that charts get wrong most.

mod custom;
mod metadata;
mod network;
mod pod;
mod workload;

use serde_json::Value;

pub(super) use custom::fill as fill_custom;

use crate::sandbox::json;
use crate::sandbox::rejection::FieldError;
use crate::sandbox::served::Served;
use crate::schema::{self, Shape, Type};

const TEMPLATE: &[&str] = &["spec", "template", "spec"];
/// The Pods of a `CronJob`.
const OF_SCHEDULED: &[&str] = &["spec", "jobTemplate", "spec", "template", "spec"];

/// What is wrong with an object, in the order in which the server tells it.
pub(super) fn errors(served: &Served, object: &Value) -> Vec<FieldError> {
    if let Some(custom) = &served.custom {
        let mut errors = metadata::errors(object);
        errors.extend(custom::errors(custom.schema(), object));
        return errors;
    }
    let mut missing = Vec::new();
    if let Some(kind) = schema::kind(&served.kind.group, &served.version, &served.kind.kind) {
        walk(object, kind, "", &mut missing);
    }
    let (selectors, rest): (Vec<_>, Vec<_>) = missing.into_iter().partition(|error| error.field == "spec.selector");
    let mut errors = metadata::errors(object);
    errors.extend(selectors);
    match (served.kind.group.as_ref(), served.kind.kind.as_ref()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => {
            errors.extend(selector(object));
            errors.extend(rest.into_iter().map(|error| match error.field.as_str() {
                // A template that is not there has no containers.
                "spec.template" => FieldError::required("spec.template.spec.containers", ""),
                _ => error,
            }));
            let claims = json::list(object, &["spec", "volumeClaimTemplates"]).iter();
            let claims: Vec<_> = claims.filter_map(|claim| json::text(claim, &["metadata", "name"])).collect();
            errors.extend(pod::errors(json::get(object, TEMPLATE), "spec.template.spec", &claims));
            errors.extend(replicas(object));
            errors.extend(strategy(object));
        }
        ("batch", "Job") => {
            errors.extend(rest);
            errors.extend(pod::errors(json::get(object, TEMPLATE), "spec.template.spec", &[]));
            errors.extend(workload::restarts(object, TEMPLATE));
        }
        ("batch", "CronJob") => {
            errors.extend(workload::schedule(object));
            errors.extend(rest);
            errors.extend(pod::errors(json::get(object, OF_SCHEDULED), &OF_SCHEDULED.join("."), &[]));
            errors.extend(workload::restarts(object, OF_SCHEDULED));
        }
        ("autoscaling", "HorizontalPodAutoscaler") => {
            errors.extend(rest);
            errors.extend(workload::autoscaler(object));
        }
        ("policy", "PodDisruptionBudget") => {
            errors.extend(rest);
            errors.extend(workload::budget(object));
        }
        ("", "Service") => {
            errors.extend(rest);
            errors.extend(network::service(object));
        }
        ("networking.k8s.io", "Ingress") => errors.extend(network::ingress(rest)),
        ("", "PersistentVolumeClaim") => {
            errors.extend(rest);
            let size = json::get(object, &["spec", "resources", "requests", "storage"]);
            errors.extend(size.is_none().then(|| FieldError::required("spec.resources[storage]", "")));
        }
        ("", "ConfigMap" | "Secret") => {
            errors.extend(rest);
            errors.extend(metadata::keys(object));
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            errors.extend(custom::name(object));
            errors.extend(rest);
        }
        ("", "PodTemplate") => {
            errors.extend(rest);
            errors.extend(pod::errors(json::get(object, &["template", "spec"]), "template.spec", &[]));
        }
        ("", "Pod") => {
            errors.extend(rest);
            errors.extend(pod::errors(json::get(object, &["spec"]), "spec", &[]));
        }
        _ => errors.extend(rest),
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
                Some(Value::String(text)) => matches!(*name, "name" | "mountPath") && text.is_empty(),
                Some(Value::Array(items)) => *name == "containers" && items.is_empty(),
                Some(_) => false,
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
    let labels = json::get(object, &["spec", "template", "metadata", "labels"]).unwrap_or(&Value::Null);
    let why = "`selector` does not match template `labels`";
    Some(FieldError::invalid("spec.template.metadata.labels", labels, why))
}

fn replicas(object: &Value) -> Option<FieldError> {
    let replicas = json::number(object, &["spec", "replicas"]).filter(|replicas| *replicas < 0)?;
    Some(FieldError::invalid("spec.replicas", &replicas.into(), "must be greater than or equal to 0"))
}

/// What a strategy does not know must not be left over from another one.
fn strategy(object: &Value) -> Option<FieldError> {
    let recreate = json::text(object, &["spec", "strategy", "type"]) == Some("Recreate");
    let left_over = recreate && json::get(object, &["spec", "strategy", "rollingUpdate"]).is_some();
    let why = "may not be specified when strategy `type` is 'Recreate'";
    left_over.then(|| FieldError::forbidden("spec.strategy.rollingUpdate", why))
}
