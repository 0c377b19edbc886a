//! Bodies against the types of the API: fields that it does not know, values of the wrong type.

use serde_json::Value;

use crate::sandbox::http::Call;
use crate::sandbox::json;
use crate::sandbox::rejection::Rejection;
use crate::sandbox::served::Served;
use crate::sandbox::state::kinds;
use crate::schema::{self, ListKind, Shape, Type};

/// Something in a body that does not fit.
enum Misfit {
    Unknown(String),
    WrongType { path: String, expected: &'static str, found: &'static str },
}

/// Checks the body of a POST, PUT or PATCH; wrong types are always refused, unknown fields with
/// `fieldValidation=Strict`.
pub(super) fn decoded(object: &Value, served: &Served, call: &Call) -> Result<(), Rejection> {
    let found = misfits(object, served, Items::Numbered);
    let kind = &served.kind.kind;
    let head = format!("{kind} in version {:?} cannot be handled as a {kind}", served.version);
    // Custom resources are not decoded into types: the checks of their schema find it.
    for misfit in found.iter().filter(|_| served.custom.is_none()) {
        if let Misfit::WrongType { path, expected, found } = misfit {
            let path = path.trim_start_matches('.');
            let message = format!(
                "{head}: json: cannot unmarshal {found} into Go struct field {} of type {expected}",
                go_field(kind, path)
            );
            return Err(Rejection::bad_request(message));
        }
    }
    let unknown = unknown(&found);
    if unknown.is_empty() || call.query.get("fieldValidation") != Some("Strict") {
        return Ok(());
    }
    Err(Rejection::bad_request(format!("{head}: strict decoding error: {}", unknown.join(", "))))
}

/// What a server that was not told otherwise warns of, when it stores the body of a POST or a PUT.
pub(super) fn warnings(call: &Call, served: &Served) -> Vec<String> {
    let warned = call.query.get("fieldValidation").is_none_or(|validation| validation == "Warn");
    if !warned || !matches!(call.method, http::Method::POST | http::Method::PUT) {
        return Vec::new();
    }
    call.json().map(|body| unknown(&misfits(&body, served, Items::Numbered))).unwrap_or_default()
}

fn unknown(found: &[Misfit]) -> Vec<String> {
    let words = |misfit: &Misfit| match misfit {
        Misfit::Unknown(path) => Some(format!("unknown field {:?}", path.trim_start_matches('.'))),
        Misfit::WrongType { .. } => None,
    };
    found.iter().filter_map(words).collect()
}

/// How Go's decoder names a field: with the kind in front, without the places in lists.
fn go_field(kind: &str, path: &str) -> String {
    let steps = path.split('.').map(|step| step.split('[').next().unwrap_or(step));
    std::iter::once(kind).chain(steps).collect::<Vec<_>>().join(".")
}

/// Checks what is applied: unknown fields are always refused, since nobody can own them.
pub(super) fn applied(object: &Value, served: &Served) -> Result<(), Rejection> {
    let errors: Vec<_> = misfits(object, served, Items::Keyed)
        .into_iter()
        .map(|misfit| match misfit {
            Misfit::Unknown(path) => format!("{path}: field not declared in schema"),
            Misfit::WrongType { path, expected, found } => format!("{path}: expected {expected}, got {found}"),
        })
        .collect();
    let why = match errors.as_slice() {
        [] => return Ok(()),
        [only] => only.clone(),
        many => format!("errors:\n  {}", many.join("\n  ")),
    };
    Err(Rejection::untyped(patch_words(served, object, &why)))
}

/// How the server words that it can't read what is applied: with namespace and name as the body has them.
pub(super) fn patch_words(served: &Served, applied: &Value, why: &str) -> String {
    let text = |field| json::text(applied, &["metadata", field]).unwrap_or_default();
    let (place, name) = (text("namespace"), text("name"));
    let (group, version, kind) = (&served.kind.group, &served.version, &served.kind.kind);
    format!("failed to create typed patch object ({place}/{name}; {group}/{version}, Kind={kind}): {why}")
}

/// How the items of lists are named.
#[derive(Clone, Copy)]
enum Items {
    /// By their place: `[0]`.
    Numbered,
    /// By their keys where the list has some: `[name="c"]`.
    Keyed,
}

/// The values of a Secret are base64; the server finds that out when it decodes them.
pub(super) fn encoded(object: &Value, served: &Served) -> Result<(), Rejection> {
    if served.kind != kinds::SECRET {
        return Ok(());
    }
    for (_, text) in json::texts(object, &["data"]) {
        if let Err(at) = base64_fault(text) {
            let name = json::text(object, &["metadata", "name"]).unwrap_or_default();
            let place = json::text(object, &["metadata", "namespace"]).unwrap_or_default();
            return Err(Rejection::untyped(format!(
                "failed to convert new object ({place}/{name}; /v1, Kind=Secret) to proper version: unable to convert unstructured object to /v1, Kind=Secret: error decoding from json: illegal base64 data at input byte {at}"
            )));
        }
    }
    Ok(())
}

/// The first byte that is no base64 (RFC 4648 with padding), as Go counts.
fn base64_fault(text: &str) -> Result<(), usize> {
    use base64::Engine as _;
    match base64::engine::general_purpose::STANDARD.decode(text) {
        Ok(_) => Ok(()),
        Err(base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _)) => Err(at),
        Err(base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding) => Err(text.len()),
    }
}

fn misfits(object: &Value, served: &Served, items: Items) -> Vec<Misfit> {
    let mut found = Vec::new();
    match &served.custom {
        None => {
            if let Some(kind) = schema::kind(&served.kind.group, &served.version, &served.kind.kind) {
                walk(object, kind, "", items, &mut found);
            }
        }
        Some(served) => custom(object, served.schema(), "", true, &mut found),
    }
    found
}

fn walk(value: &Value, kind: Type, path: &str, items: Items, found: &mut Vec<Misfit>) {
    if value.is_null() {
        return;
    }
    if let Some(expected) = expectation(value, kind) {
        found.push(Misfit::WrongType { path: path.to_owned(), expected, found: type_name(value) });
        return;
    }
    match (kind.shape(), value) {
        (Shape::Object, Value::Object(map)) => {
            for (name, inner) in map {
                match kind.field(name) {
                    Some(field) => walk(inner, field, &format!("{path}.{name}"), items, found),
                    None => found.push(Misfit::Unknown(format!("{path}.{name}"))),
                }
            }
        }
        (Shape::Map, Value::Object(map)) => {
            let Some(values) = kind.values() else { return };
            for (name, inner) in map {
                let step = match (items, values.shape()) {
                    (Items::Keyed, _) | (_, Shape::Object) => format!("{path}.{name}"),
                    // Go's decoder knows no keys.
                    _ => path.to_owned(),
                };
                walk(inner, values, &step, items, found);
            }
        }
        (Shape::List, Value::Array(list)) => {
            let Some(of) = kind.items() else { return };
            for (at, inner) in list.iter().enumerate() {
                let step = match (items, kind.list_kind()) {
                    (Items::Keyed, Some(ListKind::Map(keys))) => keyed(keys, inner),
                    _ => format!("[{at}]"),
                };
                walk(inner, of, &format!("{path}{step}"), items, found);
            }
        }
        _ => {}
    }
}

/// The step to an item of a keyed list.
fn keyed(keys: &[&str], item: &Value) -> String {
    let mut keys: Vec<_> = keys.iter().filter_map(|key| Some(format!("{key}={}", item.get(key)?))).collect();
    keys.sort();
    format!("[{}]", keys.join(","))
}

/// What was expected, if the value is something else.
fn expectation(value: &Value, kind: Type) -> Option<&'static str> {
    let (fits, expected) = match kind.shape() {
        Shape::String => (value.is_string(), "string"),
        Shape::Integer => (value.is_i64() || value.is_u64(), "numeric (int or float)"),
        Shape::Number => (value.is_number(), "numeric (int or float)"),
        Shape::Boolean => (value.is_boolean(), "boolean"),
        Shape::Map | Shape::Object => (value.is_object(), "map"),
        Shape::List => (value.is_array(), "list"),
        Shape::IntOrString | Shape::Quantity => (value.is_string() || value.is_number(), "scalar"),
        Shape::Any => (true, ""),
    };
    (!fits).then_some(expected)
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    }
}

/// Custom resources: only what their structural schema says, unless it keeps unknown fields.
fn custom(value: &Value, node: &Value, path: &str, root: bool, found: &mut Vec<Misfit>) {
    let open = node.get("x-kubernetes-preserve-unknown-fields").and_then(Value::as_bool).unwrap_or(false)
        || node.get("x-kubernetes-embedded-resource").and_then(Value::as_bool).unwrap_or(false);
    match value {
        Value::Object(map) => {
            let properties = node.get("properties").and_then(Value::as_object);
            for (name, inner) in map {
                let here = format!("{path}.{name}");
                let known = properties.and_then(|properties| properties.get(name)).or(node.get("additionalProperties"));
                match known {
                    _ if root && matches!(name.as_str(), "apiVersion" | "kind" | "metadata") => {}
                    Some(inner_node) => custom(inner, inner_node, &here, false, found),
                    None if open || properties.is_none() => {}
                    None => found.push(Misfit::Unknown(here)),
                }
            }
        }
        _ if wrong_type(value, node).is_some() => {
            let expected = wrong_type(value, node).unwrap_or_default();
            found.push(Misfit::WrongType { path: path.to_owned(), expected, found: type_name(value) });
        }
        Value::Array(items) => {
            if let Some(inner_node) = node.get("items") {
                let numbered = items.iter().enumerate();
                numbered.for_each(|(at, inner)| custom(inner, inner_node, &format!("{path}[{at}]"), false, found));
            }
        }
        _ => {}
    }
}

/// What a structural schema expects of a scalar or a list, if the value is something else.
fn wrong_type(value: &Value, node: &Value) -> Option<&'static str> {
    if value.is_null() || node.get("x-kubernetes-int-or-string").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let (fits, expected) = match node.get("type").and_then(Value::as_str)? {
        "string" => (value.is_string(), "string"),
        "integer" | "number" => (value.is_number(), "numeric (int or float)"),
        "boolean" => (value.is_boolean(), "boolean"),
        "array" => (value.is_array(), "list"),
        "object" => (value.is_object(), "map"),
        _ => (true, ""),
    };
    (!fits).then_some(expected)
}
