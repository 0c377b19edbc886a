//! Requests that only look.

pub(super) mod list;
pub(super) mod logs;
pub(super) mod partial;
pub(super) mod review;
pub(super) mod selector;
pub(super) mod watch;

use serde_json::{Value, json};

use super::convert;
use super::http::{Aim, Answer, Call};
use super::json;
use super::rejection::Rejection;
use super::state::State;

/// GET of one object, or of one of its subresources.
pub(super) fn one(state: &State, call: &Call, aim: &Aim, name: &str) -> Result<Answer, Rejection> {
    let key = aim.key(name);
    let object = state.get(&key).ok_or_else(|| Rejection::not_found(&aim.served, name))?;
    match aim.subresource.as_deref() {
        None => {}
        Some("status") if aim.served.status => {}
        Some("scale") if aim.served.scale => return Ok(Answer::ok(scale(object))),
        Some("log") if aim.served.kind.kind == "Pod" => return logs::answer(state, object, call),
        Some(_) => return Err(Rejection::no_such_path()),
    }
    let object = shown(object, aim);
    Ok(Answer::ok(if partial::is_asked(call) { partial::of(&object) } else { object }))
}

/// An object in the version that was asked for.
pub(super) fn shown(object: &Value, aim: &Aim) -> Value {
    let mut object = object.clone();
    convert::shown(&mut object, &aim.served);
    object
}

/// The `Scale` of an object with replicas.
pub(super) fn scale(object: &Value) -> Value {
    let metadata = |field: &str| json::get(object, &["metadata", field]).cloned().unwrap_or_default();
    let selector: Vec<_> = json::texts(object, &["spec", "selector", "matchLabels"])
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {"name": metadata("name"), "namespace": metadata("namespace"), "uid": metadata("uid"),
            "resourceVersion": metadata("resourceVersion"), "creationTimestamp": metadata("creationTimestamp")},
        "spec": {"replicas": json::number(object, &["spec", "replicas"]).unwrap_or_default()},
        "status": {"replicas": json::number(object, &["status", "replicas"]).unwrap_or_default(),
            "selector": selector.join(",")}})
}
