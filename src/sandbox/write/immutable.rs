//! Changes that are refused, in the API server's words. Which fields they are, `schema` knows.

use serde_json::Value;

use crate::sandbox::json;
use crate::sandbox::rejection::FieldError;
use crate::sandbox::served::Served;
use crate::sandbox::state::{Key, State, kinds};
use crate::schema::{Immutable, Since, immutable};

const IMMUTABLE: &str = "field is immutable";

/// The changes from `before` to `after` that are not allowed.
pub(super) fn errors(served: &Served, before: &Value, after: &Value) -> Vec<FieldError> {
    let (group, kind) = (served.kind.group.as_ref(), served.kind.kind.as_ref());
    if (group, kind) == ("apps", "StatefulSet") {
        return of_stateful_set(before, after);
    }
    // Only a bound claim may grow.
    let free = kind != "PersistentVolumeClaim" || json::text(before, &["status", "phase"]) == Some("Bound");
    let differs = |rule: &&Immutable| part(rule, before, free) != part(rule, after, free);
    let mut errors: Vec<_> = immutable(group, kind)
        .iter()
        // Told as `clusterIPs`.
        .filter(|rule| rule.path != ["spec", "clusterIP"])
        .filter(|rule| is_bound(rule, before, after, kind) && differs(rule))
        .map(|rule| error(group, kind, rule, after))
        .collect();
    if kind == "PersistentVolumeClaim" && errors.is_empty() {
        errors.extend(shrunk(before, after));
    }
    errors
}

fn is_bound(rule: &Immutable, before: &Value, after: &Value, kind: &str) -> bool {
    match rule.since {
        Since::Creation => kind != "PersistentVolumeClaim" || !is_binding(before, after),
        // A change of a Service's type lifts what belongs to the old type.
        Since::Set => {
            json::get(before, rule.path).is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
                && json::get(before, &["spec", "type"]) == json::get(after, &["spec", "type"])
        }
        Since::Marked => json::get(before, &["immutable"]) == Some(&Value::Bool(true)),
    }
}

/// A claim without a volume may be given one.
fn is_binding(before: &Value, after: &Value) -> bool {
    const VOLUME: &[&str] = &["spec", "volumeName"];
    let (None, Some(volume)) = (json::text(before, VOLUME), json::get(after, VOLUME)) else { return false };
    let mut named = before.clone();
    json::set(&mut named, VOLUME, volume.clone());
    named.get("spec") == after.get("spec")
}

/// The fields of a set that can't be changed, each by itself.
fn of_stateful_set(before: &Value, after: &Value) -> Vec<FieldError> {
    ["selector", "volumeClaimTemplates", "serviceName", "podManagementPolicy"]
        .into_iter()
        .filter(|field| json::get(before, &["spec", field]) != json::get(after, &["spec", field]))
        .map(|field| {
            let value = json::get(after, &["spec", field]).unwrap_or(&Value::Null);
            FieldError::invalid(format!("spec.{field}"), value, IMMUTABLE)
        })
        .collect()
}

/// What a rule is about, without its exceptions if there are any now.
fn part(rule: &Immutable, object: &Value, free: bool) -> Option<Value> {
    let mut object = object.clone();
    for free in rule.except.iter().filter(|_| free) {
        json::remove(&mut object, free);
    }
    json::get(&object, rule.path).cloned()
}

fn error(group: &str, kind: &str, rule: &Immutable, after: &Value) -> FieldError {
    let path = rule.path.join(".");
    let value = json::get(after, rule.path).cloned().unwrap_or_default();
    match (group, kind) {
        ("", "PersistentVolumeClaim") => FieldError::forbidden(
            "spec",
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        ),
        ("", "PersistentVolume") => FieldError::forbidden(
            "spec.persistentvolumesource",
            "spec.persistentvolumesource is immutable after creation",
        ),
        ("", "Pod") => FieldError::forbidden(
            "spec",
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
        ),
        // Never the value: it may be a Secret's.
        (_, "Secret" | "ConfigMap") if rule.since == Since::Marked => {
            FieldError::forbidden(path, "field is immutable when `immutable` is set")
        }
        // Told of the new object without its value (declarative validation).
        (_, "StorageClass") => FieldError::invalid(path, &Value::Null, IMMUTABLE),
        (_, "PriorityClass") => FieldError::forbidden(path.clone(), &format!("updates to {path} are forbidden.")),
        ("batch", "Job") if path == "spec.template" => FieldError::invalid("spec.template.spec", &value, IMMUTABLE),
        ("", "Service") if path == "spec.clusterIPs" => {
            FieldError::invalid("spec.clusterIPs[0]", &value, "may not change once set")
        }
        _ => FieldError::invalid(path, &value, IMMUTABLE),
    }
}

/// A claim may grow, never shrink.
fn shrunk(before: &Value, after: &Value) -> Option<FieldError> {
    const SIZE: &[&str] = &["spec", "resources", "requests", "storage"];
    let size = |object, path| json::text(object, path).and_then(super::quantity::units);
    let wanted = size(after, SIZE)?;
    let why = if size(before, &["status", "capacity", "storage"]).is_some_and(|capacity| wanted < capacity) {
        "field can not be less than status.capacity"
    } else if wanted < size(before, SIZE)? {
        "field can not be less than previous value"
    } else {
        return None;
    };
    Some(FieldError::forbidden(SIZE.join("."), why))
}

/// Why a claim may not grow (admission plugin `PersistentVolumeClaimResize`).
pub(super) fn unresizable(state: &State, before: &Value, after: &Value) -> Option<&'static str> {
    const SIZE: &[&str] = &["spec", "resources", "requests", "storage"];
    let size = |object| json::text(object, SIZE).and_then(super::quantity::units);
    if size(after) <= size(before) || json::text(before, &["status", "phase"]) != Some("Bound") {
        return None;
    }
    let class = json::text(before, &["spec", "storageClassName"]).unwrap_or_default();
    let class = state.get(&Key::new(&kinds::STORAGE_CLASS, "", class));
    let allowed = class.and_then(|class| class.get("allowVolumeExpansion")) == Some(&Value::Bool(true));
    (!allowed).then_some(
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
    )
}
