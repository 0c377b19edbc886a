//! Rotations that are cut off before and after every request, each ended by another verb: the password that the volume
//! lets in is never lost, and in the end it is the one in the Secret, with which everything runs.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::world::{EXECUTION, RELEASE};
use super::{chart, is_full};
use crate::action::ordinary::{again, deployment, deploys, removal, rolls_back, rotates, uninstalls};
use crate::action::{Place, Target, deploy};
use crate::apply::Stop;
use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::plan::{Options, Rotate};
use crate::sandbox::{Fault, Faults, Rule, Sandbox};

/// A broker, a client that logs in, and the Job that changes the password.
const TEMPLATE: &str = r#"apiVersion: v1
kind: Secret
metadata: {name: mq}
stringData:
  user: app
  {{#if values.password}}
  password: {{values.password}}
  {{else}}
  password: {{generate "password" length=32 charset="alnum"}}
  {{/if}}
---
apiVersion: v1
kind: Service
metadata: {name: mq}
spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {app: mq}, ports: [{port: 5672}]}
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
          image: rabbitmq:4.2
          resources: {limits: {memory: {{values.memory}}}}
          env:
            - {name: RABBITMQ_DEFAULT_USER, valueFrom: {secretKeyRef: {name: mq, key: user}}}
            - {name: RABBITMQ_DEFAULT_PASS, valueFrom: {secretKeyRef: {name: mq, key: password}}}
          volumeMounts: [{name: data, mountPath: /var/lib/rabbitmq/mnesia}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: python:3
          env:
            - {name: RABBITMQ_HOST, value: mq}
            - {name: RABBITMQ_USER, valueFrom: {secretKeyRef: {name: mq, key: user}}}
            - {name: RABBITMQ_PASSWORD, valueFrom: {secretKeyRef: {name: mq, key: password}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: mq-rotate, annotations: {kchart.dev/rotate: mq/password}}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: rotate
          image: rabbitmq:4.2
          command: [change-password]
          env:
            - {name: RABBITMQ_USER, valueFrom: {secretKeyRef: {name: mq, key: user}}}
            - {name: OLD, valueFrom: {secretKeyRef: {name: mq-rotation, key: old}}}
            - {name: NEW, valueFrom: {secretKeyRef: {name: mq-rotation, key: new}}}
"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Install,
    Upgrade,
    Rollback,
    Rotate,
    /// With another password than before, and the word for it.
    Given,
    Uninstall,
}

struct World {
    sandbox: Sandbox,
    chart: std::rc::Rc<TempDir>,
    /// The password that is given; empty for a generated one.
    given: &'static str,
}

impl World {
    async fn installed(given: &'static str) -> Self {
        let folder = chart::of(TEMPLATE, "memory: 1Gi\npassword: \"\"\n");
        let world = Self { sandbox: Sandbox::deterministic(), chart: std::rc::Rc::new(folder), given };
        world.succeeds(Verb::Install, "at first").await;
        world
    }

    fn copy(&self) -> Self {
        Self { sandbox: self.sandbox.copy(), chart: std::rc::Rc::clone(&self.chart), given: self.given }
    }

    async fn succeeds(&self, verb: Verb, when: &str) {
        let done = self.run(verb, &Faults::none()).await.expect("nobody cuts it off");
        done.unwrap_or_else(|failure| panic!("{verb:?} {when}: {failure} {:?}", failure.diagnostics));
    }

    async fn run(&self, verb: Verb, faults: &Faults) -> Option<Result<(), Failure>> {
        let cluster = Cluster::over_at_once(self.sandbox.client_with(faults));
        let target = Target { place: Place::Ready(cluster), concurrency: EXECUTION.concurrency };
        let never = Stop::never();
        let run = async {
            match verb {
                Verb::Install => Box::pin(self.deploy(&target, "1Gi", self.given, Rotate::Nothing)).await,
                Verb::Upgrade => Box::pin(self.deploy(&target, "2Gi", self.given, Rotate::Nothing)).await,
                Verb::Given => Box::pin(self.deploy(&target, "1Gi", "given anew", Rotate::Given)).await,
                Verb::Rollback => Box::pin(rolls_back(again(RELEASE, Some(1)), &target, &EXECUTION, &never)).await,
                Verb::Rotate => Box::pin(rotates(again(RELEASE, None), &target, &EXECUTION, &never)).await,
                Verb::Uninstall => Box::pin(uninstalls(&removal(RELEASE, false), &target, &EXECUTION, &never)).await,
            }
        };
        tokio::select! {
            done = Box::pin(run) => Some(done),
            () = faults.cut_off() => None,
        }
    }

    async fn deploy(&self, target: &Target, memory: &str, password: &str, rotate: Rotate) -> Result<(), Failure> {
        let set = vec![format!("memory={memory}"), format!("password={password}")];
        let ordinary = deployment(RELEASE, self.chart.path(), set);
        let request = deploy::Request { options: Options { rotate, ..Options::default() }, ..ordinary };
        deploys(request, target, &EXECUTION, &Stop::never()).await
    }

    fn named(&self, kind: &str, name: &str) -> Option<Json> {
        let mut objects = self.sandbox.objects().into_iter();
        objects.find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
    }

    /// A key of a Secret, decoded.
    fn value(&self, secret: &str, key: &str) -> Option<String> {
        let secret = self.named("Secret", secret)?;
        Some(String::from_utf8(STANDARD.decode(secret["data"][key].as_str()?).unwrap()).unwrap())
    }

    /// The password that the volume lets in is in the cluster.
    fn check_not_lost(&self, at: &str) {
        let held = [("mq", "password"), ("mq-rotation", "old"), ("mq-rotation", "new")];
        let mut held = held.into_iter().filter_map(|(secret, key)| self.value(secret, key));
        assert!(held.any(|password| self.sandbox.opens(&password) == [true]), "{at}: nobody can log in any more");
    }

    /// The rotation is over: the volume lets in who has the Secret's password, and all that runs has that one.
    fn check_over(&self, at: &str) {
        let password = self.value("mq", "password").expect("the Secret is there");
        assert_eq!(self.sandbox.opens(&password), [true], "{at}: the Secret does not open the volume");
        for (kind, name) in [("Secret", "mq-rotation"), ("Job", "mq-rotate"), ("Lease", "kchart-mq")] {
            assert_eq!(self.named(kind, name), None, "{at}: {kind} {name} is left over");
        }
        for (kind, name) in [("StatefulSet", "mq"), ("Deployment", "web")] {
            let status = self.named(kind, name).expect("it is there")["status"].clone();
            assert_eq!((&status["readyReplicas"], &status["updatedReplicas"]), (&1.into(), &1.into()), "{at}: {name}");
        }
    }
}

/// Cuts a rotation off at every point; each state that this leaves is gone on from in each of these ways.
async fn killed_anywhere(begin: &World, verb: Verb, ways: &[&[Verb]]) {
    let (reference, faults) = (begin.copy(), Faults::none());
    reference.run(verb, &faults).await.expect("nobody cuts it off").unwrap();
    reference.check_over("undisturbed");
    let (before, after) = (begin.value("mq", "password"), reference.value("mq", "password"));
    assert_ne!(before, after);
    assert_eq!(begin.sandbox.data(), reference.sandbox.data(), "the same volume");
    let mut states = BTreeSet::new();
    let mut between = 0;
    for request in 1..=faults.requests() {
        for fault in [Fault::CutOffBefore, Fault::CutOffAfter] {
            if !is_full() && fault == Fault::CutOffBefore && request > 1 {
                continue;
            }
            let at = format!("{verb:?}, {fault:?} request {request}");
            let (killed, faults) = (begin.copy(), Faults::new([Rule::at(request, fault)]));
            assert!(killed.run(verb, &faults).await.is_none(), "{at}: it was not cut off");
            killed.check_not_lost(&at);
            if !states.insert(killed.sandbox.revision()) {
                continue;
            }
            between += usize::from(killed.value("mq-rotation", "new").is_some());
            for way in ways {
                goes_on(&killed.copy(), way, &format!("{at}, then {way:?}")).await;
            }
        }
    }
    assert!(between > 5, "{verb:?}: a rotation is many changes: {between} of {}", states.len());
}

async fn goes_on(world: &World, way: &[Verb], at: &str) {
    let was_begun = world.value("mq-rotation", "new");
    for verb in way {
        world.succeeds(*verb, at).await;
        world.check_not_lost(at);
    }
    world.check_over(at);
    if was_begun.is_some() {
        assert_eq!(world.value("mq", "password"), was_begun, "{at}: it ends with the value it was begun with");
    }
}

#[tokio::test]
async fn a_rotation_that_is_killed_anywhere_is_ended_by_whatever_comes_next() {
    let ways: [&[Verb]; 4] = [&[Verb::Rotate], &[Verb::Upgrade], &[Verb::Rollback], &[Verb::Uninstall, Verb::Install]];
    killed_anywhere(&World::installed("").await, Verb::Rotate, &ways).await;
}

#[tokio::test]
async fn a_given_rotation_that_is_killed_anywhere_is_ended_by_whatever_comes_next() {
    let ways: [&[Verb]; 3] = [&[Verb::Given], &[Verb::Rollback], &[Verb::Uninstall, Verb::Given]];
    killed_anywhere(&World::installed("given at first").await, Verb::Given, &ways).await;
}

#[tokio::test]
async fn a_job_that_can_not_log_in_leaves_everything_as_it_is_and_says_so() {
    let begin = World::installed("").await;
    let mut request = 0;
    let world = loop {
        request += 1;
        let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, Fault::CutOffAfter)]));
        assert!(world.run(Verb::Rotate, &faults).await.is_none());
        if world.named("Secret", "mq-rotation").is_some() {
            break world;
        }
    };
    // As if somebody had changed the password inside the broker.
    let both = serde_json::json!({"data": {"old": STANDARD.encode("another"), "new": STANDARD.encode("one more")}});
    let patch = http::Request::patch("/api/v1/namespaces/default/secrets/mq-rotation")
        .header("content-type", "application/merge-patch+json")
        .body(both.to_string().into_bytes())
        .unwrap();
    world.sandbox.client().request_text(patch).await.unwrap();
    let failure = world.run(Verb::Rotate, &Faults::none()).await.unwrap().unwrap_err();
    let told = format!("{failure} {:?}", failure.diagnostics);
    assert!(told.contains("Job/mq-rotate") && told.contains("app logs in with neither password"), "{told}");
    assert!(told.contains("the rotation of `mq/password` is not over"), "{told}");
    assert_eq!(world.value("mq", "password"), begin.value("mq", "password"));
    assert_eq!(world.sandbox.opens(&world.value("mq", "password").unwrap()), [true]);
}
