//! Writes down what goes through a client: each request with its answer, each watch with its events.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::TryStreamExt;
use http::{Request, Response, header};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use kube::client::Body;
use serde_json::Value as Json;
use tower::BoxError;

use super::sort::Asked;

/// A request, and what came back.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) asked: Asked,
    /// None as long as nobody has answered; it stays so when nobody waits for the answer any more.
    pub(super) answer: Option<Answer>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) code: u16,
    /// The `Warning` headers.
    pub(super) warnings: Vec<String>,
    pub(super) content: Content,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Json(Json),
    Text(String),
    /// The events of a watch, as far as they were read.
    Events(Vec<Json>),
}

/// What was said so far. Clones hear the same.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Vec<Entry>>>);

/// An exchange that may still go on.
type Entry = Arc<Mutex<Exchange>>;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    /// A client that does as another one does, heard by this recorder.
    pub(super) fn over(&self, inner: &kube::Client) -> kube::Client {
        let (inner, recorder) = (inner.clone(), self.clone());
        let namespace = inner.default_namespace().to_owned();
        let service = tower::service_fn(move |request| recorder.clone().carry(inner.clone(), request));
        kube::Client::new(service, namespace)
    }

    /// All exchanges since the last call, in the order in which they were begun, as far as they got.
    pub(super) fn take(&self) -> Vec<Exchange> {
        let entries = std::mem::take(&mut *locked(&self.0));
        entries.iter().map(|entry| locked(entry).clone()).collect()
    }

    async fn carry(
        self,
        inner: kube::Client,
        request: Request<Body>,
    ) -> Result<Response<UnsyncBoxBody<Bytes, BoxError>>, BoxError> {
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
        let watches = asked.verb() == "WATCH";
        let entry: Entry = Arc::new(Mutex::new(Exchange { asked, answer: None }));
        locked(&self.0).push(Arc::clone(&entry));
        let (head, body) =
            inner.send(Request::from_parts(parts, Body::from(body))).await.map_err(BoxError::from)?.into_parts();
        let warnings = head.headers.get_all(header::WARNING).iter();
        let warnings = warnings.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
        let code = head.status.as_u16();
        if watches && head.status.is_success() {
            locked(&entry).answer = Some(Answer { code, warnings, content: Content::Events(Vec::new()) });
            let mut line = Vec::new();
            let frames = body.into_data_stream().map_err(BoxError::from).map_ok(move |bytes| {
                line.extend_from_slice(&bytes);
                hear(&entry, &mut line);
                Frame::data(bytes)
            });
            return Ok(Response::from_parts(head, StreamBody::new(frames).boxed_unsync()));
        }
        let bytes = body.collect_bytes().await?;
        let content = serde_json::from_slice(&bytes)
            .map_or_else(|_| Content::Text(String::from_utf8_lossy(&bytes).into_owned()), Content::Json);
        locked(&entry).answer = Some(Answer { code, warnings, content });
        Ok(Response::from_parts(head, Full::new(bytes).map_err(|never| match never {}).boxed_unsync()))
    }
}

/// Takes the whole lines of what came of a watch: each is an event.
fn hear(entry: &Entry, text: &mut Vec<u8>) {
    while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
        let line: Vec<u8> = text.drain(..=end).collect();
        if let (Ok(event), Some(Answer { content: Content::Events(events), .. })) =
            (serde_json::from_slice(&line), &mut locked(entry).answer)
        {
            events.push(event);
        }
    }
}
