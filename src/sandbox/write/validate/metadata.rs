//! Names of labels, annotations and keys (`k8s.io/apimachinery/pkg/util/validation`).

use serde_json::Value;

use crate::sandbox::json;
use crate::sandbox::rejection::FieldError;

const NAME: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/// Labels and annotations of an object.
pub(super) fn errors(object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in ["labels", "annotations"] {
        let place = format!("metadata.{field}");
        for (name, value) in json::texts(object, &["metadata", field]) {
            let part = name.rsplit_once('/').map_or(name, |(_, part)| part);
            if let Some(why) = word(part, NAME, "name part must be no more than 63 characters") {
                errors.push(FieldError::invalid(place.clone(), &name.into(), why));
            }
            let bad = (field == "labels" && !value.is_empty())
                .then(|| word(value, VALUE, "must be no more than 63 characters"))
                .flatten();
            if let Some(why) = bad {
                errors.push(FieldError::invalid(place.clone(), &value.into(), why));
            }
        }
    }
    errors
}

/// Why a word of a label is none.
fn word(text: &str, rule: &'static str, long: &'static str) -> Option<&'static str> {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let fine = edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    if text.len() > 63 { Some(long) } else { (!fine).then_some(rule) }
}

/// The keys of a ConfigMap or a Secret.
pub(super) fn keys(object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in ["data", "binaryData"] {
        let keys = object.get(field).and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys);
        for key in keys {
            let fine = !key.is_empty() && key.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
            if !fine {
                errors.push(FieldError::invalid(format!("{field}[{key}]"), &key.as_str().into(), KEY));
            }
        }
    }
    errors
}
