//! A purge that lacks a right is none.

use serde_json::json;

use super::World;
use super::world::removal;
use crate::action::{Place, Reading, Target, uninstall};
use crate::cluster::Cluster;

#[tokio::test]
async fn a_purge_without_the_rights_for_it_does_nothing() {
    let world = World::installed().await;
    let (inner, before) = (world.sandbox.client(), world.sandbox.objects());
    let service = tower::service_fn(move |request: http::Request<kube::client::Body>| {
        let inner = inner.clone();
        async move {
            if request.uri().path().ends_with("selfsubjectaccessreviews") {
                let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                    "metadata": {}, "spec": {}, "status": {"allowed": false}});
                return Ok(http::Response::new(kube::client::Body::from(review.to_string().into_bytes())));
            }
            inner.send(request).await.map_err(tower::BoxError::from)
        }
    });
    let cluster = Cluster::over_at_once(kube::Client::new(service, "default"));
    let target = Target { place: Place::Ready(cluster), concurrency: 4 };
    let failure = uninstall::prepare(&removal(true), &target, &mut Reading::default()).await.unwrap_err();
    assert_eq!(failure.to_string(), "the volumes of `mq` can't be purged: rights are missing; nothing was changed");
    let notes: Vec<&str> = failure.diagnostics[0].notes.iter().map(|note| note.text.as_str()).collect();
    assert!(notes.contains(&"`delete` on `secrets` in namespace `default`"), "{notes:?}");
    assert_eq!(world.sandbox.objects(), before);
}
