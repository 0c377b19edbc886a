//! What the API server answers when it refuses: a `Status` with its code, reason, words and causes.
//!
//! Words follow `k8s.io/apimachinery/pkg/api/errors` and `k8s.io/apiserver` 1.37.

use std::fmt::Display;

use serde_json::{Value, json};

use super::served::Served;

/// A refused request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rejection {
    /// HTTP status.
    pub(super) code: u16,
    /// Machine-readable reason; empty if the server gives none.
    pub(super) reason: &'static str,
    /// What clients show.
    pub(super) message: String,
    /// Group, kind, name and causes.
    pub(super) details: Option<Box<Value>>,
    /// Seconds to wait before the next try; becomes the header `Retry-After`.
    pub(super) retry_after: Option<u32>,
}

/// One field that is wrong, as in `details.causes`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FieldError {
    /// Where: `spec.ports[0].port`.
    pub(super) field: String,
    /// `FieldValueInvalid`, `FieldValueRequired`, `FieldValueForbidden`, `FieldValueNotFound`.
    pub(super) reason: &'static str,
    /// The text after the field.
    pub(super) text: String,
}

impl FieldError {
    /// A value that can't be: `Invalid value: "x": why`.
    pub(super) fn invalid(field: impl Into<String>, value: &Value, why: impl Display) -> Self {
        let text = format!("Invalid value: {value}: {why}");
        Self { field: field.into(), reason: "FieldValueInvalid", text }
    }

    /// A field that is missing.
    pub(super) fn required(field: impl Into<String>, why: &str) -> Self {
        let text = if why.is_empty() { "Required value".to_owned() } else { format!("Required value: {why}") };
        Self { field: field.into(), reason: "FieldValueRequired", text }
    }

    /// A value that is none of those that can be.
    pub(super) fn unsupported(field: impl Into<String>, value: impl Display, known: &[&str]) -> Self {
        let known: Vec<_> = known.iter().map(|one| format!("{one:?}")).collect();
        let text = format!("Unsupported value: {value}: supported values: {}", known.join(", "));
        Self { field: field.into(), reason: "FieldValueNotSupported", text }
    }

    /// A change that is not allowed.
    pub(super) fn forbidden(field: impl Into<String>, why: &str) -> Self {
        Self { field: field.into(), reason: "FieldValueForbidden", text: format!("Forbidden: {why}") }
    }
}

impl Rejection {
    fn new(code: u16, reason: &'static str, message: String, details: Option<Value>) -> Self {
        Self { code, reason, message, details: details.map(Box::new), retry_after: None }
    }

    fn about(code: u16, reason: &'static str, served: &Served, name: &str, message: String) -> Self {
        let details = json!({"name": name, "group": served.kind.group, "kind": served.plural});
        Self::new(code, reason, message, Some(details))
    }

    /// Nothing at all is served below the path: not even a `Status` comes.
    pub(super) fn no_such_group() -> Self {
        Self::new(404, "", "404 page not found".to_owned(), None)
    }

    /// Whether it is answered with its words alone.
    pub(super) fn is_bare(&self) -> bool {
        self.code == 404 && self.reason.is_empty()
    }

    /// The path is not served.
    pub(super) fn no_such_path() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource".to_owned(), None)
    }

    /// There is no such object.
    pub(super) fn not_found(served: &Served, name: &str) -> Self {
        let message = format!("{} {name:?} not found", served.qualified());
        Self::about(404, "NotFound", served, name, message)
    }

    /// There is one of that name.
    pub(super) fn already_exists(served: &Served, name: &str) -> Self {
        let message = format!("{} {name:?} already exists", served.qualified());
        Self::about(409, "AlreadyExists", served, name, message)
    }

    /// The object is not in the state that the request expects.
    pub(super) fn conflict(served: &Served, name: &str, why: impl Display) -> Self {
        let message = format!("Operation cannot be fulfilled on {} {name:?}: {why}", served.qualified());
        Self::about(409, "Conflict", served, name, message)
    }

    /// Somebody wrote the object since it was read.
    pub(super) fn modified(served: &Served, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(served, name, why)
    }

    /// A uid that is not the live object's.
    pub(super) fn other_uid(served: &Served, name: &str, wanted: &str) -> Self {
        Self::invalid(served, name, &[FieldError::invalid("metadata.uid", &wanted.into(), "field is immutable")])
    }

    /// Fields that other managers own; `message` lists them.
    pub(super) fn owned_by_others(causes: &[(String, String)], message: String) -> Self {
        let causes: Vec<_> = causes
            .iter()
            .map(|(field, text)| json!({"reason": "FieldManagerConflict", "message": text, "field": field}))
            .collect();
        Self::new(409, "Conflict", message, Some(json!({"causes": causes})))
    }

    /// Not allowed in this state of things.
    pub(super) fn forbidden(served: &Served, name: &str, why: impl Display) -> Self {
        let message = format!("{} {name:?} is forbidden: {why}", served.qualified());
        Self::about(403, "Forbidden", served, name, message)
    }

    /// Nothing new is made in a namespace that goes.
    pub(super) fn terminating(served: &Served, name: &str, namespace: &str) -> Self {
        let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
        let mut rejection = Self::forbidden(served, name, why);
        if let Some(details) = &mut rejection.details {
            let message = format!("namespace {namespace} is being terminated");
            details["causes"] =
                json!([{"reason": "NamespaceTerminating", "message": message, "field": "metadata.namespace"}]);
        }
        rejection
    }

    /// The object is not the one, or not in the version, that a deletion is about.
    pub(super) fn precondition(served: &Served, name: &str, why: impl Display) -> Self {
        let kind = &served.kind.kind;
        let message = format!("Operation cannot be fulfilled on {} {name:?}: {why}", served.qualified_kind());
        let details = json!({"name": name, "group": served.kind.group, "kind": kind});
        Self::new(409, "Conflict", message, Some(details))
    }

    /// Fields that are wrong.
    pub(super) fn invalid(served: &Served, name: &str, errors: &[FieldError]) -> Self {
        let texts: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.field, error.text)).collect();
        let joined = if texts.len() == 1 { texts.concat() } else { format!("[{}]", texts.join(", ")) };
        let kind = served.qualified_kind();
        let causes: Vec<_> = errors
            .iter()
            .map(|error| json!({"reason": error.reason, "message": error.text, "field": error.field}))
            .collect();
        let details = json!({"name": name, "group": served.kind.group, "kind": served.kind.kind, "causes": causes});
        Self::new(422, "Invalid", format!("{kind} {name:?} is invalid: {joined}"), Some(details))
    }

    /// The body is about another object than the path.
    pub(super) fn other_name(said: &str, name: &str) -> Self {
        Self::bad_request(format!("the name of the object ({said}) does not match the name on the URL ({name})"))
    }

    /// The request itself makes no sense.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message.into(), None)
    }

    /// Options of a request that are missing or wrong; `kind` is their type: `PatchOptions`.
    pub(super) fn bad_options(kind: &str, error: &FieldError) -> Self {
        let message = format!("{kind}.meta.k8s.io \"\" is invalid: {}: {}", error.field, error.text);
        let cause = json!({"reason": error.reason, "message": error.text, "field": error.field});
        let details = json!({"group": "meta.k8s.io", "kind": kind, "causes": [cause]});
        Self::new(422, "Invalid", message, Some(details))
    }

    /// An error that the server has no reason for: 500 with its bare words.
    pub(super) fn untyped(message: String) -> Self {
        Self::new(500, "", message, None)
    }

    /// The verb does not exist for this path.
    pub(super) fn no_such_method() -> Self {
        let message = "the server does not allow this method on the requested resource".to_owned();
        Self::new(405, "MethodNotAllowed", message, None)
    }

    /// The body's media type is not known.
    pub(super) fn media_type(content_type: &str) -> Self {
        let message = format!("the body of the request was in an unknown format: {content_type}");
        Self::new(415, "UnsupportedMediaType", message, None)
    }

    /// The version to go on from is no longer kept.
    pub(super) fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message.into(), None)
    }

    /// The server itself failed.
    pub(super) fn internal(why: impl Display) -> Self {
        Self::new(500, "InternalError", format!("Internal error occurred: {why}"), None)
    }

    /// Too much at once; come back in so many seconds.
    pub(super) fn too_many_requests(seconds: u32) -> Self {
        let message = "the server has received too many requests and has asked us to try again later".to_owned();
        let details = json!({"retryAfterSeconds": seconds});
        Self { retry_after: Some(seconds), ..Self::new(429, "TooManyRequests", message, Some(details)) }
    }

    /// A conflict that a fault made up.
    pub(super) fn injected_conflict() -> Self {
        let message =
            "Operation cannot be fulfilled: a fault was injected; please apply your changes to the latest version";
        Self::new(409, "Conflict", message.to_owned(), None)
    }

    /// A webhook says no, as most do (`ToStatusErr` in `apiserver/pkg/admission/plugin/webhook/errors`).
    pub(super) fn denied(webhook: &str, why: &str) -> Self {
        Self::new(403, "Forbidden", format!("admission webhook {webhook:?} denied the request: {why}"), None)
    }

    /// The `Status` object.
    pub(super) fn status(&self) -> Value {
        let mut status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason, "code": self.code});
        if let Some(details) = &self.details {
            super::json::set(&mut status, &["details"], (**details).clone());
            if super::json::text(details, &["group"]) == Some("") {
                super::json::remove(&mut status, &["details", "group"]);
            }
        }
        status
    }
}
