//! How an answer is written down: its fields in order, without what is no part of the rule (who keeps a controller's
//! fields) and with owners short enough to read.

use serde_json::{Map, Value, json};

use super::masks::Masks;

/// Managers whose fields the sandbox's controllers write without an owner.
const CONTROLLERS: &[&str] = &["controller-manager", "scheduler", "kubelet", "provisioner"];

/// An answer as YAML.
pub(super) fn text(answer: Value, fields: &[String], masks: &mut Masks) -> String {
    yaml(&plain(answer, fields, masks))
}

/// A list as YAML, in order, each of those that look alike once.
pub(super) fn once(answer: Value, fields: &[String], masks: &mut Masks) -> String {
    let mut answer = plain(answer, fields, masks);
    if let Some(items) = answer.as_array_mut() {
        items.sort_by_key(Value::to_string);
        items.dedup();
    }
    yaml(&answer)
}

fn plain(mut answer: Value, fields: &[String], masks: &mut Masks) -> Value {
    if answer["kind"] == "Status" {
        answer = status(&answer);
    } else if !fields.is_empty() {
        answer = match answer.get("items").and_then(Value::as_array) {
            Some(items) => items.iter().map(|item| only(item, fields)).collect(),
            None => only(&answer, fields),
        };
    }
    shorten_owners(&mut answer);
    let mut answer = sorted(answer);
    masks.mask_all(&mut answer);
    answer
}

fn yaml(value: &Value) -> String {
    serde_yaml::to_string(value).expect("JSON is YAML").trim_end().to_owned()
}

/// What kchart reads of a Status; what is empty may as well be absent.
fn status(answer: &Value) -> Value {
    let mut shown = Map::new();
    for field in ["status", "reason", "message", "details"] {
        if let Some(value) = answer.get(field) {
            shown.insert(field.to_owned(), value.clone());
        }
    }
    if let Some(details) = shown.get_mut("details").and_then(Value::as_object_mut) {
        details.retain(|_, value| *value != json!("") && *value != json!([]));
    }
    // One manager's conflicts follow each other; which manager comes first is chance.
    if let Some(causes) = shown.get_mut("details").and_then(|details| details.get_mut("causes")?.as_array_mut())
        && causes.iter().all(|cause| cause["reason"] == "FieldManagerConflict")
    {
        causes.sort_by_key(|cause| cause["message"].to_string());
    }
    shown.retain(|_, value| *value != json!("") && *value != json!({}) && *value != json!("Failure"));
    Value::Object(shown)
}

/// Some fields, by their paths.
fn only(object: &Value, fields: &[String]) -> Value {
    let found = |path: &String| {
        let value = path.split('.').try_fold(object, |value, step| match step.parse::<usize>() {
            Ok(at) => value.get(at),
            Err(_) => value.get(step),
        });
        Some((path.clone(), value?.clone()))
    };
    Value::Object(fields.iter().filter_map(found).collect())
}

/// Each entry of `managedFields` in one line, without those of controllers.
fn shorten_owners(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(shorten_owners),
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut() {
                match value.as_array_mut().filter(|_| field.ends_with("managedFields")) {
                    Some(entries) => {
                        let is_theirs = |entry: &Value| {
                            let manager = entry["manager"].as_str().unwrap_or_default();
                            CONTROLLERS.iter().any(|name| manager.ends_with(name))
                        };
                        entries.retain(|entry| !is_theirs(entry));
                        for entry in entries.iter_mut() {
                            *entry = owner(entry);
                        }
                        // The server sorts by times of whole seconds.
                        entries.sort_by_key(Value::to_string);
                    }
                    None => shorten_owners(value),
                }
            }
        }
        _ => {}
    }
}

fn owner(entry: &Value) -> Value {
    let word = |field: &str| entry[field].as_str().map(|word| format!("{word} ")).unwrap_or_default();
    let head: String = ["manager", "operation", "subresource", "apiVersion"].into_iter().map(word).collect();
    format!("{head}{}", sorted(entry["fieldsV1"].clone()).to_string().replace("\\\"", "'").replace('"', "")).into()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort_by(|one, other| one.0.cmp(&other.0));
            fields.into_iter().map(|(field, value)| (field, sorted(value))).collect()
        }
        other => other,
    }
}
