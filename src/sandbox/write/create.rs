//! POST, and what every creation has in common.

use std::sync::Arc;

use serde_json::Value;

use super::{Signature, account, admit, names, strict};
use crate::sandbox::http::{Aim, Call};
use crate::sandbox::json;
use crate::sandbox::ownership::{self, Shape};
use crate::sandbox::rejection::{FieldError, Rejection};
use crate::sandbox::state::{Key, State, kinds};

/// POST to a collection.
pub(super) fn post(state: &mut State, call: &Call, aim: &Aim) -> Result<Arc<Value>, Rejection> {
    let object = call.json()?;
    strict::decoded(&object, &aim.served, call)?;
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
    name_it(state, &mut object, aim)?;
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
    if applied.is_none() {
        json::remove(&mut object, &["metadata", "managedFields"]);
        let signature = Signature::new(state, aim);
        let writer = signature.writer(call, aim);
        ownership::update(&Value::Object(serde_json::Map::new()), &mut object, Shape::of(served), &writer);
    }
    Ok(state.put(&key, object))
}

fn name_it(state: &mut State, object: &mut Value, aim: &Aim) -> Result<(), Rejection> {
    if json::text(object, &["metadata", "name"]).is_some_and(|name| !name.is_empty()) {
        return Ok(());
    }
    let Some(prefix) = json::text(object, &["metadata", "generateName"]).filter(|prefix| !prefix.is_empty()) else {
        let error = FieldError::required("metadata.name", "name or generateName is required");
        return Err(Rejection::invalid(&aim.served, "", &[error]));
    };
    let name = format!("{prefix}{}", state.clock.suffix());
    json::set(object, &["metadata", "name"], name);
    Ok(())
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
        let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
        return Err(Rejection::forbidden(&aim.served, name, why));
    }
    Ok(())
}
