//! What users saw after a run that was cut off at one certain request.

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::core::params::PostParams;
use serde_json::{Value as Json, json};

use super::{Verb, World};
use crate::release::Status;
use crate::sandbox::{Fault, Faults, Rule, parse_faults};

/// Faults of a script.
pub(super) fn faults(script: &str) -> Faults {
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

    /// The object of that kind and name.
    pub(super) fn object(&self, kind: &str, name: &str) -> Option<Json> {
        let is = |object: &Json| object["kind"] == kind && object["metadata"]["name"] == name;
        self.sandbox.objects().into_iter().find(is)
    }

    /// A release whose set was deleted to be replaced, when the run died.
    async fn with_orphans() -> Self {
        let world = Self::of(SET, "service: db\n");
        world.deploys("service=db", &Faults::none()).await.unwrap().unwrap();
        assert_eq!(world.pods(), ["db-0", "db-1"]);
        let died = world.deploys("service=other", &faults("kill after DELETE StatefulSet")).await;
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

const JOBS: &str = r#"apiVersion: batch/v1
kind: Job
metadata: {name: seed, annotations: {kchart.dev/run: once}}
spec:
  ttlSecondsAfterFinished: 0
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1.37"}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {kchart.dev/depends-on: job/seed}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.29"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: dump, annotations: {kchart.dev/run: before-uninstall}}
spec:
  ttlSecondsAfterFinished: {{values.ttl}}
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1.37"}]}}
"#;

impl World {
    /// How often a Job was made.
    fn runs(&self, job: &str) -> usize {
        let of_job = |path: &str| path.split('?').next().is_some_and(|path| path.ends_with(&format!("/jobs/{job}")));
        self.sandbox.requests().iter().filter(|request| request.method == "PATCH" && of_job(&request.path)).count()
    }
}

#[tokio::test]
async fn what_runs_before_an_uninstall_does_not_run_again_when_the_uninstall_was_cut_off() {
    for (ttl, script) in [
        ("ttl=600", "kill after DELETE Deployment"),
        ("ttl=600", "kill after DELETE Job"),
        ("ttl=0", "kill after DELETE Deployment"),
    ] {
        for verb in [Verb::Uninstall, Verb::Purge] {
            let at = format!("{ttl}, {script}, {verb:?}");
            let world = World::of(JOBS, "ttl: 1\n");
            world.deploys(ttl, &Faults::none()).await.unwrap().unwrap();
            assert!(world.run(verb, &faults(script)).await.is_none(), "{at}");
            assert_eq!(world.runs("dump"), 1, "{at}");
            world.succeeds(verb, &at).await;
            assert_eq!(world.runs("dump"), 1, "{at}: it ran again, with nothing left around it");
            assert_eq!((world.object("Job", "dump"), world.object("Deployment", "web")), (None, None), "{at}");
        }
    }
}

#[tokio::test]
async fn what_ran_before_an_uninstall_that_was_given_up_runs_before_the_next_one() {
    let world = World::of(JOBS, "ttl: 1\n");
    world.deploys("ttl=0", &Faults::none()).await.unwrap().unwrap();
    assert!(world.run(Verb::Uninstall, &faults("kill after DELETE Deployment")).await.is_none());
    world.deploys("ttl=0", &Faults::none()).await.unwrap().unwrap();
    world.succeeds(Verb::Uninstall, "at last").await;
    assert_eq!(world.runs("dump"), 2);
}

#[tokio::test]
async fn what_runs_once_does_not_run_again_when_the_first_install_failed_after_it() {
    let world = World::of(JOBS, "ttl: 1\n");
    for attempt in 1..=2 {
        world.deploys("ttl=0", &faults("the webhook refuses PATCH Deployment")).await.unwrap().unwrap_err();
        assert_eq!((world.runs("seed"), world.object("Job", "seed")), (1, None), "attempt {attempt}: its time was up");
    }
    world.deploys("ttl=0", &Faults::none()).await.unwrap().unwrap();
    world.deploys("ttl=5", &Faults::none()).await.unwrap().unwrap();
    assert_eq!(world.runs("seed"), 1);
}

const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {size: {{values.size}}}\n";

#[tokio::test]
async fn of_two_revisions_in_force_the_newer_one_counts_and_the_next_run_puts_the_older_one_right() {
    let installed = World::of(SETTINGS, "size: 1\n");
    installed.deploys("size=1", &Faults::none()).await.unwrap().unwrap();
    let whole = Faults::none();
    installed.copy().deploys("size=2", &whole).await.unwrap().unwrap();
    let mut found = 0;
    for request in 1..=whole.requests() {
        let world = installed.copy();
        let rules = [Rule::at(request, Fault::CutOffAfter)];
        assert!(world.deploys("size=2", &Faults::new(rules)).await.is_none());
        if world.in_force() != ["1", "2"] {
            continue;
        }
        found += 1;
        assert_eq!(world.statuses().await, [Status::Superseded, Status::Deployed], "as it is read");
        for next in ["size=2", "size=3"] {
            let world = world.copy();
            world.deploys(next, &Faults::none()).await.unwrap().unwrap();
            assert_eq!(world.in_force(), [if next == "size=2" { "2" } else { "3" }], "as it is written");
        }
        world.succeeds(Verb::Rollback, "to the one before").await;
        assert_eq!(world.in_force(), ["3"]);
    }
    assert!(found > 0, "no request leaves two in force");
}

impl World {
    /// The revisions that say that they are in force.
    fn in_force(&self) -> Vec<String> {
        let objects = self.sandbox.objects().into_iter();
        let labels = objects.map(|object| object["metadata"]["labels"].clone());
        let deployed = labels.filter(|labels| labels["kchart.dev/status"] == "deployed");
        deployed.filter_map(|labels| labels["kchart.dev/revision"].as_str().map(str::to_owned)).collect()
    }
}
