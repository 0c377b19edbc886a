//! Writes down what goes through a client.

use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response, header};
use kube::client::Body;
use serde_json::Value as Json;
use tower::BoxError;

use super::sort::Asked;

/// What was asked so far. Clones hear the same.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Vec<Asked>>>);

impl Recorder {
    /// A client that does as another one does, heard by this recorder.
    pub(super) fn over(&self, inner: &kube::Client) -> kube::Client {
        let (inner, recorder) = (inner.clone(), self.clone());
        let namespace = inner.default_namespace().to_owned();
        let service = tower::service_fn(move |request| recorder.clone().carry(inner.clone(), request));
        kube::Client::new(service, namespace)
    }

    /// All requests, in the order in which they were sent.
    pub(super) fn heard(&self) -> Vec<Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn carry(self, inner: kube::Client, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?;
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let asked = Asked::new(
            parts.method.as_str(),
            &parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            &text(header::CONTENT_TYPE),
            &text(header::ACCEPT),
            serde_json::from_slice(&body).unwrap_or(Json::Null),
        );
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        inner.send(Request::from_parts(parts, Body::from(body))).await.map_err(BoxError::from)
    }
}
