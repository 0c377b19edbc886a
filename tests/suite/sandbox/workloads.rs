//! Controllers of workloads.

use kube::api::{DeleteParams, ListParams};
use serde_json::json;

use super::{api, apply, delete, deployment, merge, names, sandbox, stateful_set};

#[tokio::test]
async fn a_deployment_becomes_ready_through_its_pods() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    let mut web = deployment("nginx:1");
    web["spec"]["replicas"] = 3.into();
    apply(&deployments, "web", web).await.unwrap();
    let web = deployments.get("web").await.unwrap();
    let status = &web.data["status"];
    assert_eq!(
        (&status["observedGeneration"], &status["readyReplicas"], &status["updatedReplicas"]),
        (&json!(1), &json!(3), &json!(3))
    );
    assert_eq!(status["conditions"][0]["type"], "Available");
    assert_eq!(status["conditions"][1]["reason"], "NewReplicaSetAvailable");
    let pods = api(&client, "v1", "Pod");
    assert_eq!(names(&pods).await.len(), 3);
    delete(&pods, &names(&pods).await[0]).await;
    assert_eq!(names(&pods).await.len(), 3);
    delete(&deployments, "web").await;
    assert!(names(&pods).await.is_empty());
    assert!(names(&api(&client, "apps/v1", "ReplicaSet")).await.is_empty());
}

#[tokio::test]
async fn a_changed_template_replaces_the_pods_once_the_new_ones_work() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    let pods = api(&client, "v1", "Pod");
    apply(&deployments, "web", deployment("nginx:1")).await.unwrap();
    let first = names(&pods).await;
    apply(&deployments, "web", deployment("nginx:2")).await.unwrap();
    let second = names(&pods).await;
    assert!(second.len() == 1 && second != first, "{first:?} {second:?}");

    apply(&deployments, "web", deployment("nginx:does-not-exist")).await.unwrap();
    let both = names(&pods).await;
    assert!(both.len() == 2 && both.contains(&second[0]), "{both:?}");
    let web = deployments.get("web").await.unwrap();
    assert_eq!(web.data["status"]["conditions"][1]["reason"], "ReplicaSetUpdated");
    assert_eq!(web.data["status"]["readyReplicas"], 1);
    // Back to what was: the old ReplicaSet takes over again, with its Pod.
    apply(&deployments, "web", deployment("nginx:2")).await.unwrap();
    assert_eq!(names(&pods).await, second);
    let web = deployments.get("web").await.unwrap();
    assert_eq!(web.metadata.annotations.unwrap()["deployment.kubernetes.io/revision"], "4");
}

#[tokio::test]
async fn with_recreate_the_old_pods_go_first() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    let of = |image| {
        let mut web = deployment(image);
        web["spec"]["strategy"] = json!({"type": "Recreate"});
        web
    };
    apply(&deployments, "web", of("nginx:1")).await.unwrap();
    apply(&deployments, "web", of("registry.invalid/nginx:2")).await.unwrap();
    let pods = api(&client, "v1", "Pod").list(&ListParams::default()).await.unwrap().items;
    assert_eq!(pods.len(), 1);
    let waiting = &pods[0].data["status"]["containerStatuses"][0]["state"]["waiting"];
    assert_eq!(waiting["reason"], "ImagePullBackOff");
    assert!(waiting["message"].as_str().unwrap().contains("lookup registry.invalid: no such host"));
}

#[tokio::test]
async fn a_stateful_set_has_numbered_pods_and_keeps_its_claims() {
    let (_sandbox, client) = sandbox();
    let sets = api(&client, "apps/v1", "StatefulSet");
    let claims = api(&client, "v1", "PersistentVolumeClaim");
    let pods = api(&client, "v1", "Pod");
    let mut two = stateful_set("x:1");
    two["spec"]["replicas"] = 2.into();
    apply(&sets, "w", two).await.unwrap();
    assert_eq!(names(&pods).await, ["w-0", "w-1"]);
    assert_eq!(names(&claims).await, ["data-w-0", "data-w-1"]);
    let claim = claims.get("data-w-0").await.unwrap();
    assert_eq!(claim.metadata.labels.unwrap()["app"], "w");
    assert_eq!((claim.metadata.owner_references, &claim.data["status"]["phase"]), (None, &json!("Bound")));
    let set = sets.get("w").await.unwrap();
    let status = &set.data["status"];
    assert_eq!((&status["readyReplicas"], &status["currentRevision"]), (&json!(2), &status["updateRevision"]));
    apply(&sets, "w", stateful_set("x:1")).await.unwrap();
    assert_eq!(names(&pods).await, ["w-0"]);
    delete(&sets, "w").await;
    assert!(names(&pods).await.is_empty());
    assert_eq!(names(&claims).await, ["data-w-0", "data-w-1"]);
}

#[tokio::test]
async fn a_claim_made_beforehand_is_used_as_it_is() {
    let (_sandbox, client) = sandbox();
    let claims = api(&client, "v1", "PersistentVolumeClaim");
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"labels": {"ours": "x"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}});
    let made = apply(&claims, "data-w-0", claim).await.unwrap();
    apply(&api(&client, "apps/v1", "StatefulSet"), "w", stateful_set("x:1")).await.unwrap();
    let used = claims.get("data-w-0").await.unwrap();
    assert_eq!(used.metadata.uid, made.metadata.uid);
    assert_eq!(used.metadata.labels, made.metadata.labels);
    assert_eq!(used.metadata.owner_references, None);
    assert_eq!(used.data["status"]["capacity"]["storage"], "2Gi");
}

#[tokio::test]
async fn claim_templates_are_changed_by_leaving_the_pods_behind() {
    let (_sandbox, client) = sandbox();
    let sets = api(&client, "apps/v1", "StatefulSet");
    let pods = api(&client, "v1", "Pod");
    apply(&sets, "w", stateful_set("x:1")).await.unwrap();
    let before = pods.get("w-0").await.unwrap();
    let mut larger = stateful_set("x:1");
    larger["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"] = "2Gi".into();
    let refused = apply(&sets, "w", larger.clone()).await.unwrap_err();
    let cause = &refused.details.unwrap().causes[0];
    assert_eq!(cause.field, "spec.volumeClaimTemplates");
    assert!(cause.message.ends_with(": field is immutable"), "{}", cause.message);
    let orphan =
        DeleteParams { propagation_policy: Some(kube::api::PropagationPolicy::Orphan), ..DeleteParams::default() };
    sets.delete("w", &orphan).await.unwrap();
    assert_eq!(pods.get("w-0").await.unwrap().metadata.owner_references, None);
    let set = apply(&sets, "w", larger).await.unwrap();
    let after = pods.get("w-0").await.unwrap();
    assert_eq!(after.metadata.uid, before.metadata.uid);
    assert_eq!(after.metadata.owner_references.unwrap()[0].uid, set.metadata.uid.unwrap());
}

#[tokio::test]
async fn a_set_that_deletes_its_claims_owns_them() {
    let (_sandbox, client) = sandbox();
    let sets = api(&client, "apps/v1", "StatefulSet");
    let claims = api(&client, "v1", "PersistentVolumeClaim");
    let set = apply(&sets, "w", stateful_set("x:1")).await.unwrap();
    merge(&sets, "w", json!({"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}})).await;
    let owners = claims.get("data-w-0").await.unwrap().metadata.owner_references.unwrap();
    assert_eq!(owners[0].uid, set.metadata.uid.unwrap());
    merge(&sets, "w", json!({"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain"}}})).await;
    assert_eq!(claims.get("data-w-0").await.unwrap().metadata.owner_references, None);
    merge(&sets, "w", json!({"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}})).await;
    delete(&sets, "w").await;
    assert!(names(&claims).await.is_empty());
    assert!(names(&super::cluster_api(&client, "v1", "PersistentVolume")).await.is_empty());
}

#[tokio::test]
async fn a_pod_that_is_not_ready_blocks_its_set_until_it_is_deleted() {
    let (_sandbox, client) = sandbox();
    let sets = api(&client, "apps/v1", "StatefulSet");
    let pods = api(&client, "v1", "Pod");
    apply(&sets, "w", stateful_set("x:1")).await.unwrap();
    apply(&sets, "w", stateful_set("x:does-not-exist")).await.unwrap();
    apply(&sets, "w", stateful_set("x:1")).await.unwrap();
    let image = async || pods.get("w-0").await.unwrap().data["spec"]["containers"][0]["image"].clone();
    assert_eq!(image().await, "x:does-not-exist");
    delete(&pods, "w-0").await;
    assert_eq!(image().await, "x:1");
    assert_eq!(sets.get("w").await.unwrap().data["status"]["readyReplicas"], 1);
}

#[tokio::test]
async fn updates_on_delete_and_partitions_wait() {
    let (_sandbox, client) = sandbox();
    let sets = api(&client, "apps/v1", "StatefulSet");
    let pods = api(&client, "v1", "Pod");
    let image = async |pod: &str| pods.get(pod).await.unwrap().data["spec"]["containers"][0]["image"].clone();
    let of = |image: &str, strategy: serde_json::Value| {
        let mut set = stateful_set(image);
        set["spec"]["replicas"] = 2.into();
        set["spec"]["updateStrategy"] = strategy;
        set
    };
    apply(&sets, "w", of("x:1", json!({"type": "OnDelete"}))).await.unwrap();
    apply(&sets, "w", of("x:2", json!({"type": "OnDelete"}))).await.unwrap();
    assert_eq!(image("w-0").await, "x:1");
    delete(&pods, "w-0").await;
    assert_eq!(image("w-0").await, "x:2");
    apply(&sets, "w", of("x:3", json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}))).await.unwrap();
    assert_eq!((image("w-0").await, image("w-1").await), (json!("x:2"), json!("x:3")));
}

#[tokio::test]
async fn a_daemon_set_runs_on_the_node() {
    let (_sandbox, client) = sandbox();
    let sets = api(&client, "apps/v1", "DaemonSet");
    let daemon = |image: &str| {
        let mut daemon = deployment(image);
        daemon["kind"] = "DaemonSet".into();
        daemon
    };
    apply(&sets, "d", daemon("x:1")).await.unwrap();
    apply(&sets, "d", daemon("x:2")).await.unwrap();
    let status = &sets.get("d").await.unwrap().data["status"];
    assert_eq!(
        (&status["observedGeneration"], &status["numberReady"], &status["updatedNumberScheduled"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(names(&api(&client, "v1", "Pod")).await.len(), 1);
}

#[tokio::test]
async fn jobs_complete_or_fail_as_their_command_says() {
    let (_sandbox, client) = sandbox();
    let jobs = api(&client, "batch/v1", "Job");
    let job = |command: serde_json::Value| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {"backoffLimit": 1, "template": {"spec": {
            "restartPolicy": "Never", "containers": [{"name": "c", "image": "x", "command": command}]}}}})
    };
    apply(&jobs, "good", job(json!(["sh", "-c", "migrate"]))).await.unwrap();
    let good = jobs.get("good").await.unwrap();
    assert_eq!(
        (&good.data["status"]["succeeded"], &good.data["status"]["conditions"][1]["type"]),
        (&json!(1), &json!("Complete"))
    );
    apply(&jobs, "bad", job(json!(["sh", "-c", "migrate; exit 3"]))).await.unwrap();
    let bad = jobs.get("bad").await.unwrap();
    assert_eq!(
        (&bad.data["status"]["failed"], &bad.data["status"]["conditions"][1]["reason"]),
        (&json!(2), &json!("BackoffLimitExceeded"))
    );
    apply(&jobs, "long", job(json!(["sleep", "infinity"]))).await.unwrap();
    assert_eq!(jobs.get("long").await.unwrap().data["status"]["active"], 1);
    // The same again is no change, though the server added labels to the template.
    let again = apply(&jobs, "good", job(json!(["sh", "-c", "migrate"]))).await.unwrap();
    assert_eq!(again.metadata.resource_version, good.metadata.resource_version);
    let refused = apply(&jobs, "good", job(json!(["true"]))).await.unwrap_err();
    assert!(refused.message.ends_with("field is immutable"), "{}", refused.message);
    // `batch/v1` leaves the Pods behind unless it is told otherwise.
    let pods = names(&api(&client, "v1", "Pod")).await.len();
    jobs.delete("good", &DeleteParams::default()).await.unwrap();
    assert_eq!(names(&api(&client, "v1", "Pod")).await.len(), pods);
}

#[tokio::test]
async fn a_service_has_an_address_and_the_pods_behind_it() {
    let (_sandbox, client) = sandbox();
    let services = api(&client, "v1", "Service");
    let service = json!({"apiVersion": "v1", "kind": "Service",
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}});
    let made = apply(&services, "web", service.clone()).await.unwrap();
    assert_eq!(
        (&made.data["spec"]["clusterIP"], &made.data["spec"]["ports"][0]["targetPort"]),
        (&json!("10.96.0.2"), &json!(80))
    );
    apply(&api(&client, "apps/v1", "Deployment"), "web", deployment("nginx:1")).await.unwrap();
    let slices = api(&client, "discovery.k8s.io/v1", "EndpointSlice").list(&ListParams::default()).await.unwrap().items;
    assert_eq!(slices[0].data["endpoints"][0]["conditions"]["ready"], true);
    let again = apply(&services, "web", service).await.unwrap();
    assert_eq!(again.metadata.resource_version, made.metadata.resource_version);
}
