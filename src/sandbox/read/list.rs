//! LIST, whole or in pieces.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::selector::Selector;
use super::{partial, shown};
use crate::sandbox::http::{Aim, Answer, Call};
use crate::sandbox::json;
use crate::sandbox::rejection::Rejection;
use crate::sandbox::shared::Inside;
use crate::sandbox::state::{Name, State};

/// GET of a collection. The pieces of one list all show the state that the first of them saw.
pub(in crate::sandbox) fn answer(inside: &mut Inside, call: &Call, aim: &Aim) -> Result<Answer, Rejection> {
    let selector = Selector::of(call, &aim.served)?;
    let limit = call.query.get("limit").and_then(|text| text.parse::<usize>().ok()).filter(|limit| *limit > 0);
    let start = call.query.get("continue").map(Continue::parse).transpose()?;
    if limit.is_some() && start.is_none() {
        inside.keep_snapshot();
    }
    let state = match &start {
        None => &inside.state,
        Some(start) => inside.snapshot(start.revision).ok_or_else(|| {
            Rejection::expired("The provided continue parameter is too old to display a consistent list result.")
        })?,
    };
    let mut found =
        select(state, aim, &selector).filter(|(at, _)| start.as_ref().is_none_or(|start| start.is_before(at)));
    let (mut items, mut last, mut left) = (Vec::new(), None, 0);
    for (at, object) in found.by_ref() {
        if limit.is_some_and(|limit| items.len() >= limit) {
            left = 1 + found.count();
            break;
        }
        items.push(item(object, aim, call));
        last = Some(at);
    }
    let mut metadata = json!({"resourceVersion": state.revision.to_string()});
    if let Some(last) = last.filter(|_| left > 0) {
        metadata["continue"] = Continue { revision: state.revision, after: last.clone() }.text().into();
        if selector.is_empty() {
            metadata["remainingItemCount"] = left.into();
        }
    }
    let (kind, version) = if partial::is_asked(call) {
        ("PartialObjectMetadataList".to_owned(), "meta.k8s.io/v1".to_owned())
    } else {
        (format!("{}List", aim.served.kind.kind), aim.served.api_version())
    };
    // Go writes a list of metadata that it never began so.
    let items = if items.is_empty() && partial::is_asked(call) { Value::Null } else { items.into() };
    Ok(Answer::ok(json!({"kind": kind, "apiVersion": version, "metadata": metadata, "items": items})))
}

/// The objects that a request is aimed at.
pub(in crate::sandbox) fn select<'a>(
    state: &'a State,
    aim: &'a Aim,
    selector: &'a Selector,
) -> impl Iterator<Item = (&'a Name, &'a Value)> {
    state
        .of(&aim.served.kind)
        .filter(|(at, _)| aim.namespace.as_ref().is_none_or(|namespace| *namespace == at.namespace))
        .map(|(at, object)| (at, &**object))
        .filter(|(_, object)| selector.matches(object))
}

/// An object in a list. As on a real server, items of built-in kinds don't say their kind.
fn item(object: &Value, aim: &Aim, call: &Call) -> Value {
    if partial::is_asked(call) {
        return partial::of(object);
    }
    let mut object = shown(object, aim);
    if aim.served.custom.is_none() {
        json::remove(&mut object, &["apiVersion"]);
        json::remove(&mut object, &["kind"]);
    }
    object
}

/// Where the next piece begins.
struct Continue {
    revision: u64,
    after: Name,
}

impl Continue {
    fn text(&self) -> String {
        let name = &self.after;
        URL_SAFE_NO_PAD.encode(json!([self.revision, name.namespace, name.name]).to_string())
    }

    fn parse(text: &str) -> Result<Self, Rejection> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            let (revision, namespace, name) = serde_json::from_slice(&bytes).ok()?;
            Some(Self { revision, after: Name { namespace, name } })
        };
        read().ok_or_else(|| {
            let why = "illegal base64 data at input byte 0";
            Rejection::bad_request(format!("invalid continue token: continue key is not valid: {why}"))
        })
    }

    fn is_before(&self, at: &Name) -> bool {
        self.after < *at
    }
}
