//! CustomResourceDefinitions: their kinds are served at once, and their objects go with them.

use serde_json::{Value, json};

use super::{News, edit, is_going, keys, release};
use crate::sandbox::json;
use crate::sandbox::state::{Kind, State, kinds};
use crate::sandbox::write::{CLEANUP, Dependents, mark_deleted};

pub(super) fn run(state: &mut State, _news: &News) {
    for key in keys(state, &kinds::DEFINITION) {
        let Some(definition) = state.get(&key).cloned() else { continue };
        let text = |path: &[&str]| json::text(&definition, path).unwrap_or_default().to_owned();
        let kind = Kind { group: text(&["spec", "group"]).into(), kind: text(&["spec", "names", "kind"]).into() };
        if is_going(&definition) {
            let objects = keys(state, &kind);
            for object in &objects {
                mark_deleted(state, object, Dependents::Background);
            }
            if keys(state, &kind).is_empty() {
                release(state, &key, CLEANUP);
            }
            continue;
        }
        if !is_settled(&definition) {
            let now = state.clock.now();
            edit(state, &key, |object| establish(object, &now));
        }
    }
}

/// Whether the status tells of the spec as it is. Definitions are large, so they are not copied to find out.
fn is_settled(definition: &Value) -> bool {
    json::get(definition, &["status", "acceptedNames"]) == json::get(definition, &["spec", "names"])
        && json::list(definition, &["status", "storedVersions"]) == stored(definition)
        && !json::list(definition, &["status", "conditions"]).is_empty()
}

/// The versions that are stored.
fn stored(definition: &Value) -> Vec<Value> {
    json::list(definition, &["spec", "versions"])
        .iter()
        .filter(|version| version.get("storage") == Some(&Value::Bool(true)))
        .filter_map(|version| version.get("name").cloned())
        .collect()
}

fn establish(definition: &mut Value, now: &str) {
    if json::list(definition, &["status", "conditions"]).is_empty() {
        let condition = |kind, reason, message| json!({"type": kind, "status": "True", "lastTransitionTime": now, "reason": reason, "message": message});
        let conditions = json!([
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ]);
        json::set(definition, &["status", "conditions"], conditions);
    }
    let names = json::get(definition, &["spec", "names"]).cloned().unwrap_or_default();
    let stored = stored(definition);
    json::set(definition, &["status", "acceptedNames"], names);
    json::set(definition, &["status", "storedVersions"], stored);
}
