//! Rules of Jobs, of those by schedule, of autoscalers and budgets (`pkg/apis/{batch,autoscaling,policy}/validation`).

use serde_json::Value;

use crate::sandbox::json;
use crate::sandbox::rejection::FieldError;

/// The Pods of a Job end; so they can't be restarted always.
pub(super) fn restarts(object: &Value, template: &[&str]) -> Option<FieldError> {
    let spec = json::get(object, template)?;
    let field = format!("{}.restartPolicy", template.join("."));
    let always = json::text(spec, &["restartPolicy"]).is_none_or(|policy| policy == "Always");
    always.then(|| FieldError::required(field, "valid values: \"OnFailure\", \"Never\""))
}

/// A schedule has five fields, or is a macro: `@daily`, `@every 1h`.
pub(super) fn schedule(object: &Value) -> Option<FieldError> {
    let schedule = json::text(object, &["spec", "schedule"])?;
    let fields: Vec<_> = schedule.split_whitespace().collect();
    if schedule.is_empty() || schedule.starts_with('@') || fields.len() == 5 {
        return None;
    }
    let why = format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" "));
    Some(FieldError::invalid("spec.schedule", &schedule.into(), why))
}

/// The range of an autoscaler, and what it scales.
pub(super) fn autoscaler(object: &Value) -> Vec<FieldError> {
    let number = |field| json::number(object, &["spec", field]);
    let (min, max) = (number("minReplicas").unwrap_or(1), number("maxReplicas").unwrap_or(1));
    let mut errors = Vec::new();
    if min < 1 {
        errors.push(FieldError::invalid("spec.minReplicas", &min.into(), "must be greater than or equal to 1"));
    }
    if max < 1 {
        errors.push(FieldError::invalid("spec.maxReplicas", &max.into(), "must be greater than 0"));
    } else if max < min {
        let why = "must be greater than or equal to `minReplicas`";
        errors.push(FieldError::invalid("spec.maxReplicas", &max.into(), why));
    }
    let version = json::text(object, &["spec", "scaleTargetRef", "apiVersion"]).unwrap_or_default();
    // Everything that can be scaled has a group, but for one kind of the core group.
    let core = json::text(object, &["spec", "scaleTargetRef", "kind"]) == Some("ReplicationController");
    if !version.contains('/') && !core {
        let why = "apiVersion must specify API group";
        errors.push(FieldError::invalid("spec.scaleTargetRef.apiVersion", &version.into(), why));
    }
    errors
}

/// A budget says how many may be missing, or how many must be there.
pub(super) fn budget(object: &Value) -> Option<FieldError> {
    let has = |field| json::get(object, &["spec", field]).is_some_and(|value| !value.is_null());
    let spec = object.get("spec").unwrap_or(&Value::Null);
    let why = "minAvailable and maxUnavailable cannot be both set";
    (has("minAvailable") && has("maxUnavailable")).then(|| FieldError::invalid("spec", spec, why))
}
