//! Claims, volumes and the data on them.

use kube::api::{Api, DynamicObject};
use serde_json::{Value, json};

use super::{api, apply, cluster_api, delete, merge, names, sandbox, status};

fn claim(spec: &Value) -> Value {
    let mut claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    claim["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    claim
}

/// A Pod of a database whose data are on a claim.
fn pod(claim: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "spec": {
        "containers": [{"name": "c", "image": "postgres:18", "env": [{"name": "POSTGRES_PASSWORD", "value": "p"}],
            "volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql/data"}]}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]}})
}

async fn phase(api: &Api<DynamicObject>, name: &str) -> Value {
    api.get(name).await.unwrap().data["status"]["phase"].clone()
}

#[tokio::test]
async fn a_claim_waits_for_a_pod_and_is_then_provisioned() {
    let (sandbox, client) = sandbox();
    let (claims, pods) = (api(&client, "v1", "PersistentVolumeClaim"), api(&client, "v1", "Pod"));
    let volumes = cluster_api(&client, "v1", "PersistentVolume");
    let made = apply(&claims, "data", claim(&json!({}))).await.unwrap();
    assert_eq!(made.data["spec"]["storageClassName"], "standard");
    assert_eq!(phase(&claims, "data").await, "Pending");
    apply(&pods, "p", pod("data")).await.unwrap();
    assert_eq!((phase(&claims, "data").await, phase(&pods, "p").await), (json!("Bound"), json!("Running")));
    let volume = volumes.get(&names(&volumes).await[0]).await.unwrap();
    assert_eq!(volume.data["spec"]["claimRef"]["uid"], Value::from(made.metadata.uid.unwrap()));
    assert!(volume.metadata.annotations.unwrap().contains_key("pv.kubernetes.io/provisioned-by"));
    assert_eq!(sandbox.data().len(), 1);

    // It waits for its Pod, then goes with its volume and all data.
    delete(&claims, "data").await;
    assert!(claims.get("data").await.unwrap().metadata.deletion_timestamp.is_some());
    delete(&pods, "p").await;
    assert!(names(&claims).await.is_empty());
    assert!(names(&volumes).await.is_empty());
    assert!(sandbox.data().is_empty());
}

#[tokio::test]
async fn a_retained_volume_is_released_and_goes_when_its_policy_is_switched() {
    let (sandbox, client) = sandbox();
    let (claims, pods) = (api(&client, "v1", "PersistentVolumeClaim"), api(&client, "v1", "Pod"));
    let volumes = cluster_api(&client, "v1", "PersistentVolume");
    apply(&claims, "data", claim(&json!({"storageClassName": "standard-retain"}))).await.unwrap();
    apply(&pods, "p", pod("data")).await.unwrap();
    let volume = names(&volumes).await.remove(0);
    delete(&pods, "p").await;
    delete(&claims, "data").await;
    assert_eq!(phase(&volumes, &volume).await, "Released");
    assert_eq!(sandbox.data().len(), 1);
    // A new claim of the same name is another claim.
    apply(&claims, "data", claim(&json!({"storageClassName": "standard-retain"}))).await.unwrap();
    apply(&pods, "p", pod("data")).await.unwrap();
    assert_eq!(names(&volumes).await.len(), 2);
    assert_eq!(phase(&volumes, &volume).await, "Released");
    merge(&volumes, &volume, json!({"spec": {"persistentVolumeReclaimPolicy": "Delete"}})).await;
    assert!(volumes.get_opt(&volume).await.unwrap().is_none());
    assert_eq!(sandbox.data().len(), 1);
}

#[tokio::test]
async fn a_released_volume_is_used_again_on_purpose() {
    let (_sandbox, client) = sandbox();
    let (claims, pods) = (api(&client, "v1", "PersistentVolumeClaim"), api(&client, "v1", "Pod"));
    let volumes = cluster_api(&client, "v1", "PersistentVolume");
    apply(&claims, "data", claim(&json!({"storageClassName": "standard-retain"}))).await.unwrap();
    apply(&pods, "p", pod("data")).await.unwrap();
    let volume = names(&volumes).await.remove(0);
    delete(&pods, "p").await;
    delete(&claims, "data").await;
    merge(&volumes, &volume, json!({"spec": {"claimRef": {"uid": null, "resourceVersion": null}}})).await;
    assert_eq!(phase(&volumes, &volume).await, "Available");
    let again = claim(&json!({"storageClassName": "standard-retain", "volumeName": volume}));
    apply(&claims, "data", again).await.unwrap();
    assert_eq!((phase(&claims, "data").await, phase(&volumes, &volume).await), (json!("Bound"), json!("Bound")));
}

#[tokio::test]
async fn a_volume_made_by_hand_keeps_its_data_when_its_object_goes() {
    let (sandbox, client) = sandbox();
    let (claims, pods) = (api(&client, "v1", "PersistentVolumeClaim"), api(&client, "v1", "Pod"));
    let volumes = cluster_api(&client, "v1", "PersistentVolume");
    let volume = |size: &str| {
        json!({"apiVersion": "v1", "kind": "PersistentVolume", "spec": {"capacity": {"storage": size},
            "accessModes": ["ReadWriteOnce"], "hostPath": {"path": format!("/disk/{size}")}, "storageClassName": ""}})
    };
    for size in ["5Gi", "2Gi", "512Mi"] {
        apply(&volumes, &format!("v-{}", size.to_lowercase()), volume(size)).await.unwrap();
    }
    assert_eq!(phase(&volumes, "v-2gi").await, "Available");
    apply(&claims, "data", claim(&json!({"storageClassName": ""}))).await.unwrap();
    assert_eq!(claims.get("data").await.unwrap().data["spec"]["volumeName"], "v-2gi");
    apply(&pods, "p", pod("data")).await.unwrap();
    // Bound, so it is protected.
    delete(&volumes, "v-2gi").await;
    assert!(volumes.get_opt("v-2gi").await.unwrap().is_some());
    delete(&pods, "p").await;
    delete(&claims, "data").await;
    assert!(volumes.get_opt("v-2gi").await.unwrap().is_none());
    assert_eq!(sandbox.data(), ["/disk/2Gi"]);
    // With the policy Delete, nobody knows how to erase it.
    merge(&volumes, "v-5gi", json!({"spec": {"persistentVolumeReclaimPolicy": "Delete"}})).await;
    apply(&claims, "other", claim(&json!({"storageClassName": "", "volumeName": "v-5gi"}))).await.unwrap();
    delete(&claims, "other").await;
    assert_eq!(phase(&volumes, "v-5gi").await, "Failed");
}

#[tokio::test]
async fn a_claim_grows_where_its_class_allows_and_never_shrinks() {
    let (_sandbox, client) = sandbox();
    let (claims, pods) = (api(&client, "v1", "PersistentVolumeClaim"), api(&client, "v1", "Pod"));
    apply(&claims, "data", claim(&json!({}))).await.unwrap();
    apply(&pods, "p", pod("data")).await.unwrap();
    let sized = |size: &str| claim(&json!({"resources": {"requests": {"storage": size}}}));
    apply(&claims, "data", sized("2Gi")).await.unwrap();
    assert_eq!(claims.get("data").await.unwrap().data["status"]["capacity"]["storage"], "2Gi");
    let refused = apply(&claims, "data", sized("1Gi")).await.unwrap_err();
    assert_eq!(
        refused.message,
        "PersistentVolumeClaim \"data\" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"
    );
    let mut modes = sized("2Gi");
    modes["spec"]["accessModes"] = json!(["ReadOnlyMany"]);
    let refused = apply(&claims, "data", modes).await.unwrap_err();
    assert!(
        refused.message.contains("spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"),
        "{}",
        refused.message
    );
    merge(
        &cluster_api(&client, "storage.k8s.io/v1", "StorageClass"),
        "standard",
        json!({"allowVolumeExpansion": false}),
    )
    .await;
    let refused = apply(&claims, "data", sized("3Gi")).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (
            403,
            "persistentvolumeclaims \"data\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
        )
    );
    assert_eq!(status(claims.get("nope").await.unwrap_err()).code, 404);
}

#[tokio::test]
async fn a_pod_without_its_claim_is_not_placed() {
    let (_sandbox, client) = sandbox();
    let pods = api(&client, "v1", "Pod");
    apply(&pods, "p", pod("data")).await.unwrap();
    let waiting = pods.get("p").await.unwrap();
    let condition = &waiting.data["status"]["conditions"][0];
    assert_eq!((&condition["type"], &condition["reason"]), (&json!("PodScheduled"), &json!("Unschedulable")));
    assert_eq!(condition["message"], "0/1 nodes are available: persistentvolumeclaim \"data\" not found. not found");
    apply(&api(&client, "v1", "PersistentVolumeClaim"), "data", claim(&json!({}))).await.unwrap();
    assert_eq!(phase(&pods, "p").await, "Running");
}
