//! PUT: an object as a whole, its status, its scale.

use std::sync::Arc;

use serde_json::Value;

use super::{Signature, admit, create, live, strict};
use crate::sandbox::http::{Aim, Call};
use crate::sandbox::json;
use crate::sandbox::ownership::{self, Shape};
use crate::sandbox::rejection::{FieldError, Rejection};
use crate::sandbox::state::State;

/// Kinds that a PUT makes when they are not there (`AllowCreateOnUpdate`).
const MADE_BY_PUT: &[&str] = &["Lease", "Event", "Service", "Endpoints", "EndpointSlice"];

/// PUT to an object.
pub(super) fn put(state: &mut State, call: &Call, aim: &Aim, name: &str) -> Result<Arc<Value>, Rejection> {
    let served = &aim.served;
    let key = aim.key(name);
    let mut object = call.json()?;
    let Some(before) = live(state, aim, &key) else {
        if MADE_BY_PUT.contains(&served.kind.kind.as_ref()) && aim.subresource.is_none() {
            strict::decoded(&object, served, call)?;
            return create::create(state, call, aim, object, None);
        }
        return Err(Rejection::not_found(served, name));
    };
    if aim.subresource.as_deref() == Some("scale") {
        let mut scaled = (*before).clone();
        let replicas = json::number(&object, &["spec", "replicas"]).unwrap_or_default();
        json::set(&mut scaled, &["spec", "replicas"], replicas);
        object = scaled;
    } else {
        strict::decoded(&object, served, call)?;
        admit::identify(&mut object, aim)?;
        let said = json::text(&object, &["metadata", "uid"]).filter(|uid| !uid.is_empty());
        let is = json::text(&before, &["metadata", "uid"]).unwrap_or_default();
        if let Some(said) = said.filter(|said| *said != is) {
            // The storage itself finds out, which has not looked for a version by then.
            let namespace = aim.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
            let why = format!(
                "StorageError: invalid object, Code: 4, Key: /registry/{}/{namespace}{name}, ResourceVersion: 0, \
                 AdditionalErrorMsg: Precondition failed: UID in precondition: {said}, UID in object meta: {is}",
                served.plural
            );
            return Err(Rejection::conflict(served, name, why));
        }
        if served.custom.is_some() && json::text(&object, &["metadata", "resourceVersion"]).is_none() {
            let why = "must be specified for an update";
            let error = FieldError::invalid("metadata.resourceVersion", &0.into(), why);
            return Err(Rejection::invalid(served, name, &[error]));
        }
    }
    let signature = Signature::new(state, aim);
    let writer = signature.writer(call, aim);
    let shape = Shape::of(served);
    admit::store(state, aim, &key, &before, object, |before, object| {
        ownership::update(before, object, shape, &writer);
    })
}
