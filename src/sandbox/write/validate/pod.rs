//! Rules of Pods and Pod templates that charts get wrong most (`k8s.io/kubernetes/pkg/apis/core/validation`).

use serde_json::Value;

use crate::sandbox::json;
use crate::sandbox::rejection::FieldError;

/// Sources of volumes in the order in which they are looked at (`validateVolumeSource`).
const SOURCES: &[&str] = &[
    "emptyDir",
    "hostPath",
    "secret",
    "nfs",
    "iscsi",
    "persistentVolumeClaim",
    "downwardAPI",
    "configMap",
    "projected",
    "csi",
    "ephemeral",
    "image",
];

/// What is wrong with a Pod, or with a template; `more` names the volumes that claim templates make.
pub(super) fn errors(spec: Option<&Value>, path: &str, more: &[&str]) -> Vec<FieldError> {
    let Some(spec) = spec else { return Vec::new() };
    let volumes = json::list(spec, &["volumes"]).iter().filter_map(|volume| json::text(volume, &["name"]));
    let known: Vec<_> = volumes.chain(more.iter().copied()).collect();
    let mut errors = Vec::new();
    for (at, volume) in json::list(spec, &["volumes"]).iter().enumerate() {
        let mut sources = SOURCES.iter().filter(|source| volume.get(**source).is_some()).skip(1);
        errors.extend(sources.next().map(|source| {
            let why = "may not specify more than 1 volume type";
            FieldError::forbidden(format!("{path}.volumes[{at}].{source}"), why)
        }));
        for (source, field) in [("configMap", "name"), ("secret", "secretName")] {
            let named = json::text(volume, &[source, field]).is_some_and(|name| !name.is_empty());
            if volume.get(source).is_some() && !named {
                errors.push(FieldError::required(format!("{path}.volumes[{at}].{source}.{field}"), ""));
            }
        }
    }
    for list in ["initContainers", "containers"] {
        for (at, found) in json::list(spec, &[list]).iter().enumerate() {
            container(found, &format!("{path}.{list}[{at}]"), &known, &mut errors);
        }
    }
    errors
}

fn container(container: &Value, path: &str, volumes: &[&str], errors: &mut Vec<FieldError>) {
    if json::text(container, &["image"]).is_none_or(str::is_empty) {
        errors.push(FieldError::required(format!("{path}.image"), ""));
    }
    let mut names = Vec::new();
    for (at, port) in json::list(container, &["ports"]).iter().enumerate() {
        let Some(name) = json::text(port, &["name"]) else { continue };
        if names.contains(&name) {
            let (field, text) = (format!("{path}.ports[{at}].name"), format!("Duplicate value: {name:?}"));
            errors.push(FieldError { field, reason: "FieldValueDuplicate", text });
        }
        names.push(name);
    }
    for (at, variable) in json::list(container, &["env"]).iter().enumerate() {
        let has_value = json::text(variable, &["value"]).is_some_and(|text| !text.is_empty());
        if variable.get("valueFrom").is_some() && has_value {
            let field = format!("{path}.env[{at}].valueFrom");
            errors.push(FieldError::invalid(field, &"".into(), "may not be specified when `value` is not empty"));
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let handlers = ["exec", "httpGet", "tcpSocket", "grpc"];
        if container.get(probe).is_some_and(|probe| handlers.iter().all(|handler| probe.get(handler).is_none())) {
            errors.push(FieldError::required(format!("{path}.{probe}"), "must specify a handler type"));
        }
        let successes = json::number(container, &[probe, "successThreshold"]).unwrap_or(1);
        if probe != "readinessProbe" && successes != 1 {
            let field = format!("{path}.{probe}.successThreshold");
            errors.push(FieldError::invalid(field, &successes.into(), "must be 1"));
        }
    }
    for (at, mount) in json::list(container, &["volumeMounts"]).iter().enumerate() {
        let name = json::text(mount, &["name"]).unwrap_or_default();
        if !volumes.contains(&name) {
            let (field, text) = (format!("{path}.volumeMounts[{at}].name"), format!("Not found: {name:?}"));
            errors.push(FieldError { field, reason: "FieldValueNotFound", text });
        }
    }
}
