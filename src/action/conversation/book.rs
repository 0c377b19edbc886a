//! What was said in a life, chapter by chapter, and how the cluster looked after each.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::time::{Instant, sleep};

use super::compare;
use super::names::Names;
use super::recorder::Exchange;
use crate::diagnostic::Failure;

/// How long a real cluster may take until what follows from a verb has happened.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is looked at after each chapter, in the namespace of the life.
const COLLECTIONS: [&str; 10] = [
    "/api/v1/namespaces/{ns}/configmaps",
    "/api/v1/namespaces/{ns}/persistentvolumeclaims",
    "/api/v1/namespaces/{ns}/pods",
    "/api/v1/namespaces/{ns}/secrets",
    "/api/v1/namespaces/{ns}/services",
    "/apis/apps/v1/namespaces/{ns}/deployments",
    "/apis/apps/v1/namespaces/{ns}/replicasets",
    "/apis/apps/v1/namespaces/{ns}/statefulsets",
    "/apis/batch/v1/namespaces/{ns}/jobs",
    "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
];

/// The same, of the whole cluster: what belongs to the life.
const EVERYWHERE: [&str; 2] = ["/api/v1/persistentvolumes", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"];

/// What a verb came to.
#[derive(Debug)]
pub(super) struct Chapter {
    pub(super) name: &'static str,
    pub(super) exchanges: Vec<Exchange>,
    /// How it ended, in words.
    pub(super) end: String,
    /// What was there afterwards, by collection.
    pub(super) picture: BTreeMap<String, Json>,
}

/// A life on one cluster.
pub(super) struct Book {
    namespace: String,
    pub(super) names: Names,
    pub(super) chapters: Vec<Chapter>,
    /// How the other cluster looked after each chapter: this one is waited for until it looks the same.
    awaited: Vec<Json>,
}

impl Book {
    /// Of a cluster on which everything has happened that follows from a request when it is answered.
    pub(super) fn at_once(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            names: Names::new(namespace),
            chapters: Vec::new(),
            awaited: Vec::new(),
        }
    }

    /// Of one where it takes its time.
    pub(super) fn after(other: &Self, namespace: &str) -> Self {
        let looked = other.chapters.iter().map(|chapter| compare::picture(&other.names, &chapter.picture)).collect();
        Self { awaited: looked, ..Self::at_once(namespace) }
    }

    /// Where the life is played.
    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// A verb has ended.
    pub(super) async fn close(
        &mut self,
        name: &'static str,
        exchanges: Vec<Exchange>,
        done: &Result<(), Failure>,
        client: &kube::Client,
    ) {
        self.names.learn(&exchanges);
        let expected = self.awaited.get(self.chapters.len()).cloned();
        let begun = Instant::now();
        let picture = loop {
            let picture = self.look(client).await;
            let is_so = expected.as_ref().is_none_or(|expected| compare::picture(&self.names, &picture) == *expected);
            if is_so || begun.elapsed() >= PATIENCE {
                break picture;
            }
            sleep(Duration::from_millis(200)).await;
        };
        self.chapters.push(Chapter { name, exchanges, end: end(done), picture });
    }

    async fn look(&mut self, client: &kube::Client) -> BTreeMap<String, Json> {
        let mut picture = BTreeMap::new();
        for path in COLLECTIONS.iter().chain(&EVERYWHERE) {
            let path = path.replace("{ns}", &self.namespace);
            let request = http::Request::get(&path).body(Vec::new()).unwrap();
            let list: Json = client.request(request).await.unwrap();
            let plural = path.rsplit('/').next().unwrap_or_default();
            self.names.learn_objects(plural, &list);
            picture.insert(path, list);
        }
        picture
    }
}

/// How a verb ended: its class, and all that it says.
fn end(done: &Result<(), Failure>) -> String {
    match done {
        Ok(()) => "done".to_owned(),
        Err(failure) => {
            let messages = failure.diagnostics.iter().flat_map(|diagnostic| {
                let notes = diagnostic.notes.iter().map(|note| note.text.clone());
                std::iter::once(diagnostic.message.clone()).chain(notes).chain(diagnostic.hints.iter().cloned())
            });
            format!("{:?}: {}", failure.class, messages.collect::<Vec<_>>().join("\n"))
        }
    }
}
