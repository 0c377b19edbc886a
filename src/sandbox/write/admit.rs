//! What stands between a request and the store: identity, what the server itself keeps, defaults, checks.

use std::sync::Arc;

use serde_json::Value;

use super::{defaults, immutable, normal, validate};
use crate::sandbox::convert;
use crate::sandbox::http::Aim;
use crate::sandbox::json;
use crate::sandbox::quota;
use crate::sandbox::rejection::{FieldError, Rejection};
use crate::sandbox::served::Served;
use crate::sandbox::state::{Key, Kind, State, kinds};

/// Fields of metadata that only the server writes.
const SERVERS: &[&str] =
    &["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink"];

/// Kinds, beside those with a status, whose changes of `spec` count as generations.
const COUNTED: &[&str] =
    &["IngressClass", "MutatingWebhookConfiguration", "NetworkPolicy", "ValidatingWebhookConfiguration"];
/// Kinds with a status whose changes do not count.
const UNCOUNTED: &[&str] =
    &["APIService", "Namespace", "Node", "PersistentVolume", "PersistentVolumeClaim", "ResourceQuota", "Service"];

/// Whether `metadata.generation` is kept for a kind.
pub(super) fn counts_generations(served: &Served) -> bool {
    let kind = served.kind.kind.as_ref();
    served.custom.is_some() || COUNTED.contains(&kind) || (served.status && !UNCOUNTED.contains(&kind))
}

/// Checks that a body is what the path says, and fills in what the path says for it.
pub(super) fn identify(object: &mut Value, aim: &Aim) -> Result<(), Rejection> {
    let served = &aim.served;
    if !object.is_object() {
        return Err(Rejection::bad_request("the object provided is unrecognized: it must be a map"));
    }
    let version = served.api_version();
    let said =
        (json::text(object, &["apiVersion"]).map(str::to_owned), json::text(object, &["kind"]).map(str::to_owned));
    if let Some(said) = said.0.filter(|said| !said.is_empty() && *said != version) {
        let message =
            format!("the API version in the data ({said}) does not match the expected API version ({version})");
        return Err(Rejection::bad_request(message));
    }
    if let Some(said) = said.1.filter(|said| !said.is_empty() && *said != served.kind.kind) {
        let group = &served.kind.group;
        let message = format!(
            "{said} in version {:?} cannot be handled as a {}: group {group:?} has another kind there",
            served.version, served.kind.kind
        );
        return Err(Rejection::bad_request(message));
    }
    json::set(object, &["apiVersion"], version);
    json::set(object, &["kind"], served.kind.kind.as_ref());
    match (json::text(object, &["metadata", "namespace"]).unwrap_or_default(), aim.namespace.as_deref()) {
        ("", Some(namespace)) => json::set(object, &["metadata", "namespace"], namespace),
        (said, Some(namespace)) if said != namespace => {
            return Err(Rejection::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
        (_, None) => drop(json::remove(object, &["metadata", "namespace"])),
        _ => {}
    }
    Ok(())
}

/// Makes an object complete: what the server writes another way, defaults, checks.
pub(super) fn complete(
    state: &State,
    served: &Served,
    object: &mut Value,
    before: Option<&Value>,
) -> Result<(), Rejection> {
    normal::normalise(object, served);
    defaults::fill(state, served, object, before);
    if let Some(custom) = &served.custom {
        validate::fill_custom(custom.schema(), object);
    }
    let name = json::text(object, &["metadata", "name"]).unwrap_or_default().to_owned();
    let mut errors = validate::errors(served, object);
    if let Some(before) = before {
        if served.kind == kinds::CLAIM
            && let Some(why) = immutable::unresizable(state, before, object)
        {
            return Err(Rejection::forbidden(served, &name, why));
        }
        errors.extend(immutable::errors(served, before, object));
    }
    if errors.is_empty() { Ok(()) } else { Err(Rejection::invalid(served, &name, &errors)) }
}

/// What is wrong with an object that can't be made anyway.
pub(super) fn errors(state: &State, served: &Served, object: &Value) -> Vec<FieldError> {
    let mut object = object.clone();
    normal::normalise(&mut object, served);
    defaults::fill(state, served, &mut object, None);
    validate::errors(served, &object)
}

/// Stores a changed object. `own` finishes the owners when everything else is settled.
pub(super) fn store(
    state: &mut State,
    aim: &Aim,
    key: &Key,
    before: &Value,
    mut object: Value,
    own: impl FnOnce(&Value, &mut Value),
) -> Result<Arc<Value>, Rejection> {
    let served = &aim.served;
    agree(served, key, before, &object)?;
    for field in SERVERS {
        match json::get(before, &["metadata", field]) {
            Some(value) => json::set(&mut object, &["metadata", field], value.clone()),
            None => drop(json::remove(&mut object, &["metadata", field])),
        }
    }
    match aim.subresource.as_deref() {
        Some("status") => {
            let mut whole = before.clone();
            for field in [&["status"][..], &["metadata", "managedFields"]] {
                match json::get(&object, field) {
                    Some(value) => json::set(&mut whole, field, value.clone()),
                    None => drop(json::remove(&mut whole, field)),
                }
            }
            object = whole;
        }
        _ if served.status => match before.get("status") {
            Some(status) => json::set(&mut object, &["status"], status.clone()),
            None => drop(json::remove(&mut object, &["status"])),
        },
        _ => {}
    }
    no_new_finalizers(served, key, before, &object)?;
    complete(state, served, &mut object, Some(before))?;
    quota::admit(state, served, &object, Some(before))
        .map_err(|why| Rejection::forbidden(served, &key.at.name, why))?;
    if counts_generations(served) && is_new_generation(before, &object) {
        let generation = json::number(before, &["metadata", "generation"]).unwrap_or_default() + 1;
        json::set(&mut object, &["metadata", "generation"], generation);
    }
    own(before, &mut object);
    keep_owners_of_unchanged(before, &mut object);
    convert::stored(&mut object, served);
    if is_finished(&object) {
        state.put(key, object);
        return state.remove(key).ok_or_else(|| Rejection::not_found(served, &key.at.name));
    }
    Ok(state.put(key, object))
}

/// The body and the live object must be about the same thing in the same version.
fn agree(served: &Served, key: &Key, before: &Value, object: &Value) -> Result<(), Rejection> {
    let name = &key.at.name;
    let said = |field| json::text(object, &["metadata", field]).filter(|text| !text.is_empty());
    let live = |field| json::text(before, &["metadata", field]).unwrap_or_default();
    if let Some(said) = said("name").filter(|said| said != name) {
        return Err(Rejection::other_name(said, name));
    }
    if let Some(said) = said("uid").filter(|said| *said != live("uid")) {
        return Err(Rejection::other_uid(served, name, said));
    }
    if said("resourceVersion").is_some_and(|said| said != live("resourceVersion")) {
        return Err(Rejection::modified(served, name));
    }
    Ok(())
}

/// An object that goes is held by no more than what holds it already.
fn no_new_finalizers(served: &Served, key: &Key, before: &Value, object: &Value) -> Result<(), Rejection> {
    let finalizers = |object| json::list(object, &["metadata", "finalizers"]);
    if json::get(before, &["metadata", "deletionTimestamp"]).is_none() {
        return Ok(());
    }
    let new: Vec<_> = finalizers(object).iter().filter(|one| !finalizers(before).contains(one)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let new: Vec<_> = new.iter().map(ToString::to_string).collect();
    let why = format!(
        "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
        new.join(", ")
    );
    Err(Rejection::invalid(served, &key.at.name, &[FieldError::forbidden("metadata.finalizers", &why)]))
}

/// Whether anything but metadata and status changed.
fn is_new_generation(before: &Value, after: &Value) -> bool {
    !is_same(before, after, &["metadata", "status", "apiVersion"])
}

/// Whether two maps are the same but for some of their keys.
fn is_same(one: &Value, other: &Value, but: &[&str]) -> bool {
    let (Some(map), Some(others)) = (one.as_object(), other.as_object()) else { return one == other };
    map.iter().filter(|(key, _)| !but.contains(&key.as_str())).all(|(key, value)| others.get(key) == Some(value))
        && others.keys().all(|key| but.contains(&key.as_str()) || map.contains_key(key))
}

/// A write that changes nothing but the times of owners changes nothing.
fn keep_owners_of_unchanged(before: &Value, object: &mut Value) {
    let owners = |object| json::list(object, &["metadata", "managedFields"]);
    let (old, new) = (owners(before), owners(object));
    let same_owners = old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new, &["time"]));
    let metadata = |object| json::get(object, &["metadata"]).unwrap_or(&Value::Null);
    if same_owners
        && is_same(before, object, &["metadata"])
        && is_same(metadata(before), metadata(object), &["managedFields", "resourceVersion"])
    {
        *object = before.clone();
    }
}

/// Whether an object that is going has nothing left to wait for.
pub(in crate::sandbox) fn is_finished(object: &Value) -> bool {
    json::get(object, &["metadata", "deletionTimestamp"]).is_some()
        && json::list(object, &["metadata", "finalizers"]).is_empty()
        && (Kind::of(object) != Some(kinds::NAMESPACE) || json::list(object, &["spec", "finalizers"]).is_empty())
}
