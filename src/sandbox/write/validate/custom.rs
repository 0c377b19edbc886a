//! Custom resources against the structural schema of their definition: defaults and checks
//! (`k8s.io/apiextensions-apiserver/pkg/apiserver/{schema/defaulting,validation}`).

use serde_json::Value;

use crate::sandbox::json;
use crate::sandbox::rejection::FieldError;

/// A definition is called as what it defines.
pub(super) fn name(definition: &Value) -> Option<FieldError> {
    let text = |path: &[&str]| json::text(definition, path).unwrap_or_default();
    let name = text(&["metadata", "name"]);
    let wanted = format!("{}.{}", text(&["spec", "names", "plural"]), text(&["spec", "group"]));
    let why = "must be spec.names.plural+\".\"+spec.group";
    (name != wanted).then(|| FieldError::invalid("metadata.name", &name.into(), why))
}

/// Fills in the defaults of fields that are not there, below every map that is.
pub(in crate::sandbox::write) fn fill(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (field, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                if let Some(default) = inner.get("default").filter(|_| !map.contains_key(field)) {
                    map.insert(field.clone(), default.clone());
                }
                if let Some(value) = map.get_mut(field) {
                    fill(inner, value);
                }
            }
            if let Some(inner) = schema.get("additionalProperties").filter(|inner| inner.is_object()) {
                for value in map.values_mut() {
                    fill(inner, value);
                }
            }
        }
        Value::Array(items) => {
            if let Some(inner) = schema.get("items") {
                for item in items {
                    fill(inner, item);
                }
            }
        }
        _ => {}
    }
}

/// What does not fit.
pub(super) fn errors(schema: &Value, object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    walk(schema, object, "", &mut errors);
    errors
}

fn walk(schema: &Value, value: &Value, path: &str, errors: &mut Vec<FieldError>) {
    if value.is_null() {
        return;
    }
    if let Some(wanted) = json::text(schema, &["type"]).filter(|wanted| !is(wanted, value)) {
        let why = format!("{path} in body must be of type {wanted}: {:?}", type_name(value));
        let error = FieldError::invalid(path, &type_name(value).into(), why);
        errors.push(FieldError { reason: "FieldValueTypeInvalid", ..error });
        return;
    }
    match value {
        Value::Object(map) => {
            let required = json::list(schema, &["required"]).iter().filter_map(Value::as_str);
            for name in required.filter(|name| !map.contains_key(*name)) {
                errors.push(FieldError::required(join(path, name), ""));
            }
            for (name, inner) in map {
                let known = json::get(schema, &["properties", name]).or_else(|| schema.get("additionalProperties"));
                if let Some(node) = known {
                    walk(node, inner, &join(path, name), errors);
                }
            }
        }
        Value::Array(items) => {
            if let Some(inner) = schema.get("items") {
                for (at, item) in items.iter().enumerate() {
                    walk(inner, item, &format!("{path}[{at}]"), errors);
                }
            }
        }
        scalar => errors.extend(bounds(schema, scalar, path)),
    }
}

/// Enums and ranges.
fn bounds(schema: &Value, value: &Value, path: &str) -> Option<FieldError> {
    let known = json::list(schema, &["enum"]);
    if !known.is_empty() && !known.contains(value) {
        let known: Vec<_> = known.iter().map(|one| one.as_str().unwrap_or_default()).collect();
        return Some(FieldError::unsupported(path, value, &known));
    }
    let limit = |field| schema.get(field).and_then(Value::as_f64);
    let (size, more, less) = match value {
        Value::Number(number) => (number.as_f64()?, limit("minimum"), limit("maximum")),
        _ => return None,
    };
    let why = if let Some(least) = more.filter(|least| size < *least) {
        format!("{path} in body should be greater than or equal to {least}")
    } else {
        format!("{path} in body should be less than or equal to {}", less.filter(|most| size > *most)?)
    };
    Some(FieldError::invalid(path, value, why))
}

fn is(wanted: &str, value: &Value) -> bool {
    match wanted {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
