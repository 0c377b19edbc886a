//! A request, as far as the rest of the sandbox cares.

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use serde_json::Value;

use super::query::Query;
use crate::sandbox::rejection::Rejection;
use crate::sandbox::served::Served;
use crate::sandbox::state::Key;

/// Method, query, headers and body of a request.
pub(in crate::sandbox) struct Call {
    pub(in crate::sandbox) method: Method,
    pub(in crate::sandbox) query: Query,
    pub(in crate::sandbox) accept: String,
    pub(in crate::sandbox) content_type: String,
    user_agent: String,
    body: Bytes,
}

/// The objects that a request is aimed at.
pub(in crate::sandbox) struct Aim {
    pub(in crate::sandbox) served: Served,
    pub(in crate::sandbox) namespace: Option<String>,
    pub(in crate::sandbox) subresource: Option<String>,
}

impl Aim {
    /// The key of the object of that name.
    pub(in crate::sandbox) fn key(&self, name: &str) -> Key {
        Key::new(&self.served.kind, self.namespace.as_deref().unwrap_or_default(), name)
    }
}

impl Call {
    pub(super) fn new(parts: &http::request::Parts, body: Bytes) -> Self {
        Self {
            method: parts.method.clone(),
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            accept: text(&parts.headers, &header::ACCEPT),
            content_type: text(&parts.headers, &header::CONTENT_TYPE),
            user_agent: text(&parts.headers, &header::USER_AGENT),
            body,
        }
    }

    /// Whether nothing is to be stored: asked in the query, or in the options that a DELETE has as its body.
    pub(in crate::sandbox) fn dry_run(&self) -> bool {
        let options = || self.json().ok().filter(|_| self.method == Method::DELETE);
        let asked = |options: Value| options.get("dryRun").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        self.query.get("dryRun").is_some() || options().is_some_and(asked)
    }

    /// Who writes: `fieldManager`, else the first word of the user agent.
    pub(in crate::sandbox) fn manager(&self) -> &str {
        let agent = self.user_agent.split('/').next().filter(|agent| !agent.is_empty());
        self.query.get("fieldManager").or(agent).unwrap_or("unknown")
    }

    /// The body as JSON; null when there is none.
    pub(in crate::sandbox) fn json(&self) -> Result<Value, Rejection> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Rejection::bad_request(format!("the object provided is unrecognized: {error}")))
    }

    /// The body as YAML, of which JSON is a part.
    pub(in crate::sandbox) fn yaml(&self) -> Result<Value, Rejection> {
        serde_json::from_slice(&self.body)
            .or_else(|_| serde_yaml::from_slice(&self.body))
            .map_err(|error: serde_yaml::Error| Rejection::bad_request(format!("error decoding patch: {error}")))
    }
}

fn text(headers: &HeaderMap, name: &header::HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
