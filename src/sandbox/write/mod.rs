//! Requests that change something.

mod account;
mod admit;
mod create;
mod defaults;
mod delete;
mod immutable;
mod names;
mod normal;
mod patch;
mod quantity;
mod replace;
mod strict;
mod validate;

use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::http::{Aim, Answer, Call};
use super::json;
use super::ownership::Writer;
use super::read::{partial, scale, shown};
use super::rejection::{FieldError, Rejection};
use super::state::{Key, State};

pub(super) use account::admit as admit_pod;
pub(super) use admit::is_finished;
pub(super) use defaults::{CLAIM_PROTECTION, VOLUME_PROTECTION};
pub(super) use delete::{CLEANUP, Dependents, FOREGROUND, ORPHAN, mark_deleted};
pub(super) use quantity::{Amount, parse as amount, units};

/// POST, PUT, PATCH and DELETE.
pub(super) fn answer(
    state: &mut State,
    call: &Call,
    aim: &Aim,
    method: &Method,
    name: Option<&str>,
) -> Result<Answer, Rejection> {
    dry_run_is_known(call, method)?;
    match (method, name, aim.subresource.as_deref()) {
        (&Method::POST, None, None) => {
            let object = create::post(state, call, aim)?;
            Ok(written(201, &object, call, aim))
        }
        (&Method::PUT, Some(name), None | Some("status" | "scale" | "finalize")) => {
            let object = replace::put(state, call, aim, name)?;
            Ok(written(200, &object, call, aim))
        }
        (&Method::PATCH, Some(name), None | Some("status" | "scale")) => {
            let (code, object) = patch::patch(state, call, aim, name)?;
            Ok(written(code, &object, call, aim))
        }
        (&Method::DELETE, Some(name), None) => delete::one(state, call, aim, name),
        (&Method::DELETE, None, None) => delete::collection(state, call, aim),
        (_, _, Some(_)) => Err(Rejection::no_such_path()),
        _ => Err(Rejection::no_such_method()),
    }
}

/// `dryRun` may only be `All`.
fn dry_run_is_known(call: &Call, method: &Method) -> Result<(), Rejection> {
    let Some(asked) = call.query.get("dryRun").filter(|asked| *asked != "All") else { return Ok(()) };
    let options = match *method {
        Method::POST => "CreateOptions",
        Method::PUT => "UpdateOptions",
        Method::PATCH => "PatchOptions",
        _ => "DeleteOptions",
    };
    let error = FieldError::unsupported("dryRun", format_args!("[{asked:?}]"), &["All"]);
    Err(Rejection::bad_options(options, &error))
}

fn written(code: u16, object: &Value, call: &Call, aim: &Aim) -> Answer {
    if aim.subresource.as_deref() == Some("scale") {
        return Answer::Json(code, scale(object));
    }
    let object = shown(object, aim);
    let object = if partial::is_asked(call) { partial::of(&object) } else { object };
    Answer::Warned(code, object, strict::warnings(call, &aim.served))
}

/// The live object, in the version that a request speaks.
fn live(state: &State, aim: &Aim, key: &Key) -> Option<Arc<Value>> {
    let live = state.get(key)?;
    if json::text(live, &["apiVersion"]) == Some(aim.served.api_version().as_str()) {
        return Some(Arc::clone(live));
    }
    Some(Arc::new(shown(live, aim)))
}

/// A request's version and time, which a [`Writer`] borrows.
struct Signature {
    version: String,
    time: String,
}

impl Signature {
    fn new(state: &State, aim: &Aim) -> Self {
        Self { version: aim.served.api_version(), time: state.clock.now() }
    }

    fn writer<'a>(&'a self, call: &'a Call, aim: &'a Aim) -> Writer<'a> {
        let subresource = aim.subresource.as_deref().unwrap_or_default();
        Writer { manager: call.manager(), subresource, version: &self.version, time: &self.time }
    }
}

/// Fills in an object that a controller makes; it never makes one that the checks would refuse.
pub(super) fn complete_by_controller(state: &State, served: &super::served::Served, object: &mut Value) {
    if admit::counts_generations(served) {
        super::json::set(object, &["metadata", "generation"], 1);
    }
    normal::normalise(object, served);
    defaults::fill(state, served, object, None);
}
