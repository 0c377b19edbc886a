//! The client on the sandbox: questions, records, and how few requests they take.

mod patience;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::*;
use crate::diagnostic::Class;
use crate::plan::Known;
use crate::sandbox::Sandbox;
use crate::yaml::Node;

struct World {
    sandbox: Sandbox,
    cluster: Cluster,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::deterministic();
        let cluster = Cluster::over_at_once(sandbox.client());
        Self { sandbox, cluster }
    }

    async fn create(&self, path: &str, object: &Json) {
        let request = http::Request::post(path).body(object.to_string().into_bytes()).unwrap();
        self.cluster.client.request::<Json>(request).await.unwrap();
    }
}

fn release(namespace: &str) -> Release {
    Release { namespace: namespace.into(), name: "web".into() }
}

fn record(namespace: &str, revision: Revision) -> Record {
    Record {
        release: release(namespace),
        revision,
        status: Status::PendingInstall,
        started: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
        description: "install".into(),
        chart: None,
        inventory: Vec::new(),
        steps: Vec::new(),
        values: Node::from(&json!({"replicas": revision})),
        computed: None,
        ran: std::collections::BTreeSet::new(),
        objects: Vec::new(),
        notes: None,
    }
}

#[tokio::test]
async fn questions_are_answered_with_one_list_each() {
    let world = World::new();
    let claims = "/api/v1/namespaces/default/persistentvolumeclaims";
    world
        .create(claims, &json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "labels": {"a": "b"}},
            "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": {"requests": {"storage": "1Gi"}}}}))
        .await;
    world
        .create(
            "/api/v1/namespaces/default/secrets",
            &json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}}),
        )
        .await;
    world.cluster.put_record(&record("default", 1), false).await.unwrap();
    world.cluster.kinds().await.unwrap();
    let before = world.sandbox.requests().len();
    let secrets = Question::Objects {
        group: String::new(),
        kind: "Secret".into(),
        version: "v1".into(),
        namespace: Some("default".into()),
    };
    let claims = Question::Objects {
        group: String::new(),
        kind: "PersistentVolumeClaim".into(),
        version: "v1".into(),
        namespace: Some("default".into()),
    };
    let unserved =
        Question::Objects { group: "x.test".into(), kind: "Widget".into(), version: "v1".into(), namespace: None };
    let questions = [
        Question::Namespace("default".into()),
        Question::Namespace("nope".into()),
        Question::Claims("default".into()),
        Question::Classes,
        claims,
        secrets,
        unserved,
    ];
    let facts = world.cluster.answer(&questions).await.unwrap();
    assert_eq!(world.sandbox.requests().len() - before, 5, "two namespaces, claims, classes, secrets");
    assert_eq!(facts.namespaces.iter().collect::<Vec<_>>(), ["default"]);
    let claim = &facts.claims[&("default".into(), "data".into())];
    assert_eq!((claim.size.as_deref(), claim.class.as_deref(), claim.bound), (Some("1Gi"), Some("standard"), false));
    assert_eq!(claim.labels["a"], "b");
    let live: Vec<String> = facts.live.keys().map(ToString::to_string).collect();
    assert_eq!(live, ["PersistentVolumeClaim/data", "Secret/login"], "records are left out");
    assert!(facts.unserved.contains(&("x.test".into(), "Widget".into())));
    assert!(matches!(facts.classes, Known::Yes(classes) if classes.contains_key("standard")));
    assert!(matches!(facts.volumes, Known::No(why) if why == "not asked for"));
}

#[tokio::test]
async fn a_record_is_never_written_over() {
    let world = World::new();
    let mine = record("default", 1);
    world.cluster.put_record(&mine, false).await.unwrap();
    world.cluster.put_record(&mine, false).await.unwrap();
    let another = Record { notes: Some("another run's".into()), ..mine.clone() };
    let failure = world.cluster.put_record(&another, false).await.unwrap_err();
    assert_eq!((failure.class, failure.to_string().as_str()), (Class::Locked, "revision 1 of `web` is another run's"));
    let stored = world.cluster.record(&mine.release, Some(1)).await.unwrap().unwrap();
    assert_eq!(stored.notes, mine.notes);
}

#[tokio::test]
async fn records_are_stored_read_finished_and_trimmed() {
    let world = World::new();
    let (cluster, shop) = (&world.cluster, release("shop"));
    let missing = cluster.put_record(&record("shop", 1), false).await.unwrap_err();
    assert_eq!(missing.to_string(), "cannot write the records of release `web`: namespace `shop` does not exist");
    for revision in 1..=3 {
        cluster.put_record(&record("shop", revision), true).await.unwrap();
        cluster.finish(&shop, Status::Deployed).await.unwrap();
    }
    cluster.put_record(&record("shop", 4), false).await.unwrap();
    cluster.set_status(&shop, 4, Status::Failed, "it broke").await.unwrap();
    let past = cluster.past(&shop).await.unwrap();
    let statuses: Vec<_> =
        past.headers.iter().map(|header| (header.revision, header.status, header.description.as_str())).collect();
    assert_eq!(
        statuses,
        [
            (1, Status::Superseded, "install complete"),
            (2, Status::Superseded, "install complete"),
            (3, Status::Deployed, "install complete"),
            (4, Status::Failed, "it broke")
        ]
    );
    let opened: Vec<_> = past.records.iter().map(|record| record.revision).collect();
    assert_eq!(opened, [3, 4], "only since the last success");
    assert_eq!(cluster.record(&shop, Some(2)).await.unwrap().unwrap().values, record("shop", 2).values);
    assert_eq!(cluster.record(&shop, None).await.unwrap().unwrap().revision, 4);
    assert!(cluster.record(&shop, Some(9)).await.unwrap().is_none());
    cluster.trim_history(&shop, 2).await.unwrap();
    let left: Vec<_> = cluster.past(&shop).await.unwrap().headers.iter().map(|header| header.revision).collect();
    assert_eq!(left, [3, 4]);
    cluster.put_record(&record("default", 1), false).await.unwrap();
    let all = cluster.releases(None).await.unwrap();
    let all: Vec<_> = all
        .iter()
        .map(|listed| (listed.release.namespace.as_str(), listed.header.as_ref().map(|header| header.revision)))
        .collect();
    assert_eq!(all, [("default", Some(1)), ("shop", Some(4))]);
    cluster.drop_history(&shop).await.unwrap();
    assert!(cluster.past(&shop).await.unwrap().headers.is_empty());
    assert_eq!(cluster.releases(Some("default")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn discovery_runs_once_and_knows_what_is_served() {
    let world = World::new();
    let (version, versions) = world.cluster.capabilities().await.unwrap();
    assert!(version.starts_with("v1."), "{version}");
    assert!(versions.contains(&"apps/v1/Deployment".to_owned()));
    world.cluster.capabilities().await.unwrap();
    let discoveries = world.sandbox.requests().iter().filter(|request| request.path == "/apis").count();
    assert_eq!(discoveries, 1);
}

#[tokio::test]
async fn rights_are_asked_for() {
    let world = World::new();
    let right = Right { verb: "delete", group: String::new(), resource: "persistentvolumes".into(), namespace: None };
    assert!(world.cluster.lacking(&[right]).await.unwrap().is_empty());
}
