//! Plans carried out on the sandbox.

mod stopping;
mod unanswered;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::object::Object;
use crate::plan::{Act, Change, Deletion, Expect, LedgerDraft, Report, Step};
use crate::release::LedgerKey;
use crate::sandbox::{Fault, Faults, Rule, Sandbox, parse_faults};
use crate::yaml::{Charset, GeneratedKey, Node, Text};

/// A sandbox, a cluster over it, and a release.
struct World {
    sandbox: Sandbox,
    cluster: Cluster,
    release: Release,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::deterministic();
        let cluster = Cluster::over_at_once(sandbox.client());
        Self { sandbox, cluster, release: Release { namespace: "default".into(), name: "web".into() } }
    }

    /// A world in which one request meets a fault; the first is 1.
    fn faulty(request: usize, fault: Fault) -> Self {
        let world = Self::new();
        let client = world.sandbox.client_with(&Faults::new([Rule::at(request, fault)]));
        Self { cluster: Cluster::over_at_once(client), ..world }
    }

    async fn run(&self, acts: Vec<(Act, Expect, Vec<StepId>)>) -> (Result<(), Failure>, UnboundedReceiver<Event>) {
        self.run_for(Duration::from_secs(60), acts).await
    }

    async fn run_for(
        &self,
        timeout: Duration,
        acts: Vec<(Act, Expect, Vec<StepId>)>,
    ) -> (Result<(), Failure>, UnboundedReceiver<Event>) {
        let steps =
            acts.into_iter().enumerate().map(|(id, (act, expect, after))| Step { id, after, act, expect }).collect();
        let plan = Plan { steps, inventory: Vec::new(), report: Report::default() };
        let (sender, receiver) = unbounded_channel();
        let execution = Execution { timeout, concurrency: 4 };
        (self.obey(&plan, &execution, &sender, &Stop::never()).await, receiver)
    }

    async fn obey(
        &self,
        plan: &Plan,
        execution: &Execution,
        events: &UnboundedSender<Event>,
        stop: &Stop,
    ) -> Result<(), Failure> {
        let work = Work { release: &self.release, plan, wanted: &[], mask: Mask::default() };
        run(&self.cluster, work, execution, events, None, stop).await.map_err(|unfinished| unfinished.failure)
    }

    fn find(&self, kind: &str, name: &str) -> Option<Json> {
        let is = |object: &Json| object["kind"] == kind && object["metadata"]["name"] == name;
        self.sandbox.objects().into_iter().find(is)
    }

    async fn patch_as(&self, manager: &str, path: &str, patch: &Json) {
        let request = http::Request::patch(format!("{path}?fieldManager={manager}"))
            .header(http::header::CONTENT_TYPE, "application/merge-patch+json")
            .body(patch.to_string().into_bytes())
            .unwrap();
        self.cluster.client.request::<Json>(request).await.unwrap();
    }
}

fn object(json: &Json) -> Object {
    let body = Node::from(json);
    let text = |path: &[&str]| body.str_at(path).unwrap_or_default().to_owned();
    let api = text(&["apiVersion"]);
    let (group, version) = api.split_once('/').unwrap_or(("", &api));
    let id = ObjectId::namespaced(group, &text(&["kind"]), "default", &text(&["metadata", "name"]));
    Object { id, version: version.into(), body, secret: BTreeSet::new() }
}

fn config(name: &str, value: &str) -> Object {
    object(
        &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"kchart.dev/release": "web"}},
        "data": {"a": value}}),
    )
}

fn apply(object: Object, expect: Expect, after: &[StepId]) -> (Act, Expect, Vec<StepId>) {
    (Act::Apply { object, force: false, adopt_from: Vec::new() }, expect, after.to_vec())
}

fn changes(events: &mut UnboundedReceiver<Event>) -> Vec<(StepId, Option<Change>)> {
    let mut changes = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let Event::Done { step, change, .. } = event {
            changes.push((step, change));
        }
    }
    changes
}

#[tokio::test]
async fn objects_are_made_changed_and_kept() {
    let world = World::new();
    let (done, mut events) = world.run(vec![apply(config("a", "1"), Expect::Absent, &[])]).await;
    assert_eq!(done, Ok(()));
    assert_eq!(changes(&mut events), [(0, Some(Change::Create))]);
    let live = world.find("ConfigMap", "a").unwrap();
    let seen = Expect::Uid(
        live["metadata"]["uid"].as_str().unwrap().into(),
        Some(live["metadata"]["resourceVersion"].as_str().unwrap().into()),
    );
    let (done, mut events) = world.run(vec![apply(config("a", "1"), seen.clone(), &[])]).await;
    assert_eq!((done, changes(&mut events)), (Ok(()), vec![(0, Some(Change::Keep))]));
    let (done, mut events) = world.run(vec![apply(config("a", "2"), seen, &[])]).await;
    assert_eq!((done, changes(&mut events)), (Ok(()), vec![(0, Some(Change::Update))]));
    assert_eq!(world.find("ConfigMap", "a").unwrap()["data"]["a"], "2");
}

#[tokio::test]
async fn what_was_not_expected_stops_the_run_and_nothing_after_it_begins() {
    let world = World::new();
    world.run(vec![apply(config("a", "theirs"), Expect::Absent, &[])]).await.0.unwrap();
    let acts = vec![apply(config("a", "ours"), Expect::Absent, &[]), apply(config("b", "1"), Expect::Absent, &[0])];
    let (done, _) = world.run(acts).await;
    assert_eq!(done.unwrap_err().to_string(), "cannot apply `ConfigMap/a`: somebody else made it in the meantime");
    assert_eq!(world.find("ConfigMap", "a").unwrap()["data"]["a"], "theirs");
    assert!(world.find("ConfigMap", "b").is_none());
}

#[tokio::test]
async fn a_conflict_names_the_manager_the_field_and_both_values() {
    let world = World::new();
    world.run(vec![apply(config("a", "1"), Expect::Absent, &[])]).await.0.unwrap();
    let path = "/api/v1/namespaces/default/configmaps/a";
    world.patch_as("somebody", path, &json!({"data": {"a": "2"}})).await;
    let (done, _) = world.run(vec![apply(config("a", "1"), Expect::Nothing, &[])]).await;
    assert_eq!(
        done.unwrap_err().to_string(),
        "cannot apply `ConfigMap/a`: field `data.a` belongs to `somebody`, which set it to `\"2\"`; wanted is `\"1\"`"
    );
}

#[tokio::test]
async fn an_answer_that_was_lost_is_no_conflict_with_ourselves() {
    let world = World::new();
    let faults = Faults::new(parse_faults("drop the connection after sending PATCH ConfigMap").unwrap());
    let world = World { cluster: Cluster::over_at_once(world.sandbox.client_with(&faults)), ..world };
    let (done, mut events) = world.run(vec![apply(config("a", "1"), Expect::Absent, &[])]).await;
    assert_eq!(done, Ok(()));
    let mut retried = false;
    while let Ok(event) = events.try_recv() {
        retried |= matches!(event, Event::Retrying { .. });
    }
    assert!(retried);
}

fn generated(name: &str) -> Text {
    Text::generated(GeneratedKey { name: name.into(), length: 32, charset: Charset::Alnum })
}

fn login() -> Object {
    object(
        &json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login", "labels": {"kchart.dev/release": "web"}},
        "type": "Opaque", "data": {"user": "bWU="}}),
    )
}

fn generate(keys: &[(&str, Text)], expect: Expect) -> (Act, Expect, Vec<StepId>) {
    let keys: BTreeMap<String, Text> = keys.iter().map(|(key, text)| ((*key).to_owned(), text.clone())).collect();
    (Act::Generate { secret: login(), keys, known: BTreeMap::new() }, expect, Vec::new())
}

#[tokio::test]
async fn generated_keys_are_made_once_and_never_again() {
    let world = World::new();
    let password = [("password", generated("password"))];
    let acts = vec![generate(&password, Expect::Absent), apply(login(), Expect::Nothing, &[0])];
    world.run(acts).await.0.unwrap();
    let first = world.find("Secret", "login").unwrap()["data"].clone();
    assert_eq!(first["user"], "bWU=");
    assert_eq!(first["password"].as_str().unwrap().len(), 44, "32 characters in base64");

    // A further key, made of the same value; the main apply mentions neither.
    let mut url = Text::from("amqp://me:");
    url.push(&generated("password"));
    let both = [password[0].clone(), ("url", url)];
    let acts = vec![generate(&both, Expect::Nothing), apply(login(), Expect::Nothing, &[0])];
    let (done, mut events) = world.run(acts).await;
    assert_eq!(done, Ok(()));
    assert_eq!(changes(&mut events)[0], (0, Some(Change::Update)));
    let second = world.find("Secret", "login").unwrap()["data"].clone();
    assert_eq!(second["password"], first["password"]);
    let decode = |value: &Json| {
        use base64::Engine as _;
        String::from_utf8(base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap()).unwrap()
    };
    assert_eq!(decode(&second["url"]), format!("amqp://me:{}", decode(&first["password"])));

    let (done, mut events) = world.run(vec![generate(&both, Expect::Nothing)]).await;
    assert_eq!((done, changes(&mut events)), (Ok(()), vec![(0, Some(Change::Keep))]));
    assert_eq!(world.find("Secret", "login").unwrap()["data"], second);
}

#[tokio::test]
async fn a_secret_that_was_there_and_is_gone_is_not_made_anew() {
    let world = World::new();
    let keys = [("password", generated("password"))];
    let (done, _) = world.run(vec![generate(&keys, Expect::Uid("gone".into(), None))]).await;
    assert!(done.unwrap_err().to_string().contains("can't be generated again"));
    assert!(world.find("Secret", "login").is_none());
}

#[tokio::test]
async fn a_secret_of_somebody_else_is_left_alone() {
    let world = World::new();
    let mut theirs = login();
    theirs.body.set(&["metadata", "labels"], "kchart.dev/release", "other");
    world.run(vec![apply(theirs, Expect::Absent, &[])]).await.0.unwrap();
    let (done, _) = world.run(vec![generate(&[("password", generated("password"))], Expect::Absent)]).await;
    assert_eq!(done.unwrap_err().to_string(), "cannot write `Secret/login`: somebody else made it in the meantime");
    assert_eq!(world.find("Secret", "login").unwrap()["data"], json!({"user": "bWU="}));
}

fn held(name: &str) -> Object {
    let mut object = config(name, "1");
    object.body.set(&["metadata"], "finalizers", vec![Node::new("test.kchart.dev/hold")]);
    object
}

#[tokio::test]
async fn a_wait_for_the_end_ends_by_the_watch() {
    let world = World::new();
    world.run(vec![apply(held("a"), Expect::Absent, &[])]).await.0.unwrap();
    let uid = world.find("ConfigMap", "a").unwrap()["metadata"]["uid"].as_str().unwrap().to_owned();
    let id = config("a", "").id;
    let acts = vec![
        (
            Act::Delete { id: id.clone(), version: "v1".into(), deletion: Deletion::Background },
            Expect::Uid(uid.clone(), None),
            vec![],
        ),
        (Act::AwaitGone { id, version: "v1".into(), uid: Some(uid) }, Expect::Nothing, vec![0]),
        apply(config("b", "after"), Expect::Absent, &[1]),
    ];
    let steps =
        acts.into_iter().enumerate().map(|(id, (act, expect, after))| Step { id, after, act, expect }).collect();
    let plan = Plan { steps, inventory: Vec::new(), report: Report::default() };
    let (sender, mut events) = unbounded_channel();
    let execution = Execution { timeout: Duration::from_secs(60), concurrency: 4 };
    let stop = Stop::never();
    let running = world.obey(&plan, &execution, &sender, &stop);
    let releasing = async {
        // Once the run says what it waits for, the finalizer is taken away.
        while let Some(event) = events.recv().await {
            if let Event::Waiting { why, .. } = event {
                assert_eq!(why, "it waits for `test.kchart.dev/hold`");
                assert!(world.find("ConfigMap", "b").is_none());
                let path = "/api/v1/namespaces/default/configmaps/a";
                world.patch_as("somebody", path, &json!({"metadata": {"finalizers": null}})).await;
                break;
            }
        }
    };
    let (done, ()) = tokio::join!(running, releasing);
    assert_eq!(done, Ok(()));
    assert!(world.find("ConfigMap", "a").is_none());
    assert!(world.find("ConfigMap", "b").is_some());
}

#[tokio::test]
async fn what_is_not_there_in_time_is_named_with_its_reason() {
    let world = World::new();
    world.run(vec![apply(held("a"), Expect::Absent, &[]), apply(held("b"), Expect::Absent, &[])]).await.0.unwrap();
    let gone = |name: &str| {
        (Act::AwaitGone { id: config(name, "").id, version: "v1".into(), uid: None }, Expect::Nothing, vec![])
    };
    let (done, _) =
        world.run_for(Duration::ZERO, vec![gone("a"), gone("b"), apply(config("c", "1"), Expect::Absent, &[0])]).await;
    let failure = done.unwrap_err();
    assert_eq!(failure.class, Class::NotReady);
    let mut messages: Vec<_> = failure.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    messages.sort_unstable();
    assert_eq!(
        messages,
        ["`ConfigMap/a` is not gone: nobody has deleted it", "`ConfigMap/b` is not gone: nobody has deleted it"]
    );
    assert_eq!(failure.diagnostics[0].hints, ["it was waited for 0 s; `--timeout` gives more time"]);
    assert!(world.find("ConfigMap", "c").is_none(), "nothing begins after a failure");
}

#[tokio::test]
async fn a_failure_breaks_off_waits() {
    let world = World::new();
    world.run(vec![apply(held("a"), Expect::Absent, &[])]).await.0.unwrap();
    let acts = vec![
        (Act::AwaitGone { id: config("a", "").id, version: "v1".into(), uid: None }, Expect::Nothing, vec![]),
        apply(config("a", "other"), Expect::Absent, &[]),
    ];
    let (done, _) = world.run_for(Duration::from_secs(3600), acts).await;
    let failure = done.unwrap_err();
    assert_eq!((failure.class, failure.diagnostics.len()), (Class::Failed, 1));
}

#[tokio::test]
async fn claims_are_remembered_by_uid_and_forgotten() {
    let world = World::new();
    let draft = LedgerDraft {
        claim: ObjectId::claim("default", "data"),
        image: Some("db:1".into()),
        image_ready: true,
        credentials: Vec::new(),
    };
    let remember = || Act::Remember { claims: vec![draft.clone()], key: LedgerKey([7; 32]) };
    let acts = vec![
        apply(claim(), Expect::Absent, &[]),
        (remember(), Expect::Nothing, vec![0]),
        (remember(), Expect::Nothing, vec![1]),
    ];
    world.run(acts).await.0.unwrap();
    let uid = world.find("PersistentVolumeClaim", "data").unwrap()["metadata"]["uid"].as_str().unwrap().to_owned();
    let ledger = world.cluster.past(&world.release).await.unwrap().ledger.unwrap();
    assert_eq!(ledger.entries.len(), 1);
    assert_eq!((ledger.entries[0].uid.as_str(), ledger.entries[0].size.as_deref()), (uid.as_str(), Some("1Gi")));
    world.run(vec![(Act::Forget { uids: vec![uid] }, Expect::Nothing, vec![])]).await.0.unwrap();
    assert_eq!(world.cluster.past(&world.release).await.unwrap().ledger, None);
    assert!(world.find("Secret", "kchart.web.ledger").is_none(), "an empty ledger is deleted");
}

fn claim() -> Object {
    object(&json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}))
}

#[tokio::test]
async fn every_request_may_break_once_and_the_outcome_is_the_same() {
    let draft = LedgerDraft {
        claim: ObjectId::claim("default", "data"),
        image: None,
        image_ready: false,
        credentials: Vec::new(),
    };
    let id = config("old", "").id;
    let mut broken = 0;
    for fault in [Fault::ClosedBefore, Fault::ClosedAfter] {
        for at in 1.. {
            let world = World::faulty(at, fault.clone());
            // What the plan finds is made by a client that nothing happens to.
            let quiet = World { cluster: Cluster::over_at_once(world.sandbox.client()), ..World::new() };
            quiet.run(vec![apply(config("old", "1"), Expect::Absent, &[])]).await.0.unwrap();
            let old = world.find("ConfigMap", "old").unwrap()["metadata"]["uid"].as_str().unwrap().to_owned();
            let acts = vec![
                generate(&[("password", generated("password"))], Expect::Absent),
                apply(login(), Expect::Nothing, &[0]),
                apply(claim(), Expect::Absent, &[1]),
                (Act::Remember { claims: vec![draft.clone()], key: LedgerKey([7; 32]) }, Expect::Nothing, vec![2]),
                apply(config("new", "1"), Expect::Absent, &[3]),
                (
                    Act::Delete { id: id.clone(), version: "v1".into(), deletion: Deletion::Background },
                    Expect::Uid(old.clone(), None),
                    vec![4],
                ),
                (Act::AwaitGone { id: id.clone(), version: "v1".into(), uid: Some(old) }, Expect::Nothing, vec![5]),
                (Act::DropHistory, Expect::Nothing, vec![6]),
            ];
            let before = world.sandbox.requests().len();
            let (done, mut events) = world.run(acts).await;
            assert_eq!(done, Ok(()), "request {at}: {fault:?}");
            assert!(world.find("ConfigMap", "new").is_some() && world.find("ConfigMap", "old").is_none());
            assert!(world.find("Secret", "kchart.web.ledger").is_some());
            assert_eq!(world.find("Secret", "login").unwrap()["data"].as_object().unwrap().len(), 2);
            let mut met = false;
            while let Ok(event) = events.try_recv() {
                met |= matches!(event, Event::Retrying { .. });
            }
            broken += usize::from(met);
            if at > world.sandbox.requests().len() - before + 1 {
                break;
            }
        }
    }
    assert!(broken > 15, "most positions are those of requests that are tried again: {broken}");
}
