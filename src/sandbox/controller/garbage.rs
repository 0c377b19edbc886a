//! Garbage collection by owner references (`k8s.io/kubernetes/pkg/controller/garbagecollector`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::{edit, holds, is_going, release, uid};
use crate::sandbox::json;
use crate::sandbox::state::{Key, State};
use crate::sandbox::write::{Dependents, FOREGROUND, ORPHAN, mark_deleted};

/// An owner as far as its dependents care.
struct Owner {
    key: Key,
    /// It waits for its dependents.
    foreground: bool,
    /// It lets its dependents go.
    orphans: bool,
}

pub(super) fn run(state: &mut State) {
    let owners = owners(state);
    let dependents: Vec<(Key, Vec<(String, bool)>)> = state
        .everything()
        .filter_map(|(kind, at, object)| {
            let references = references(object);
            (!references.is_empty()).then(|| (Key { kind: kind.clone(), at: at.clone() }, references))
        })
        .collect();
    let mut blocked: Vec<&str> = Vec::new();
    for (key, references) in &dependents {
        let Some(object) = state.get(key).cloned() else { continue };
        let known = |uid: &String| owners.get(uid);
        if references.iter().any(|(uid, _)| known(uid).is_some_and(|owner| owner.orphans)) {
            edit(state, key, |object| set_free(object, &owners));
            continue;
        }
        let solid = references.iter().any(|(uid, _)| known(uid).is_some_and(|owner| !owner.foreground));
        let waiting = references.iter().filter(|(uid, _)| known(uid).is_some_and(|owner| owner.foreground));
        let waited_for = waiting.clone().next().is_some();
        if !solid && !is_going(&object) {
            // What an owner waits for goes the same way, so that the whole tree goes leaves first.
            let way = if waited_for { Dependents::Foreground } else { Dependents::Background };
            mark_deleted(state, key, way);
        }
        if !solid && state.get(key).is_some() {
            blocked.extend(waiting.filter(|(_, blocks)| *blocks).map(|(uid, _)| uid.as_str()));
        }
    }
    for (uid, owner) in &owners {
        if owner.foreground && !blocked.contains(&uid.as_str()) {
            release(state, &owner.key, FOREGROUND);
        }
        if owner.orphans {
            release(state, &owner.key, ORPHAN);
        }
    }
}

fn owners(state: &State) -> BTreeMap<String, Owner> {
    state
        .everything()
        .map(|(kind, at, object)| {
            let going = is_going(object);
            let owner = Owner {
                key: Key { kind: kind.clone(), at: at.clone() },
                foreground: going && holds(object, FOREGROUND),
                orphans: going && holds(object, ORPHAN),
            };
            (uid(object).to_owned(), owner)
        })
        .collect()
}

/// The uids of an object's owners, and whether it keeps them from going.
fn references(object: &Value) -> Vec<(String, bool)> {
    json::list(object, &["metadata", "ownerReferences"])
        .iter()
        .filter_map(|reference| {
            let blocks = reference.get("blockOwnerDeletion").and_then(Value::as_bool).unwrap_or(false);
            Some((json::text(reference, &["uid"])?.to_owned(), blocks))
        })
        .collect()
}

fn set_free(object: &mut Value, owners: &BTreeMap<String, Owner>) {
    let references = json::list_at(object, &["metadata", "ownerReferences"]);
    references.retain(|reference| {
        json::text(reference, &["uid"]).and_then(|uid| owners.get(uid)).is_none_or(|owner| !owner.orphans)
    });
    if references.is_empty() {
        json::remove(object, &["metadata", "ownerReferences"]);
    }
}
