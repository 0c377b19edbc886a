//! Garbage collection by owner references (`k8s.io/kubernetes/pkg/controller/garbagecollector`).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{News, edit, holds, is_going, release, uid};
use crate::sandbox::json;
use crate::sandbox::state::{Key, State};
use crate::sandbox::write::{Dependents, FOREGROUND, ORPHAN, mark_deleted};

/// An owner as far as its dependents care.
#[derive(Clone, Copy)]
struct Owner {
    /// It waits for its dependents.
    foreground: bool,
    /// It lets its dependents go.
    orphans: bool,
}

/// Looks at what was written, at what it owns, and at what owns it.
pub(super) fn run(state: &mut State, news: &News) {
    let mut concerned = BTreeSet::new();
    for change in news.changes() {
        concerned.insert(change.key.clone());
        for object in [&change.before, &change.after].into_iter().flatten() {
            concerned.extend(state.index.owned(uid(object)).cloned());
            let owners = references(object).into_iter();
            concerned.extend(owners.filter_map(|(uid, _)| state.index.by_uid(&uid).cloned()));
        }
    }
    for key in &concerned {
        as_dependent(state, key);
    }
    for key in &concerned {
        as_owner(state, key);
    }
}

/// An owner that is there.
fn owner(state: &State, uid: &str) -> Option<Owner> {
    let owner = state.get(state.index.by_uid(uid)?)?;
    let going = is_going(owner);
    Some(Owner { foreground: going && holds(owner, FOREGROUND), orphans: going && holds(owner, ORPHAN) })
}

/// What has owners goes when the last of them is gone or waits for it.
fn as_dependent(state: &mut State, key: &Key) {
    let Some(object) = state.get(key).cloned() else { return };
    let references = references(&object);
    if references.is_empty() {
        return;
    }
    let owners: Vec<Owner> = references.iter().filter_map(|(uid, _)| owner(state, uid)).collect();
    if owners.iter().any(|owner| owner.orphans) {
        let free: Vec<String> = references
            .into_iter()
            .map(|(uid, _)| uid)
            .filter(|uid| owner(state, uid).is_some_and(|owner| owner.orphans))
            .collect();
        edit(state, key, |object| set_free(object, &free));
        return;
    }
    if owners.iter().all(|owner| owner.foreground) && !is_going(&object) {
        // What an owner waits for goes the same way, so that the whole tree goes leaves first.
        let way = if owners.is_empty() { Dependents::Background } else { Dependents::Foreground };
        mark_deleted(state, key, way);
    }
}

/// An owner that waits goes when nothing blocks it any more; one that lets go has done so.
fn as_owner(state: &mut State, key: &Key) {
    let Some(object) = state.get(key).cloned() else { return };
    let Some(waiting) = owner(state, uid(&object)) else { return };
    if waiting.foreground && !is_blocked(state, uid(&object)) {
        release(state, key, FOREGROUND);
    }
    if waiting.orphans {
        release(state, key, ORPHAN);
    }
}

/// Whether something that an owner waits for, and that no other owner holds, is still there.
fn is_blocked(state: &State, uid: &str) -> bool {
    state.index.owned(uid).filter_map(|key| state.get(key)).any(|dependent| {
        let references = references(dependent);
        references.iter().any(|(other, blocks)| *blocks && other == uid)
            && references.iter().all(|(other, _)| owner(state, other).is_none_or(|owner| owner.foreground))
    })
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

fn set_free(object: &mut Value, from: &[String]) {
    let references = json::list_at(object, &["metadata", "ownerReferences"]);
    references
        .retain(|reference| json::text(reference, &["uid"]).is_none_or(|uid| !from.iter().any(|free| free == uid)));
    if references.is_empty() {
        json::remove(object, &["metadata", "ownerReferences"]);
    }
}
