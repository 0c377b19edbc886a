//! DELETE of one object or a collection, and what every deletion has in common.

use serde_json::{Value, json};

use super::admit;
use crate::sandbox::http::{Aim, Answer, Call};
use crate::sandbox::json;
use crate::sandbox::read::list::select;
use crate::sandbox::read::selector::Selector;
use crate::sandbox::read::shown;
use crate::sandbox::rejection::{FieldError, Rejection};
use crate::sandbox::served::Served;
use crate::sandbox::state::{Key, Kind, State, kinds};

/// What becomes of the objects that an object owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Dependents {
    /// The owner goes at once, they go after it.
    Background,
    /// They go first; until then the owner waits.
    Foreground,
    /// They stay, without an owner.
    Orphan,
}

/// Finalizer of an owner that waits for its dependents.
pub(in crate::sandbox) const FOREGROUND: &str = "foregroundDeletion";
/// Finalizer of an owner whose dependents are to be set free.
pub(in crate::sandbox) const ORPHAN: &str = "orphan";

/// Finalizer of a definition whose objects go first.
pub(in crate::sandbox) const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// Kinds whose objects a deletion answers with (`ReturnDeletedObject` of their registries).
const SHOWN_WHEN_GONE: &[&str] = &[
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodTemplate",
    "ResourceQuota",
    "Service",
    "ServiceAccount",
    "StorageClass",
];

/// Namespaces that can't be deleted (admission plugin `NamespaceLifecycle`).
const IMMORTAL: &[&str] = &["default", "kube-system", "kube-public"];

/// DELETE of an object.
pub(super) fn one(state: &mut State, call: &Call, aim: &Aim, name: &str) -> Result<Answer, Rejection> {
    let options = call.json()?;
    let dependents = dependents(call, &options, &aim.served)?;
    let key = aim.key(name);
    if key.kind == kinds::NAMESPACE && IMMORTAL.contains(&name) {
        return Err(Rejection::forbidden(&aim.served, name, "this namespace may not be deleted"));
    }
    let live = state.get(&key).cloned().ok_or_else(|| Rejection::not_found(&aim.served, name))?;
    preconditions(&aim.served, name, &live, &options)?;
    let left = mark_deleted(state, &key, dependents);
    if let Some(object) = left {
        return Ok(Answer::ok(shown(&object, aim)));
    }
    if SHOWN_WHEN_GONE.contains(&aim.served.kind.kind.as_ref()) {
        return Ok(Answer::ok(shown(&live, aim)));
    }
    let uid = json::get(&live, &["metadata", "uid"]).cloned().unwrap_or_default();
    let mut details = json!({"name": name, "kind": aim.served.plural, "uid": uid});
    if !aim.served.kind.group.is_empty() {
        json::set(&mut details, &["group"], aim.served.kind.group.as_ref());
    }
    Ok(Answer::ok(json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": details})))
}

/// DELETE of a collection: the list of what was there.
pub(super) fn collection(state: &mut State, call: &Call, aim: &Aim) -> Result<Answer, Rejection> {
    let options = call.json()?;
    let selector = Selector::of(call, &aim.served)?;
    let dependents = dependents(call, &options, &aim.served)?;
    let found: Vec<(Key, Value)> = select(state, aim, &selector)
        .map(|(at, object)| (Key { kind: aim.served.kind.clone(), at: at.clone() }, shown(object, aim)))
        .collect();
    for (key, object) in &found {
        preconditions(&aim.served, &key.at.name, object, &options)?;
    }
    let items: Vec<Value> = found
        .into_iter()
        .map(|(key, object)| {
            mark_deleted(state, &key, dependents);
            object
        })
        .collect();
    Ok(Answer::ok(json!({"kind": format!("{}List", aim.served.kind.kind), "apiVersion": aim.served.api_version(),
        "metadata": {"resourceVersion": state.revision.to_string()}, "items": items})))
}

/// Deletes an object: it goes at once, or is marked and waits for its finalizers (then it is returned).
pub(in crate::sandbox) fn mark_deleted(state: &mut State, key: &Key, dependents: Dependents) -> Option<Value> {
    let live = state.get(key)?.clone();
    let mut object = (*live).clone();
    let finalizer = match dependents {
        Dependents::Background => None,
        Dependents::Foreground => Some(FOREGROUND),
        Dependents::Orphan => Some(ORPHAN),
    };
    if let Some(finalizer) = finalizer {
        let finalizers = json::list_at(&mut object, &["metadata", "finalizers"]);
        if finalizers.iter().all(|known| known.as_str() != Some(finalizer)) {
            finalizers.push(finalizer.into());
        }
    }
    if json::get(&object, &["metadata", "deletionTimestamp"]).is_none() {
        let now = state.clock.now();
        json::set(&mut object, &["metadata", "deletionTimestamp"], now);
        if key.kind == kinds::DEFINITION {
            definition_goes(&mut object, &state.clock.now());
        } else {
            json::set(&mut object, &["metadata", "deletionGracePeriodSeconds"], 0);
            if let Some(generation) = json::number(&object, &["metadata", "generation"]) {
                json::set(&mut object, &["metadata", "generation"], generation + 1);
            }
        }
        if key.kind == kinds::NAMESPACE {
            json::set(&mut object, &["status", "phase"], "Terminating");
        }
    }
    if admit::is_finished(&object) {
        state.remove(key);
        return None;
    }
    Some((*state.put(key, object)).clone())
}

/// The registry of definitions marks them its own way (`registry/customresourcedefinition/etcd.go`).
fn definition_goes(definition: &mut Value, now: &str) {
    json::list_at(definition, &["metadata", "finalizers"]).push(CLEANUP.into());
    let message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    let going = json!({"type": "Terminating", "status": "True", "lastTransitionTime": now,
        "reason": "InstanceDeletionPending", "message": message});
    json::list_at(definition, &["status", "conditions"]).push(going);
}

/// The object must still be the one that the client means.
fn preconditions(served: &Served, name: &str, live: &Value, options: &Value) -> Result<(), Rejection> {
    let wanted = |field| json::text(options, &["preconditions", field]);
    let is = |field| json::text(live, &["metadata", field]).unwrap_or_default();
    if let Some(uid) = wanted("uid").filter(|uid| *uid != is("uid")) {
        let why = format!(
            "the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
            is("uid")
        );
        return Err(Rejection::precondition(served, name, why));
    }
    if let Some(version) = wanted("resourceVersion").filter(|version| *version != is("resourceVersion")) {
        let why = format!(
            "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({}). The object might have been modified",
            is("resourceVersion")
        );
        return Err(Rejection::precondition(served, name, why));
    }
    Ok(())
}

fn dependents(call: &Call, options: &Value, served: &Served) -> Result<Dependents, Rejection> {
    let asked = json::text(options, &["propagationPolicy"]).or_else(|| call.query.get("propagationPolicy"));
    match asked {
        Some("Background") => Ok(Dependents::Background),
        Some("Foreground") => Ok(Dependents::Foreground),
        Some("Orphan") => Ok(Dependents::Orphan),
        Some(other) => {
            let known = ["Foreground", "Background", "Orphan", "nil"];
            let error = FieldError::unsupported("propagationPolicy", format_args!("{other:?}"), &known);
            Err(Rejection::bad_options("DeleteOptions", &error))
        }
        // `batch/v1` keeps the Pods of a Job unless it is told otherwise (`jobStrategy.DefaultGarbageCollectionPolicy`).
        None if served.kind == Kind::new("batch", "Job") => Ok(Dependents::Orphan),
        None => Ok(Dependents::Background),
    }
}
