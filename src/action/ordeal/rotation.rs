//! Rotations that are cut off before and after every request, each ended by another verb: the password that the volume
//! lets in is never lost, and in the end it is the one in the Secret, with which everything runs.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::world::RELEASE;
use super::{chart, is_full};
use crate::action::ordinary::{again, deployment, deploys, removal, rolls_back, rotates, uninstalls};
use crate::action::{Place, Target, deploy, rotate};
use crate::apply::{Execution, Stop};
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
          image: {{values.jobImage}}
          command: [change-password]
          env:
            - {name: RABBITMQ_USER, valueFrom: {secretKeyRef: {name: mq, key: user}}}
            - {name: OLD, valueFrom: {secretKeyRef: {name: mq-rotation, key: old}}}
            - {name: NEW, valueFrom: {secretKeyRef: {name: mq-rotation, key: new}}}
"#;

/// What works in the sandbox works at once; a Job that never runs need not be waited for long.
const EXECUTION: Execution = Execution { timeout: Duration::from_secs(60), concurrency: 4 };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Install,
    Upgrade,
    Rollback,
    Rotate,
    /// With another password than before, and the word for it.
    Given,
    /// Gives a rotation up that is not over.
    Abort,
    /// Without its Job.
    AbortWithoutJob,
    Uninstall,
}

struct World {
    sandbox: Sandbox,
    chart: std::rc::Rc<TempDir>,
    /// The password that is given; empty for a generated one.
    given: &'static str,
    /// The image of the Job.
    job: &'static str,
}

/// An image that runs.
const RUNS: &str = "rabbitmq:4.2";

impl World {
    async fn installed(given: &'static str) -> Self {
        Self::with_job(given, RUNS).await
    }

    async fn with_job(given: &'static str, job: &'static str) -> Self {
        let folder = chart::of(TEMPLATE, "memory: 1Gi\npassword: \"\"\njobImage: \"\"\n");
        let world = Self { sandbox: Sandbox::deterministic(), chart: std::rc::Rc::new(folder), given, job };
        world.succeeds(Verb::Install, "at first").await;
        world
    }

    fn copy(&self) -> Self {
        Self { sandbox: self.sandbox.copy(), chart: std::rc::Rc::clone(&self.chart), ..*self }
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
                Verb::Rotate | Verb::Abort | Verb::AbortWithoutJob => {
                    let (abort, skip_job) = (verb != Verb::Rotate, verb == Verb::AbortWithoutJob);
                    let what = rotate::What { key: None, abort, skip_job };
                    Box::pin(rotates(again(RELEASE, what), &target, &EXECUTION, &never)).await
                }
                Verb::Uninstall => Box::pin(uninstalls(&removal(RELEASE, false), &target, &EXECUTION, &never)).await,
            }
        };
        tokio::select! {
            done = Box::pin(run) => Some(done),
            () = faults.cut_off() => None,
        }
    }

    async fn deploy(&self, target: &Target, memory: &str, password: &str, rotate: Rotate) -> Result<(), Failure> {
        let set = vec![format!("memory={memory}"), format!("password={password}"), format!("jobImage={}", self.job)];
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

/// The worlds that a verb leaves which is cut off after each of its requests, each once.
async fn cut_off_anywhere(begin: &World, verb: Verb) -> Vec<(World, String)> {
    let faults = Faults::none();
    begin.copy().run(verb, &faults).await.expect("nobody cuts it off").unwrap();
    let mut worlds: Vec<(World, String)> = Vec::new();
    for request in 1..=faults.requests() {
        let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, Fault::CutOffAfter)]));
        let at = format!("{verb:?}, cut off after request {request}");
        if world.run(verb, &faults).await.is_some() {
            break; // a wait that asks once more or less moves the end
        }
        world.check_not_lost(&at);
        if worlds.iter().all(|(other, _)| other.sandbox.revision() != world.sandbox.revision()) {
            worlds.push((world, at));
        }
    }
    assert!(worlds.len() > 4, "{verb:?} writes several times: {}", worlds.len());
    worlds
}

/// Those of them in which a rotation is not over.
async fn begun_anywhere(begin: &World, verb: Verb) -> Vec<(World, String)> {
    let all = cut_off_anywhere(begin, verb).await.into_iter();
    let begun: Vec<_> = all.filter(|(world, _)| world.value("mq-rotation", "new").is_some()).collect();
    assert!(begun.len() > 5, "{verb:?}: a rotation is many changes: {}", begun.len());
    begun
}

#[tokio::test]
async fn a_rotation_that_was_begun_can_be_given_up_and_the_old_password_is_in_force_again() {
    for (given, verb) in [("", Verb::Rotate), ("given at first", Verb::Given)] {
        let begin = World::installed(given).await;
        for (world, at) in begun_anywhere(&begin, verb).await {
            world.succeeds(Verb::Abort, &at).await;
            world.check_over(&at);
            assert_eq!(world.value("mq", "password"), begin.value("mq", "password"), "{at}: it is the old one");
        }
    }
}

#[tokio::test]
async fn giving_up_that_is_killed_anywhere_is_ended_by_whatever_comes_next() {
    let begin = World::installed("").await;
    let old = begin.value("mq", "password");
    // The service has the old password; it has the new one; the Secret has that too.
    let begun = begun_anywhere(&begin, Verb::Rotate).await;
    let swapped = |(world, _): &&(World, String)| world.value("mq", "password") != old;
    let told = |(world, _): &&(World, String)| world.sandbox.opens(old.as_deref().unwrap()) == [false];
    let states = [begun.first(), begun.iter().find(told), begun.iter().rev().find(swapped)];
    let ways: [&[Verb]; 4] = [&[Verb::Abort], &[Verb::Rotate], &[Verb::Upgrade], &[Verb::Uninstall, Verb::Install]];
    for (begin, from) in states.into_iter().map(|state| state.expect("there is such a state")) {
        for (killed, at) in cut_off_anywhere(begin, Verb::Abort).await {
            let is_over = killed.value("mq-rotation", "new").is_none();
            for way in ways {
                let (world, at) = (killed.copy(), format!("{from}; {at}; then {way:?}"));
                if is_over && *way == [Verb::Abort] {
                    continue; // there is nothing to give up
                }
                for verb in way {
                    world.succeeds(*verb, &at).await;
                    world.check_not_lost(&at);
                }
                world.check_over(&at);
                if *way == [Verb::Abort] {
                    assert_eq!(world.value("mq", "password"), old, "{at}: it is the old one");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotation_whose_job_never_runs_is_given_up_without_it_and_no_password_is_lost() {
    let mut begin = World::with_job("", "registry.invalid/rabbitmq:4.2").await;
    let old = begin.value("mq", "password");
    begin.run(Verb::Rotate, &Faults::none()).await.unwrap().expect_err("the Job never runs");
    let new = begin.value("mq-rotation", "new");
    let given_up = begin.copy();
    let failure = given_up.run(Verb::Abort, &Faults::none()).await.unwrap().expect_err("nor does it now");
    let told = format!("{:?}", failure.diagnostics);
    assert!(told.contains("--abort --skip-jobs"), "{told}");
    given_up.check_not_lost("turned round");
    begin.job = RUNS;
    for (world, at) in
        [(given_up, "turned round".to_owned())].into_iter().chain(cut_off_anywhere(&begin, Verb::AbortWithoutJob).await)
    {
        world.succeeds(Verb::AbortWithoutJob, &at).await;
        world.check_not_lost(&at);
        assert_eq!(world.value("mq", "password"), old, "{at}: the Secret has the old one");
        assert_eq!(world.named("Job", "mq-rotate"), None, "{at}: the Job is gone");
        // Nobody goes on with it but who is asked to, and then with the same value.
        let world = World { job: RUNS, ..world };
        if !world.sandbox.revision().is_multiple_of(4) && !is_full() {
            continue; // what follows is the same from each of them
        }
        world.succeeds(Verb::Upgrade, &at).await;
        assert_eq!((world.value("mq", "password"), world.value("mq-rotation", "new")), (old.clone(), new.clone()));
        let again = world.copy();
        again.succeeds(Verb::Rotate, &at).await;
        again.check_over(&at);
        assert_eq!(again.value("mq", "password"), new, "{at}: it goes on with the value that was made");
        world.succeeds(Verb::Abort, &at).await;
        world.check_over(&at);
        assert_eq!(world.value("mq", "password"), old, "{at}: the Job found the old one");
    }
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
