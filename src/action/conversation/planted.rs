//! Differences that are planted into what a sandbox answers are found, each of them.

use bytes::Bytes;
use futures::TryStreamExt;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use kube::client::Body;
use serde_json::{Value as Json, json};
use tower::BoxError;

use super::book::Book;
use super::{compare, life};
use crate::sandbox::Sandbox;

/// What is done to an answer: code, and JSON (an event of a watch is one, too).
type Change = fn(method: &str, path: &str, code: &mut u16, json: &mut Json);

/// A client that changes what it is answered.
fn changed(inner: kube::Client, change: Change) -> kube::Client {
    let service = tower::service_fn(move |request| carry(inner.clone(), change, request));
    kube::Client::new(service, "default")
}

async fn carry(
    inner: kube::Client,
    change: Change,
    request: Request<Body>,
) -> Result<Response<UnsyncBoxBody<Bytes, BoxError>>, BoxError> {
    let (method, path) = (request.method().to_string(), request.uri().to_string());
    let (mut head, body) = inner.send(request).await.map_err(BoxError::from)?.into_parts();
    if path.contains("watch=true") {
        // The sandbox writes each event as a whole.
        let frames = body.into_data_stream().map_err(BoxError::from).map_ok(move |bytes| {
            let Ok(mut event) = serde_json::from_slice(&bytes) else { return Frame::data(bytes) };
            change(&method, &path, &mut 200, &mut event);
            Frame::data(format!("{event}\n").into_bytes().into())
        });
        return Ok(Response::from_parts(head, StreamBody::new(frames).boxed_unsync()));
    }
    let bytes = body.collect_bytes().await?;
    let bytes = match serde_json::from_slice(&bytes) {
        Err(_) => bytes,
        Ok(mut json) => {
            let mut code = head.status.as_u16();
            change(&method, &path, &mut code, &mut json);
            head.status = code.try_into()?;
            json.to_string().into_bytes().into()
        }
    };
    Ok(Response::from_parts(head, Full::new(bytes).map_err(|never| match never {}).boxed_unsync()))
}

/// What is found between two sandboxes, one of which is changed.
async fn found(change: Change) -> Vec<String> {
    let book = Box::pin(life::play(&Sandbox::deterministic().client(), Book::at_once("some-life"))).await;
    let client = changed(Sandbox::deterministic().client(), change);
    let other = Box::pin(life::play(&client, Book::at_once("other-life"))).await;
    compare::differences([&book, &other])
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_is_as_another_one() {
    assert_eq!(found(|_, _, _, _| {}).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn whatever_is_not_the_same_is_found() {
    let found = found(|method, path, code, json| {
        let writes = method == "PATCH";
        // A default that is not filled in.
        if writes && path.contains("/services/store") {
            json["spec"].as_object_mut().unwrap().remove("sessionAffinity");
        }
        // A refusal with another reason.
        if *code == 404 && path.ends_with("/namespaces/other-life") {
            json["reason"] = "Gone".into();
        }
        // A set that is changed before it is there.
        if path.contains("/statefulsets?") && json["object"].is_object() {
            json["type"] = if json["type"] == "ADDED" { "MODIFIED".into() } else { "ADDED".into() };
        }
        // A number that controllers write.
        if path.contains("/statefulsets") {
            for set in json.get_mut("items").and_then(Json::as_array_mut).into_iter().flatten() {
                set["status"].as_object_mut().unwrap().remove("collisionCount");
            }
        }
        // Another owner of a field.
        if writes && path.contains("/configmaps/adopted") {
            json["metadata"]["managedFields"][0]["manager"] = json!("somebody");
        }
    })
    .await;
    for expected in [
        "/spec/sessionAffinity: the sandbox says \"None\", the server nothing",
        "/reason: the sandbox says \"NotFound\", the server \"Gone\"",
        "watch of /apis/apps/v1/namespaces/{ns}/statefulsets/store",
        "/status/collisionCount: the sandbox says 0, the server nothing",
        "/metadata/managedFields/0/manager",
    ] {
        assert!(found.iter().any(|difference| difference.contains(expected)), "{expected}:\n{}", found.join("\n"));
    }
}
