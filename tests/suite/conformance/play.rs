//! Plays a case: sends its requests, one after the other, and writes the answers into it.

use std::path::Path;

use futures::{AsyncBufReadExt, FutureExt, TryStreamExt};
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use kchart::sandbox::Sandbox;
use kube::client::Body;
use serde_json::{Value, json};

use super::masks::Masks;
use super::script::{Block, Case, Step};
use super::shown;

/// Who is asked, and what the case's names stand for.
pub(super) struct Player {
    client: kube::Client,
    namespace: String,
    masks: Masks,
    /// Whether what follows from a write may come after its answer.
    is_late: bool,
}

/// A client for a real cluster.
pub(super) async fn real(kubeconfig: &Path) -> kube::Client {
    let kubeconfig = kube::config::Kubeconfig::read_from(kubeconfig).expect("the kubeconfig can be read");
    let options = kube::config::KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("the kubeconfig is one");
    kube::Client::try_from(config).expect("a client can be made")
}

impl Player {
    /// For a sandbox, where all is done that follows from a write when it is answered.
    pub(super) fn sandbox(sandbox: &Sandbox) -> Self {
        Self::new(sandbox.client(), "conformance".to_owned(), false)
    }

    /// For a real cluster that others use too.
    pub(super) fn real(client: &kube::Client, number: usize) -> Self {
        Self::new(client.clone(), format!("conformance-{}-{number}", std::process::id()), true)
    }

    fn new(client: kube::Client, namespace: String, is_late: bool) -> Self {
        Self { masks: Masks::new(&namespace), client, namespace, is_late }
    }

    /// Plays all steps in a new namespace, which goes afterwards.
    pub(super) async fn play(&mut self, case: &mut Case) {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}});
        let made = self.send("POST", "/api/v1/namespaces", HeaderMap::new(), namespace.to_string()).await;
        assert_eq!(made.status(), 201, "the namespace of a case can be made");
        let account = format!("/api/v1/namespaces/{}/serviceaccounts/default", self.namespace);
        self.wait(&account, "present").await.expect("a namespace has an account");
        for block in &mut case.blocks {
            if let Block::Step(step) = block {
                step.answer = self.step(step).await;
            }
        }
        self.send("DELETE", &format!("/api/v1/namespaces/{}", self.namespace), HeaderMap::new(), String::new()).await;
    }

    async fn step(&mut self, step: &Step) -> String {
        let path = self.masks.unmask(&step.path);
        let (words, fields) = match step.rest.iter().position(|word| word == "show") {
            Some(at) => (&step.rest[..at], &step.rest[at + 1..]),
            None => (&step.rest[..], &[][..]),
        };
        let once = words == ["once"];
        match (step.verb.as_str(), words) {
            ("AWAIT", [condition]) => {
                let condition = self.masks.unmask(condition);
                return self
                    .wait(&path, &condition)
                    .await
                    .map_or_else(|found| format!("> {found}"), |()| String::new());
            }
            ("WATCH", [until, name]) if until == "until" => {
                return match self.watch(&path, &self.masks.unmask(name)).await {
                    Ok(events) => {
                        let events = events.into_iter().map(|event| self.event(&event, fields)).collect::<String>();
                        format!("> 200\n{}", events.trim_end())
                    }
                    Err(answer) => self.answered(answer, fields, false).await,
                };
            }
            (_, []) => {}
            ("GET", _) if once => {}
            (verb, words) => panic!("{verb} knows no {words:?}"),
        }
        let mut headers = HeaderMap::new();
        let (method, media) = match step.verb.as_str() {
            "APPLY" => ("PATCH", "application/apply-patch+yaml"),
            "MERGE" => ("PATCH", "application/merge-patch+json"),
            "JSON" => ("PATCH", "application/json-patch+json"),
            "STRATEGIC" => ("PATCH", "application/strategic-merge-patch+json"),
            "MERGE-METADATA" => {
                let accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
                headers.insert(http::header::ACCEPT, http::HeaderValue::from_static(accept));
                ("PATCH", "application/merge-patch+json")
            }
            "METADATA" => {
                let kind = if path.split('?').next().is_some_and(is_collection) { "List" } else { "" };
                let accept = format!("application/json;as=PartialObjectMetadata{kind};g=meta.k8s.io;v=v1");
                headers.insert(http::header::ACCEPT, accept.parse().expect("it is a header"));
                ("GET", "application/json")
            }
            other => (other, "application/json"),
        };
        headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(media));
        let body = match step.body.as_str() {
            "" => String::new(),
            yaml => {
                let body: Value = serde_yaml::from_str(&self.masks.unmask(yaml))
                    .unwrap_or_else(|error| panic!("the body of {} {path}: {error}", step.verb));
                body.to_string()
            }
        };
        let response = self.send(method, &path, headers, body).await;
        self.answered(response, fields, once).await
    }

    /// An answer as a script shows it; what is alike in a list is shown `once` if that is wanted.
    async fn answered(&mut self, response: Response<Body>, fields: &[String], once: bool) -> String {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the answer comes whole").to_bytes();
        let mut text = format!("> {}", parts.status.as_u16());
        for (name, value) in &parts.headers {
            if name == "warning" || name == "retry-after" {
                let value = String::from_utf8_lossy(value.as_bytes());
                text = format!("{text}\n{name}: {}", self.masks.mask(&value));
            }
        }
        let shown = match serde_json::from_slice(&bytes) {
            Ok(answer) if once => shown::once(answer, fields, &mut self.masks),
            Ok(answer) => shown::text(answer, fields, &mut self.masks),
            Err(_) => self.masks.mask(&String::from_utf8_lossy(&bytes)).trim_end().to_owned(),
        };
        if shown.is_empty() { text } else { format!("{text}\n{shown}") }
    }

    fn event(&mut self, event: &Value, fields: &[String]) -> String {
        let object = shown::text(event["object"].clone(), fields, &mut self.masks).replace('\n', "\n  ");
        format!("- {}\n  {object}\n", event["type"].as_str().unwrap_or_default())
    }

    async fn send(&self, method: &str, path: &str, headers: HeaderMap, body: String) -> Response<Body> {
        let mut request =
            Request::builder().method(method).uri(path).body(Body::from(body.into_bytes())).expect("a request");
        *request.headers_mut() = headers;
        self.client.send(request).await.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    async fn get(&self, path: &str) -> Value {
        let response = self.send("GET", path, HeaderMap::new(), String::new()).await;
        let bytes = response.into_body().collect().await.expect("the answer comes whole").to_bytes();
        serde_json::from_slice(&bytes).expect("the answer is JSON")
    }

    /// The events of a watch, up to the first one of the named object or of an error.
    async fn watch(&self, path: &str, name: &str) -> Result<Vec<Value>, Response<Body>> {
        let response = self.send("GET", path, HeaderMap::new(), String::new()).await;
        if response.status() != 200 {
            return Err(response);
        }
        let mut events = Vec::new();
        let mut lines = lines(response);
        loop {
            let next = lines.try_next();
            // In a sandbox all has happened; what does not come now would never come.
            let next = if self.is_late { next.await } else { next.now_or_never().unwrap_or(Ok(None)) };
            let Some(line) = next.expect("the watch goes on") else { break };
            let event: Value = serde_json::from_str(&line).expect("an event is JSON");
            let is_last = event["object"]["metadata"]["name"] == name || event["type"] == "ERROR";
            events.push(event);
            if is_last {
                break;
            }
        }
        Ok(events)
    }

    /// Goes on as soon as an object is so: it is listed, then watched. The error says how it is instead.
    async fn wait(&mut self, path: &str, condition: &str) -> Result<(), String> {
        let (collection, name) = path.rsplit_once('/').expect("a path has parts");
        let selected = if path.contains('?') {
            path.to_owned()
        } else {
            format!("{collection}?fieldSelector=metadata.name={name}")
        };
        let list = self.get(&selected).await;
        let mut found = list["items"].get(0).cloned();
        let items = list["items"].as_array().into_iter().flatten();
        if items.clone().any(|item| is_so(Some(item), condition)) || is_so(found.as_ref(), condition) {
            return Ok(());
        }
        if self.is_late {
            let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default();
            let path = format!("{selected}&watch=true&timeoutSeconds=60&resourceVersion={version}");
            let mut lines = lines(self.send("GET", &path, HeaderMap::new(), String::new()).await);
            while let Some(line) = lines.try_next().await.expect("the watch goes on") {
                let event: Value = serde_json::from_str(&line).expect("an event is JSON");
                found = (event["type"] != "DELETED").then(|| event["object"].clone());
                if is_so(found.as_ref(), condition) {
                    return Ok(());
                }
            }
        }
        Err(shown::text(found.unwrap_or(list), &[], &mut self.masks))
    }
}

/// Whether a path ends with a plural, without a name after it.
fn is_collection(path: &str) -> bool {
    path.split('/').count().is_multiple_of(2) == path.starts_with("/api/")
}

fn lines(response: Response<Body>) -> impl futures::Stream<Item = std::io::Result<String>> + Unpin {
    let stream = response.into_body().into_data_stream().map_err(std::io::Error::other);
    stream.into_async_read().lines()
}

/// `gone`, `present`, `FIELD=VALUE`.
fn is_so(object: Option<&Value>, condition: &str) -> bool {
    match (object, condition.split_once('=')) {
        (object, None) => object.is_some() == (condition == "present"),
        (None, Some(_)) => false,
        (Some(object), Some((path, value))) => {
            let found = path.split('.').try_fold(object, |object, step| match step.parse::<usize>() {
                Ok(at) => object.get(at),
                Err(_) => object.get(step),
            });
            found.is_some_and(|found| scalar(found) == value)
        }
    }
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
