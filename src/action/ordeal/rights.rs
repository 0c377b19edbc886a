//! A purge that lacks a right is none.

use serde_json::json;

use super::World;
use super::world::RELEASE;
use crate::action::ordinary::removal;
use crate::action::{Place, Reading, Target, uninstall};
use crate::cluster::Cluster;
use crate::sandbox::Sandbox;

/// A client that is told to have no right to a kind; to none at all with an empty name.
pub(super) fn without(sandbox: &Sandbox, plural: &'static str) -> kube::Client {
    let inner = sandbox.client();
    let service = tower::service_fn(move |request: http::Request<kube::client::Body>| {
        let inner = inner.clone();
        async move {
            if !request.uri().path().ends_with("selfsubjectaccessreviews") {
                return inner.send(request).await.map_err(tower::BoxError::from);
            }
            let body = request.into_body().collect_bytes().await?;
            let mut review: serde_json::Value = serde_json::from_slice(&body)?;
            let about = review["spec"]["resourceAttributes"]["resource"].as_str().unwrap_or_default();
            let allowed = !plural.is_empty() && about != plural;
            review["status"] = json!({"allowed": allowed});
            Ok(http::Response::new(kube::client::Body::from(review.to_string().into_bytes())))
        }
    });
    kube::Client::new(service, "default")
}

#[tokio::test]
async fn a_purge_without_the_rights_for_it_does_nothing() {
    let world = World::installed().await;
    let before = world.sandbox.objects();
    let cluster = Cluster::over_at_once(without(&world.sandbox, ""));
    let target = Target { place: Place::Ready(cluster), concurrency: 4 };
    let failure = uninstall::prepare(&removal(RELEASE, true), &target, &mut Reading::default()).await.unwrap_err();
    assert_eq!(failure.to_string(), "the volumes of `mq` can't be purged: rights are missing; nothing was changed");
    let notes: Vec<&str> = failure.diagnostics[0].notes.iter().map(|note| note.text.as_str()).collect();
    assert!(notes.contains(&"`delete` on `secrets` in namespace `default`"), "{notes:?}");
    assert_eq!(world.sandbox.objects(), before);
}
