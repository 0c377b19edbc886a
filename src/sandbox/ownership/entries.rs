//! `metadata.managedFields`: who owns what.

use serde_json::{Value, json};

use super::fields::Fields;
use crate::sandbox::json;

/// One manager's share.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) who: FieldManager,
    /// The version that the fields are those of.
    pub(super) version: String,
    pub(super) time: String,
    pub(super) fields: Fields,
}

/// A manager: one name may apply and update, and write subresources, each for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FieldManager {
    /// `Apply` or `Update`.
    pub(super) operation: String,
    pub(super) name: String,
    /// `status`, `scale`, or nothing.
    pub(super) subresource: String,
}

impl FieldManager {
    /// As conflicts name it.
    pub(super) fn words(&self, version: &str) -> String {
        let subresource = match self.subresource.as_str() {
            "" => String::new(),
            subresource => format!(" with subresource {subresource:?}"),
        };
        let using = if self.operation == "Update" { format!(" using {version}") } else { String::new() };
        format!("{:?}{subresource}{using}", self.name)
    }
}

/// The shares in an object; those that can't be read are passed over, as the API server does.
pub(super) fn read(object: &Value) -> Vec<Entry> {
    json::list(object, &["metadata", "managedFields"]).iter().filter_map(entry).collect()
}

fn entry(value: &Value) -> Option<Entry> {
    let text = |name| json::text(value, &[name]).unwrap_or_default().to_owned();
    Some(Entry {
        who: FieldManager { operation: text("operation"), name: text("manager"), subresource: text("subresource") },
        version: text("apiVersion"),
        time: text("time"),
        fields: Fields::from_json(value.get("fieldsV1")?)?,
    })
    .filter(|entry| matches!(entry.who.operation.as_str(), "Apply" | "Update"))
}

/// Writes the shares into an object: `Apply` before `Update`, then by time and name.
pub(super) fn write(object: &mut Value, mut entries: Vec<Entry>) {
    entries.retain(|entry| !entry.fields.is_empty());
    entries.sort_by(|one, two| {
        let order = |entry: &Entry| (entry.who.operation.clone(), entry.time.clone(), entry.who.clone());
        order(one).cmp(&order(two))
    });
    let entries: Vec<Value> = entries
        .into_iter()
        .map(|entry| {
            let mut value = json!({"manager": entry.who.name, "operation": entry.who.operation,
                "apiVersion": entry.version, "time": entry.time, "fieldsType": "FieldsV1",
                "fieldsV1": entry.fields.to_json()});
            if !entry.who.subresource.is_empty() {
                json::set(&mut value, &["subresource"], entry.who.subresource);
            }
            value
        })
        .collect();
    if entries.is_empty() {
        json::remove(object, &["metadata", "managedFields"]);
    } else {
        json::set(object, &["metadata", "managedFields"], entries);
    }
}
