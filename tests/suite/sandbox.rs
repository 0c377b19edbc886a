//! The sandbox answers `kube::Client` as a real API server does. Each rule is a small case.

mod apply;
mod cut;
mod discovery;
mod faults;
mod files;
mod objects;
mod pods;
mod volumes;
mod watching;
mod workloads;

use kchart::sandbox::Sandbox;
use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::core::response::Status;
use serde_json::{Value, json};

/// A sandbox whose answers are always the same, and a client for it.
fn sandbox() -> (Sandbox, kube::Client) {
    let sandbox = Sandbox::deterministic();
    let client = sandbox.client();
    (sandbox, client)
}

/// Objects of a kind in the namespace `default`.
fn api(client: &kube::Client, version: &str, kind: &str) -> Api<DynamicObject> {
    api_in(client, "default", version, kind)
}

/// Objects of a kind in a namespace.
fn api_in(client: &kube::Client, namespace: &str, version: &str, kind: &str) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), namespace, &resource(version, kind))
}

/// Objects of a kind that has no namespace.
fn cluster_api(client: &kube::Client, version: &str, kind: &str) -> Api<DynamicObject> {
    Api::all_with(client.clone(), &resource(version, kind))
}

fn resource(version: &str, kind: &str) -> ApiResource {
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
}

/// Applies as `kchart` does: strictly, without force.
async fn apply(api: &Api<DynamicObject>, name: &str, object: Value) -> Result<DynamicObject, Status> {
    apply_as(api, "kchart", name, object).await
}

async fn apply_as(api: &Api<DynamicObject>, manager: &str, name: &str, object: Value) -> Result<DynamicObject, Status> {
    let mut object = object;
    object["metadata"]["name"] = name.into();
    api.patch(name, &PatchParams::apply(manager).validation_strict(), &Patch::Apply(object)).await.map_err(status)
}

/// The Status behind an error of the client.
fn status(error: kube::Error) -> Status {
    match error {
        kube::Error::Api(status) => *status,
        other => panic!("no answer of the API: {other}"),
    }
}

/// An object as JSON.
fn to_json(object: DynamicObject) -> Value {
    serde_json::to_value(object).unwrap()
}

fn config_map(data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "data": data})
}

fn deployment(image: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": image}]}}}})
}

/// A StatefulSet with one claim template `data` of the class `standard`.
fn stateful_set(image: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {
        "serviceName": "w", "selector": {"matchLabels": {"app": "w"}},
        "template": {"metadata": {"labels": {"app": "w"}}, "spec": {"containers": [
            {"name": "c", "image": image, "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}})
}

/// Names of the objects of a kind, in order.
async fn names(api: &Api<DynamicObject>) -> Vec<String> {
    let list = api.list(&kube::api::ListParams::default()).await.unwrap();
    list.items.into_iter().filter_map(|object| object.metadata.name).collect()
}

/// Deletes an object, its dependents after it.
async fn delete(api: &Api<DynamicObject>, name: &str) {
    api.delete(name, &kube::api::DeleteParams::background()).await.unwrap();
}

/// Merges a patch.
async fn merge(api: &Api<DynamicObject>, name: &str, patch: Value) -> DynamicObject {
    api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap()
}
