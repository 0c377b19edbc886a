//! PATCH: server-side apply, JSON merge patch, JSON patch, strategic merge patch.

use std::sync::Arc;

use serde_json::Value;

use super::{Signature, admit, create, live, strict};
use crate::sandbox::http::{Aim, Call};
use crate::sandbox::json;
use crate::sandbox::ownership::{self, Refused, Shape};
use crate::sandbox::rejection::{FieldError, Rejection};
use crate::sandbox::state::State;

/// PATCH of an object: the status code and what is stored now.
pub(super) fn patch(state: &mut State, call: &Call, aim: &Aim, name: &str) -> Result<(u16, Arc<Value>), Rejection> {
    let media_type = call.content_type.split(';').next().unwrap_or_default().trim();
    if matches!(media_type, "application/apply-patch+yaml" | "application/apply-patch+json") {
        return apply(state, call, aim, name);
    }
    let key = aim.key(name);
    let before = live(state, aim, &key).ok_or_else(|| Rejection::not_found(&aim.served, name))?;
    let patch = call.json()?;
    let base = if aim.subresource.as_deref() == Some("scale") {
        crate::sandbox::read::scale(&before)
    } else {
        (*before).clone()
    };
    let patched = match media_type {
        "application/json-patch+json" => json_patched(base, patch, aim, name)?,
        "application/merge-patch+json" => merged(base, &patch),
        "application/strategic-merge-patch+json" if aim.served.custom.is_none() => {
            ownership::strategic_merge(&base, &patch, Shape::of(&aim.served))
        }
        other => return Err(Rejection::media_type(other)),
    };
    let mut object = patched;
    if aim.subresource.as_deref() == Some("scale") {
        let replicas = json::number(&object, &["spec", "replicas"]).unwrap_or_default();
        object = (*before).clone();
        json::set(&mut object, &["spec", "replicas"], replicas);
    }
    strict::decoded(&object, &aim.served, call)?;
    admit::identify(&mut object, aim)?;
    let signature = Signature::new(state, aim);
    let writer = signature.writer(call, aim);
    let shape = Shape::of(&aim.served);
    let stored = admit::store(state, aim, &key, &before, object, |before, object| {
        ownership::update(before, object, shape, &writer);
    })?;
    Ok((200, stored))
}

/// Server-side apply: of a live object, or making one.
fn apply(state: &mut State, call: &Call, aim: &Aim, name: &str) -> Result<(u16, Arc<Value>), Rejection> {
    let served = &aim.served;
    let mut applied = call.yaml()?;
    if call.query.get("fieldManager").is_none() {
        let error = FieldError::required("fieldManager", "is required for apply patch");
        return Err(Rejection::bad_options("PatchOptions", &error));
    }
    is_this_kind(&applied, aim)?;
    let as_given = applied.clone();
    admit::identify(&mut applied, aim)?;
    if let Some(said) = json::text(&applied, &["metadata", "name"]).filter(|said| !said.is_empty() && *said != name) {
        return Err(Rejection::other_name(said, name));
    }
    if json::get(&applied, &["metadata", "managedFields"]).is_some_and(|fields| !fields.is_null()) {
        return Err(Rejection::bad_request("metadata.managedFields must be nil"));
    }
    // The words show the namespace only if the body has it.
    strict::applied(&as_given, served)?;
    let key = aim.key(name);
    let live = live(state, aim, &key);
    let said = |field| json::text(&applied, &["metadata", field]).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut outdated = false;
    match &live {
        None if aim.subresource.is_some() => return Err(Rejection::not_found(served, name)),
        None => {
            if let Some(uid) = said("uid") {
                let why =
                    format!("uid mismatch: the provided object specified uid {uid}, and no existing object was found");
                return Err(Rejection::conflict(served, name, why));
            }
        }
        Some(live) => {
            let is = |field| json::text(live, &["metadata", field]).unwrap_or_default();
            if let Some(uid) = said("uid").filter(|uid| *uid != is("uid")) {
                return Err(Rejection::other_uid(served, name, &uid));
            }
            outdated = said("resourceVersion").is_some_and(|version| version != is("resourceVersion"));
        }
    }
    strict::encoded(&as_given, served)?;
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation"] {
        json::remove(&mut applied, &["metadata", field]);
    }
    match aim.subresource.as_deref() {
        Some("status") => drop(json::remove(&mut applied, &["spec"])),
        _ if served.status => drop(json::remove(&mut applied, &["status"])),
        _ => {}
    }
    json::set(&mut applied, &["metadata", "name"], name);
    let signature = Signature::new(state, aim);
    let writer = signature.writer(call, aim);
    let base = live.as_deref().cloned().unwrap_or(Value::Null);
    let object = ownership::apply(&base, &applied, Shape::of(served), &writer, call.query.is_on("force"))
        .map_err(|refused| refusal(refused, aim, &as_given))?;
    // Conflicts are told first.
    if outdated {
        return Err(Rejection::modified(served, name));
    }
    match live {
        None => Ok((201, create::create(state, call, aim, object, Some(&applied))?)),
        Some(before) => Ok((200, admit::store(state, aim, &key, &before, object, |_, _| ())?)),
    }
}

/// An apply says what it applies; it must be what the path says.
fn is_this_kind(applied: &Value, aim: &Aim) -> Result<(), Rejection> {
    let said = |field| json::text(applied, &[field]).filter(|text| !text.is_empty());
    let (Some(version), Some(kind)) = (said("apiVersion"), said("kind")) else { return Ok(()) };
    if kind == aim.served.kind.kind {
        return Ok(());
    }
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    Err(Rejection::bad_request(format!("invalid object type: {group}/{version}, Kind={kind}")))
}

fn refusal(refused: Refused, aim: &Aim, applied: &Value) -> Rejection {
    match refused {
        Refused::Unreadable(why) => Rejection::untyped(strict::patch_words(&aim.served, applied, &why)),
        Refused::Conflicts(conflicts) => {
            let message = match conflicts.as_slice() {
                [(path, who)] => format!("Apply failed with 1 conflict: conflict with {who}: {path}"),
                many => {
                    let mut lines = Vec::new();
                    let mut last = None;
                    for (path, who) in many {
                        if last != Some(who) {
                            lines.push(format!("conflicts with {who}:"));
                            last = Some(who);
                        }
                        lines.push(format!("- {path}"));
                    }
                    format!("Apply failed with {} conflicts: {}", many.len(), lines.join("\n"))
                }
            };
            let causes: Vec<_> =
                conflicts.into_iter().map(|(path, who)| (path, format!("conflict with {who}"))).collect();
            Rejection::owned_by_others(&causes, message)
        }
    }
}

fn json_patched(mut object: Value, patch: Value, aim: &Aim, name: &str) -> Result<Value, Rejection> {
    let patch: json_patch::Patch = serde_json::from_value(patch)
        .map_err(|error| Rejection::bad_request(format!("error decoding patch: {error}")))?;
    json_patch::patch(&mut object, &patch).map_err(|error| {
        let error = FieldError { field: "patch".to_owned(), reason: "FieldValueInvalid", text: error.to_string() };
        Rejection::invalid(&aim.served, name, &[error])
    })?;
    Ok(object)
}

/// RFC 7386: maps are merged, null takes away, everything else replaces.
fn merged(mut object: Value, patch: &Value) -> Value {
    json_patch::merge(&mut object, patch);
    object
}
