//! Runs that are killed between any two requests, and what the next run makes of it (DESIGN law 4).

mod rollback;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::sync::Notify;
use tokio::sync::mpsc::unbounded_channel;

use super::{Place, Reading, Source, Target, deploy, uninstall};
use crate::apply::{Execution, Stop};
use crate::chart::Lookup;
use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::plan::Options;
use crate::sandbox::Sandbox;
use crate::values::Inputs;

const EXECUTION: Execution = Execution { timeout: Duration::from_secs(600), concurrency: 4 };

/// A broker with all that matters: a generated password, and a volume that it initialises.
const TEMPLATE: &str = r#"apiVersion: v1
kind: Secret
metadata: {name: mq}
stringData:
  password: {{generate "password" length=32 charset="alnum"}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mq}
spec:
  serviceName: mq
  selector: {matchLabels: {app: mq}}
  template:
    metadata: {labels: {app: mq}}
    spec:
      containers:
        - name: mq
          image: {{values.image}}
          resources: {limits: {memory: {{values.memory}}}}
          env: [{name: RABBITMQ_DEFAULT_PASS, valueFrom: {secretKeyRef: {name: mq, key: password}}}]
          volumeMounts: [{name: data, mountPath: /var/lib/rabbitmq/mnesia}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: standard-retain}
"#;

/// A cluster on which processes die.
struct World {
    sandbox: Sandbox,
    chart: tempfile::TempDir,
}

/// A kchart that lives for some requests.
struct Process {
    target: Target,
    died: Arc<Notify>,
}

impl Process {
    /// What comes of a run; none if the process dies before.
    async fn outcome<T>(&self, run: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = run => Some(done),
            () = self.died.notified() => None,
        }
    }
}

impl World {
    fn new() -> Self {
        let chart = tempfile::tempdir().unwrap();
        std::fs::create_dir(chart.path().join("templates")).unwrap();
        for (name, text) in [
            ("Chart.yaml", "apiVersion: v2\nname: mq\nversion: 0.1.0\n"),
            ("values.yaml", "memory: 1Gi\nimage: rabbitmq:4.2\n"),
            ("templates/all.yaml.hbs", TEMPLATE),
        ] {
            std::fs::write(chart.path().join(name), text).unwrap();
        }
        Self { sandbox: Sandbox::deterministic(), chart }
    }

    /// A new process: it dies instead of sending one request more.
    fn process(&self, requests: usize) -> Process {
        let (inner, left, died) =
            (self.sandbox.client(), Arc::new(AtomicUsize::new(requests)), Arc::new(Notify::new()));
        let death = Arc::clone(&died);
        let service = tower::service_fn(move |request| {
            let dies = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err();
            let (inner, death) = (inner.clone(), Arc::clone(&death));
            async move {
                if dies {
                    death.notify_one();
                    std::future::pending::<()>().await;
                }
                inner.send(request).await.map_err(tower::BoxError::from)
            }
        });
        let cluster = Cluster::over_at_once(kube::Client::new(service, "default"));
        Process { target: Target { place: Place::Ready(cluster), concurrency: 4 }, died }
    }

    async fn deploy(&self, requests: usize, memory: &str) -> Option<Result<(), Failure>> {
        self.deploy_as(requests, memory, &EXECUTION, |request| request).await
    }

    /// The same with a changed request.
    async fn deploy_as(
        &self,
        requests: usize,
        memory: &str,
        execution: &Execution,
        change: impl FnOnce(deploy::Request) -> deploy::Request,
    ) -> Option<Result<(), Failure>> {
        let process = self.process(requests);
        let request = change(deploy::Request {
            source: Source::Chart {
                reference: format!("{}/", self.chart.path().display()),
                lookup: Lookup { directory: PathBuf::new(), folders: Vec::new() },
            },
            inputs: Inputs { set: vec![format!("memory={memory}")], ..Inputs::default() },
            name: Some("mq".into()),
            namespace: None,
            verb: deploy::Verb::UpgradeOrInstall,
            reuse: deploy::Reuse::Nothing,
            options: Options::default(),
            strict: false,
            history_max: 2,
            description: None,
            rollback_on_failure: false,
        });
        let run = Box::pin(async {
            let prepared = deploy::prepare(request, &process.target, &mut Reading::default()).await?;
            let (events, _heard) = unbounded_channel();
            prepared.carry_out(execution, &events, &Stop::never()).await.map(drop)
        });
        process.outcome(run).await
    }

    async fn uninstall(&self, requests: usize, purge: bool) -> Option<Result<(), Failure>> {
        let process = self.process(requests);
        let request = uninstall::Request {
            names: vec!["mq".into()],
            namespace: None,
            purge,
            prune_crds: Vec::new(),
            skip_jobs: false,
            keep_history: false,
            ignore_not_found: true,
        };
        let run = Box::pin(async {
            let found = uninstall::prepare(&request, &process.target, &mut Reading::default()).await?;
            for prepared in found.prepared {
                let (events, _heard) = unbounded_channel();
                prepared.carry_out(&EXECUTION, &events, &Stop::never()).await?;
            }
            Ok(())
        });
        process.outcome(run).await
    }

    fn named(&self, kind: &str, name: &str) -> Option<Json> {
        let is = |object: &Json| object["kind"] == kind && object["metadata"]["name"] == name;
        self.sandbox.objects().into_iter().find(is)
    }

    /// The claim's uid and the password that opens it.
    fn data(&self) -> (Option<String>, Option<String>) {
        let text = |value: &Json| value.as_str().map(str::to_owned);
        (
            self.named("PersistentVolumeClaim", "data-mq-0").and_then(|claim| text(&claim["metadata"]["uid"])),
            self.named("Secret", "mq").and_then(|secret| text(&secret["data"]["password"])),
        )
    }

    /// Everything of the release that is there.
    fn left(&self) -> Vec<String> {
        let objects = self.sandbox.objects().into_iter();
        let of_release = objects.filter(|object| {
            object["metadata"]["labels"]["kchart.dev/release"] == json!("mq") || object["kind"] == "PersistentVolume"
        });
        of_release.map(|object| format!("{}/{}", object["kind"], object["metadata"]["name"])).collect()
    }

    /// A claim that is there is opened by the password that was there with it.
    fn check_opened(&self, before: &(Option<String>, Option<String>), at: usize) {
        let now = self.data();
        if now.0.is_some() && now.0 == before.0 {
            assert_eq!(now.1, before.1, "killed at request {at}: the claim stayed, its password did not");
        }
    }
}

#[tokio::test]
async fn an_install_that_is_killed_anywhere_is_finished_by_the_next_one() {
    for at in 0.. {
        let world = World::new();
        let ended = world.deploy(at, "1Gi").await;
        let before = world.data();
        if let Some(done) = ended {
            done.unwrap();
            break;
        }
        world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap_or_else(|failure| panic!("killed at {at}: {failure}"));
        if before.1.is_some() {
            assert_eq!(world.data().1, before.1, "killed at request {at}: the password is another one");
        }
        world.check_opened(&before, at);
    }
}

#[tokio::test]
async fn an_upgrade_that_is_killed_anywhere_is_finished_by_the_next_one() {
    for at in 0.. {
        let world = World::new();
        world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap();
        let before = world.data();
        assert!(before.0.is_some() && before.1.is_some());
        let ended = world.deploy(at, "2Gi").await;
        if let Some(done) = ended {
            done.unwrap();
            break;
        }
        world.deploy(usize::MAX, "2Gi").await.unwrap().unwrap_or_else(|failure| panic!("killed at {at}: {failure}"));
        assert_eq!(world.data(), before);
        let set = world.named("StatefulSet", "mq").unwrap();
        let limits = &set["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"];
        assert_eq!(limits["memory"], "2Gi", "killed at request {at}");
    }
}

#[tokio::test]
async fn an_uninstall_that_is_killed_anywhere_keeps_the_data_and_goes_on_or_is_installed_again() {
    for at in 0.. {
        let world = World::new();
        world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap();
        let before = world.data();
        assert!(before.0.is_some() && before.1.is_some());
        let ended = world.uninstall(at, false).await.transpose().unwrap();
        assert_eq!(world.data(), before, "killed at request {at}");
        if at % 2 == 0 {
            world.uninstall(usize::MAX, false).await.unwrap().unwrap_or_else(|failure| panic!("at {at}: {failure}"));
            assert!(world.named("StatefulSet", "mq").is_none(), "killed at request {at}");
        }
        world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap_or_else(|failure| panic!("at {at}: {failure}"));
        assert_eq!(world.data(), before, "killed at request {at}");
        if ended.is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn a_purge_that_is_killed_anywhere_goes_on_or_is_installed_again() {
    for at in 0.. {
        let world = World::new();
        world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap();
        let before = world.data();
        assert!(before.0.is_some() && before.1.is_some());
        let ended = world.uninstall(at, true).await.transpose().unwrap();
        world.check_opened(&before, at);
        if at % 2 == 0 {
            world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap_or_else(|failure| panic!("at {at}: {failure}"));
            world.check_opened(&before, at);
        }
        world.uninstall(usize::MAX, true).await.unwrap().unwrap_or_else(|failure| panic!("at {at}: {failure}"));
        assert_eq!(world.left(), Vec::<String>::new(), "killed at request {at}");
        if ended.is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn a_purge_without_the_rights_for_it_does_nothing() {
    let world = World::new();
    world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap();
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
    let request = uninstall::Request {
        names: vec!["mq".into()],
        namespace: None,
        purge: true,
        prune_crds: Vec::new(),
        skip_jobs: false,
        keep_history: false,
        ignore_not_found: false,
    };
    let failure = uninstall::prepare(&request, &target, &mut Reading::default()).await.unwrap_err();
    assert_eq!(failure.to_string(), "the volumes of `mq` can't be purged: rights are missing; nothing was changed");
    let notes: Vec<&str> = failure.diagnostics[0].notes.iter().map(|note| note.text.as_str()).collect();
    assert!(notes.contains(&"`delete` on `secrets` in namespace `default`"), "{notes:?}");
    assert_eq!(world.sandbox.objects(), before);
}
