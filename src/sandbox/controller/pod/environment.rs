//! The environment of a container, with what it reads from Secrets and ConfigMaps.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::sandbox::json;
use crate::sandbox::state::{Key, Kind, State, kinds};

/// Variables by name. Holds Secrets, so it is never shown.
pub(super) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Reads it; the error is the message of `CreateContainerConfigError`.
    pub(super) fn read(state: &State, pod: &Value, container: &Value) -> Result<Self, String> {
        let namespace = json::text(pod, &["metadata", "namespace"]).unwrap_or_default();
        let mut found = BTreeMap::new();
        for source in json::list(container, &["envFrom"]) {
            let prefix = json::text(source, &["prefix"]).unwrap_or_default();
            for (field, kind, word) in
                [("secretRef", &kinds::SECRET, "secret"), ("configMapRef", &kinds::CONFIG_MAP, "configmap")]
            {
                let Some(reference) = source.get(field) else { continue };
                let name = json::text(reference, &["name"]).unwrap_or_default();
                match state.get(&Key::new(kind, namespace, name)) {
                    Some(object) => {
                        let names = json::get(object, &["data"]).and_then(Value::as_object).into_iter().flatten();
                        found.extend(
                            names.filter_map(|(key, _)| Some((format!("{prefix}{key}"), decoded(object, kind, key)?))),
                        );
                    }
                    None if is_optional(reference) => {}
                    None => return Err(format!("{word} {name:?} not found")),
                }
            }
        }
        for variable in json::list(container, &["env"]) {
            let name = json::text(variable, &["name"]).unwrap_or_default();
            if let Some(value) = value(state, pod, namespace, variable, &found)? {
                found.insert(name.to_owned(), value);
            }
        }
        Ok(Self(found))
    }

    /// A variable; none if it is not set or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The first of several variables that is set.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }
}

fn is_optional(reference: &Value) -> bool {
    reference.get("optional") == Some(&Value::Bool(true))
}

fn value(
    state: &State,
    pod: &Value,
    namespace: &str,
    variable: &Value,
    before: &BTreeMap<String, String>,
) -> Result<Option<String>, String> {
    if let Some(path) = json::text(variable, &["valueFrom", "fieldRef", "fieldPath"]) {
        return Ok(field(pod, path));
    }
    for (source, kind, word) in
        [("secretKeyRef", &kinds::SECRET, "Secret"), ("configMapKeyRef", &kinds::CONFIG_MAP, "ConfigMap")]
    {
        let Some(reference) = json::get(variable, &["valueFrom", source]) else { continue };
        let name = json::text(reference, &["name"]).unwrap_or_default();
        let key = json::text(reference, &["key"]).unwrap_or_default();
        let Some(object) = state.get(&Key::new(kind, namespace, name)) else {
            let lost = Err(format!("{} {name:?} not found", word.to_lowercase()));
            return if is_optional(reference) { Ok(None) } else { lost };
        };
        return match decoded(object, kind, key) {
            Some(value) => Ok(Some(value)),
            None if is_optional(reference) => Ok(None),
            None => Err(format!("couldn't find key {key} in {word} {namespace}/{name}")),
        };
    }
    let text = json::text(variable, &["value"]).unwrap_or_default();
    Ok(Some(expand(text, before)))
}

/// A key of a Secret or ConfigMap, as it is read.
pub(super) fn decoded(object: &Value, kind: &Kind, key: &str) -> Option<String> {
    let text = json::text(object, &["data", key])?;
    if *kind == kinds::SECRET {
        return STANDARD.decode(text).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    }
    Some(text.to_owned())
}

/// `$(NAME)` of a variable above; others stay as they are, `$$` is one `$`.
fn expand(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest.strip_prefix("$(").and_then(|inner| inner.split_once(')'));
        if let Some(after) = rest.strip_prefix("$$") {
            expanded.push('$');
            rest = after;
        } else if let Some((value, after)) = name.and_then(|(name, after)| Some((known.get(name)?, after))) {
            expanded.push_str(value);
            rest = after;
        } else {
            expanded.push('$');
            rest = &rest[1..];
        }
    }
    expanded + rest
}

fn field(pod: &Value, path: &str) -> Option<String> {
    if let Some((map, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        let map: Vec<_> = map.split('.').collect();
        return json::text(json::get(pod, &map)?, &[key]).map(str::to_owned);
    }
    let path: Vec<_> = path.split('.').collect();
    json::text(pod, &path).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_expanded_and_the_rest_stays() {
        let known = BTreeMap::from([("USER".to_owned(), "app".to_owned())]);
        assert_eq!(expand("amqp://$(USER)@$(HOST) $$(USER) 5$", &known), "amqp://app@$(HOST) $(USER) 5$");
    }
}
