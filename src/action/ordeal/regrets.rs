//! What users saw after a run that was cut off at one certain request.

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::core::params::PostParams;
use serde_json::{Value as Json, json};

use super::{Verb, World};
use crate::sandbox::{Faults, parse_faults};

/// Faults of a script.
fn faults(script: &str) -> Faults {
    Faults::new(parse_faults(script).unwrap())
}

const SET: &str = r#"apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 2
  serviceName: {{values.service}}
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - {name: db, image: "nginx:1.29", volumeMounts: [{name: data, mountPath: /data}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"#;

impl World {
    fn pods(&self) -> Vec<String> {
        let objects = self.sandbox.objects().into_iter();
        let pods = objects.filter(|object| object["kind"] == "Pod");
        pods.filter_map(|pod| pod["metadata"]["name"].as_str().map(str::to_owned)).collect()
    }

    fn object(&self, kind: &str, name: &str) -> Option<Json> {
        let is = |object: &Json| object["kind"] == kind && object["metadata"]["name"] == name;
        self.sandbox.objects().into_iter().find(is)
    }

    /// A release whose set was deleted to be replaced, when the run died.
    async fn with_orphans() -> Self {
        let world = Self::of(SET, "service: db\n");
        world.deploys("service=db", &Faults::none()).await.unwrap().unwrap();
        assert_eq!(world.pods(), ["db-0", "db-1"]);
        let died = world.deploys("service=other", &faults("cut off after DELETE StatefulSet")).await;
        assert!(died.is_none());
        assert_eq!(world.object("StatefulSet", "db"), None);
        assert_eq!(world.pods(), ["db-0", "db-1"], "they run on");
        world
    }
}

#[tokio::test]
async fn pods_of_a_set_that_was_being_replaced_do_not_run_on_after_an_uninstall() {
    let world = World::with_orphans().await;
    world.succeeds(Verb::Uninstall, "after the kill").await;
    assert_eq!(world.pods(), Vec::<String>::new());
    assert!(world.object("PersistentVolumeClaim", "data-db-0").is_some());
}

#[tokio::test]
async fn pods_of_a_set_that_was_being_replaced_do_not_keep_a_purge_from_its_claims() {
    let world = World::with_orphans().await;
    world.succeeds(Verb::Purge, "after the kill").await;
    assert_eq!(world.pods(), Vec::<String>::new());
    assert_eq!(world.kept().disks, Vec::<String>::new());
}

#[tokio::test]
async fn a_pod_that_merely_has_the_name_of_one_of_the_set_stays() {
    let world = World::with_orphans().await;
    let pod = json!({"metadata": {"name": "db-7", "labels": {"app": "another"}},
        "spec": {"containers": [{"name": "main", "image": "nginx:1.29"}]}});
    let pods: Api<Pod> = Api::namespaced(world.sandbox.client(), "default");
    pods.create(&PostParams::default(), &serde_json::from_value(pod).unwrap()).await.unwrap();
    world.succeeds(Verb::Uninstall, "after the kill").await;
    assert_eq!(world.pods(), ["db-7"]);
}
