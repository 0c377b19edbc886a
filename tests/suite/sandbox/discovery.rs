//! What is served.

use kube::Discovery;
use kube::discovery::Scope;
use serde_json::json;

use super::{apply, cluster_api, resource, sandbox, status};

#[tokio::test]
async fn kinds_are_discovered_whole_and_in_pieces() {
    let (_sandbox, client) = sandbox();
    for discovery in [Discovery::new(client.clone()).run_aggregated().await, Discovery::new(client.clone()).run().await]
    {
        let discovery = discovery.unwrap();
        let find = |version: &str, kind: &str| {
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            let gvk = kube::core::GroupVersionKind::gvk(group, version, kind);
            discovery.resolve_gvk(&gvk).unwrap_or_else(|| panic!("{kind} is not served"))
        };
        let (claims, capabilities) = find("v1", "PersistentVolumeClaim");
        assert_eq!((claims.plural.as_str(), capabilities.scope), ("persistentvolumeclaims", Scope::Namespaced));
        assert!(capabilities.subresources.iter().any(|(subresource, _)| subresource.plural.ends_with("status")));
        let (volumes, capabilities) = find("v1", "PersistentVolume");
        assert_eq!((volumes.plural.as_str(), capabilities.scope), ("persistentvolumes", Scope::Cluster));
        find("apps/v1", "StatefulSet");
        find("autoscaling/v2", "HorizontalPodAutoscaler");
    }
    let version = client.apiserver_version().await.unwrap();
    assert_eq!(version.git_version, "v1.37.2");
}

#[tokio::test]
async fn an_applied_definition_is_served_at_once_and_takes_its_objects_along() {
    let (_sandbox, client) = sandbox();
    let definitions = cluster_api(&client, "apiextensions.k8s.io/v1", "CustomResourceDefinition");
    let widgets = kube::Api::namespaced_with(client.clone(), "default", &resource("example.com/v1", "Widget"));
    let widget = || json!({"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"size": 1}});
    assert_eq!(apply(&widgets, "w", widget()).await.unwrap_err().code, 404);

    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": {"type": "object",
                    "properties": {"size": {"type": "integer"}}}}}}}]}});
    apply(&definitions, "widgets.example.com", definition).await.unwrap();
    let established = definitions.get("widgets.example.com").await.unwrap();
    assert_eq!(established.data["status"]["conditions"][1]["type"], "Established");
    apply(&widgets, "w", widget()).await.unwrap();
    let wrong = json!({"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"siez": 1}});
    let refused = apply(&widgets, "w", wrong).await.unwrap_err();
    assert!(refused.message.ends_with(".spec.siez: field not declared in schema"), "{}", refused.message);

    let found = Discovery::new(client.clone()).run_aggregated().await.unwrap();
    assert!(found.has_group("example.com"));
    definitions.delete("widgets.example.com", &kube::api::DeleteParams::default()).await.unwrap();
    assert_eq!(status(widgets.get("w").await.unwrap_err()).code, 404);
    assert!(definitions.get_opt("widgets.example.com").await.unwrap().is_none());
}

#[tokio::test]
async fn everybody_may_do_everything() {
    let (_sandbox, client) = sandbox();
    let reviews: kube::Api<k8s_openapi::api::authorization::v1::SelfSubjectAccessReview> = kube::Api::all(client);
    let review = serde_json::from_value(json!({"apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview", "metadata": {},
        "spec": {"resourceAttributes": {"verb": "list", "resource": "persistentvolumes"}}}))
    .unwrap();
    let answer = reviews.create(&kube::api::PostParams::default(), &review).await.unwrap();
    assert!(answer.status.unwrap().allowed);
}
