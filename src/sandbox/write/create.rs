//! POST, and what every creation has in common.

use std::sync::Arc;

use serde_json::Value;

use super::{Signature, account, admit, names, strict};
use crate::sandbox::convert;
use crate::sandbox::http::{Aim, Call};
use crate::sandbox::json;
use crate::sandbox::ownership::{self, Shape};
use crate::sandbox::quota;
use crate::sandbox::rejection::{FieldError, Rejection};
use crate::sandbox::state::{Key, State, kinds};

/// POST to a collection.
pub(super) fn post(state: &mut State, call: &Call, aim: &Aim) -> Result<Arc<Value>, Rejection> {
    let object = call.json()?;
    strict::decoded(&object, &aim.served, call)?;
    if json::text(&object, &["metadata", "resourceVersion"]).is_some_and(|version| !version.is_empty()) {
        let message = "resourceVersion should not be set on objects to be created";
        return Err(Rejection::untyped(message.to_owned()));
    }
    create(state, call, aim, object, None)
}

/// Creates an object. Its owners are given when it comes from an apply; else the writer owns all of it.
pub(super) fn create(
    state: &mut State,
    call: &Call,
    aim: &Aim,
    mut object: Value,
    applied: Option<&Value>,
) -> Result<Arc<Value>, Rejection> {
    let served = &aim.served;
    admit::identify(&mut object, aim)?;
    name_it(state, &mut object).map_err(|error| {
        // All that is wrong is told at once.
        let mut errors = vec![error];
        errors.extend(admit::errors(state, served, &object));
        Rejection::invalid(served, "", &errors)
    })?;
    let name = json::text(&object, &["metadata", "name"]).unwrap_or_default().to_owned();
    let key = aim.key(&name);
    inside_living_namespace(state, aim, &name)?;
    if state.get(&key).is_some() {
        return Err(Rejection::already_exists(served, &name));
    }
    names::check(served, &name)?;
    let (uid, now) = (state.clock.uid(), state.clock.now());
    json::set(&mut object, &["metadata", "uid"], uid);
    json::set(&mut object, &["metadata", "creationTimestamp"], now);
    for field in ["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
        json::remove(&mut object, &["metadata", field]);
    }
    if admit::counts_generations(served) {
        json::set(&mut object, &["metadata", "generation"], 1);
    } else {
        json::remove(&mut object, &["metadata", "generation"]);
    }
    if served.status {
        json::remove(&mut object, &["status"]);
    }
    if served.kind == kinds::POD {
        account::admit(state, &mut object).map_err(|why| Rejection::forbidden(served, &name, why))?;
    }
    admit::complete(state, served, &mut object, None)?;
    quota::admit(state, served, &object, None).map_err(|why| Rejection::forbidden(served, &name, why))?;
    if applied.is_none() {
        json::remove(&mut object, &["metadata", "managedFields"]);
        let signature = Signature::new(state, aim);
        let writer = signature.writer(call, aim);
        ownership::update(&nothing_of(&object), &mut object, Shape::of(served), &writer);
    }
    convert::stored(&mut object, served);
    Ok(state.put(&key, object))
}

fn name_it(state: &mut State, object: &mut Value) -> Result<(), FieldError> {
    if json::text(object, &["metadata", "name"]).is_some_and(|name| !name.is_empty()) {
        return Ok(());
    }
    let Some(prefix) = json::text(object, &["metadata", "generateName"]).filter(|prefix| !prefix.is_empty()) else {
        return Err(FieldError::required("metadata.name", "name or generateName is required"));
    };
    let name = format!("{prefix}{}", state.clock.suffix());
    json::set(object, &["metadata", "name"], name);
    Ok(())
}

/// What an object of its type has before anything is in it: Go's structs that are no pointers.
fn nothing_of(object: &Value) -> Value {
    const STRUCTS: &[&[&str]] = &[
        &["spec"],
        &["status"],
        &["spec", "strategy"],
        &["spec", "updateStrategy"],
        &["spec", "template"],
        &["spec", "template", "metadata"],
        &["spec", "template", "spec"],
        &["spec", "jobTemplate"],
        &["spec", "jobTemplate", "metadata"],
        &["spec", "jobTemplate", "spec"],
        &["spec", "jobTemplate", "spec", "template"],
        &["spec", "jobTemplate", "spec", "template", "metadata"],
        &["spec", "jobTemplate", "spec", "template", "spec"],
    ];
    let mut nothing = Value::Object(serde_json::Map::new());
    for path in STRUCTS {
        if json::get(object, path).is_some_and(Value::is_object) {
            json::map_at(&mut nothing, path);
        }
    }
    // What the registry itself writes into a namespace is nobody's.
    if json::text(object, &["kind"]) == Some("Namespace") {
        for part in ["spec", "status"] {
            json::set(&mut nothing, &[part], object.get(part).cloned().unwrap_or_default());
        }
    }
    nothing
}

/// Objects are made in namespaces that exist and are not on their way out (admission plugin `NamespaceLifecycle`).
fn inside_living_namespace(state: &State, aim: &Aim, name: &str) -> Result<(), Rejection> {
    let Some(namespace) = aim.namespace.as_deref().filter(|_| aim.served.namespaced) else { return Ok(()) };
    let Some(found) = state.get(&Key::new(&kinds::NAMESPACE, "", namespace)) else {
        return Err(match crate::sandbox::served::by_kind(state, &kinds::NAMESPACE) {
            Some(served) => Rejection::not_found(&served, namespace),
            None => Rejection::no_such_path(),
        });
    };
    if json::get(found, &["metadata", "deletionTimestamp"]).is_some() {
        return Err(Rejection::terminating(&aim.served, name, namespace));
    }
    Ok(())
}
