//! Rules of Services and Ingresses (`pkg/apis/{core,networking}/validation`).

use serde_json::Value;

use crate::sandbox::json;
use crate::sandbox::rejection::FieldError;

/// Ports of a Service: several have names, no two the same.
pub(super) fn service(object: &Value) -> Vec<FieldError> {
    let ports = json::list(object, &["spec", "ports"]);
    let mut errors = Vec::new();
    let headless = json::text(object, &["spec", "clusterIP"]) == Some("None");
    let external = json::text(object, &["spec", "type"]) == Some("ExternalName");
    if ports.is_empty() && !headless && !external {
        errors.push(FieldError::required("spec.ports", ""));
    }
    let (mut names, mut numbers) = (Vec::new(), Vec::new());
    for (at, port) in ports.iter().enumerate() {
        let name = json::text(port, &["name"]).unwrap_or_default();
        if name.is_empty() && ports.len() > 1 {
            errors.push(FieldError::required(format!("spec.ports[{at}].name"), ""));
        } else if !name.is_empty() && names.contains(&name) {
            errors.push(duplicate(format!("spec.ports[{at}].name"), &name.into()));
        }
        names.push(name);
        let number = (port.get("port"), port.get("protocol"));
        if numbers.contains(&number) {
            let mut shown = serde_json::Map::new();
            for field in ["port", "protocol"] {
                shown.insert(field.to_owned(), port.get(field).cloned().unwrap_or_default());
            }
            errors.push(duplicate(format!("spec.ports[{at}]"), &Value::Object(shown)));
        }
        numbers.push(number);
    }
    errors
}

fn duplicate(field: String, value: &Value) -> FieldError {
    FieldError { field, reason: "FieldValueDuplicate", text: format!("Duplicate value: {value}") }
}

/// What is missing of an Ingress, in its own words.
pub(super) fn ingress(missing: Vec<FieldError>) -> impl Iterator<Item = FieldError> {
    missing.into_iter().map(|error| {
        if error.field.ends_with(".pathType") && error.reason == "FieldValueRequired" {
            FieldError::required(error.field, "pathType must be specified")
        } else {
            error
        }
    })
}
