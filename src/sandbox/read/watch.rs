//! WATCH: the writes after a version, as they come.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, stream};
use http_body::Frame;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::list::select;
use super::selector::Selector;
use super::{partial, shown};
use crate::sandbox::http::{Aim, Answer, Call};
use crate::sandbox::json;
use crate::sandbox::rejection::Rejection;
use crate::sandbox::shared::Cluster;
use crate::sandbox::state::Change;

/// How often a watch on a file looks whether another process wrote.
const LOOK: Duration = Duration::from_millis(200);

/// A watch that is being read.
pub(in crate::sandbox) struct Watch {
    cluster: Cluster,
    aim: Aim,
    selector: Selector,
    partial: bool,
    bookmarks: bool,
    /// The last version that was sent or passed over.
    revision: u64,
    end: Option<Instant>,
    ready: VecDeque<Value>,
    ended: bool,
}

/// GET of a collection with `watch=true`.
pub(in crate::sandbox) fn open(cluster: Cluster, call: &Call, aim: Aim) -> Result<Answer, Rejection> {
    let selector = Selector::of(call, &aim.served)?;
    start(cluster, call, aim, selector)
}

/// GET of one object with `watch=true`.
pub(in crate::sandbox) fn open_one(cluster: Cluster, call: &Call, aim: Aim, name: &str) -> Result<Answer, Rejection> {
    start(cluster, call, aim, Selector::named(name))
}

fn start(cluster: Cluster, call: &Call, aim: Aim, selector: Selector) -> Result<Answer, Rejection> {
    if let Some(said) = call.query.get("resourceVersion").filter(|said| said.parse::<u64>().is_err()) {
        let why = "strconv.ParseUint: parsing";
        return Err(Rejection::untyped(format!(
            "resourceVersion: Invalid value: {said:?}: {why} {said:?}: invalid syntax"
        )));
    }
    let number = |name: &str| call.query.get(name).and_then(|text| text.parse::<u64>().ok());
    let from = number("resourceVersion").filter(|revision| *revision > 0);
    let streamed_list = call.query.is_on("sendInitialEvents");
    let mut watch = Watch {
        cluster,
        selector,
        partial: partial::is_asked(call),
        bookmarks: call.query.is_on("allowWatchBookmarks"),
        revision: 0,
        end: number("timeoutSeconds").map(|seconds| Instant::now() + Duration::from_secs(seconds)),
        ready: VecDeque::new(),
        ended: false,
        aim,
    };
    let cluster = Cluster::clone(&watch.cluster);
    cluster.read(|inside| {
        let newest = inside.state.revision;
        if let Some(from) = from.filter(|_| !streamed_list) {
            if from > newest {
                let message = format!("Too large resource version: {from}, current: {newest}");
                return Err(Rejection::expired(message));
            }
            watch.revision = from;
            return Ok(());
        }
        let all: Vec<Value> =
            select(&inside.state, &watch.aim, &watch.selector).map(|(_, object)| object.clone()).collect();
        for object in &all {
            let event = watch.event("ADDED", object);
            watch.ready.push_back(event);
        }
        watch.revision = newest;
        if streamed_list {
            let bookmark = watch.bookmark(true);
            watch.ready.push_back(bookmark);
        }
        Ok(())
    })?;
    Ok(Answer::Watch(Box::new(watch)))
}

impl Watch {
    /// The events, one line of JSON each.
    pub(in crate::sandbox) fn frames(
        self: Box<Self>,
    ) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + 'static {
        let bell = self.cluster.bell();
        stream::unfold((self, bell), |(mut watch, mut bell)| async move {
            loop {
                if let Some(event) = watch.ready.pop_front() {
                    return Some((Ok(Frame::data(Bytes::from(format!("{event}\n")))), (watch, bell)));
                }
                if watch.ended {
                    return None;
                }
                bell.mark_unchanged();
                watch.catch_up();
                if watch.ready.is_empty() {
                    watch.sleep(&mut bell).await;
                }
            }
        })
    }

    /// Waits for the next write or the end.
    async fn sleep(&mut self, bell: &mut tokio::sync::watch::Receiver<u64>) {
        let look = self.cluster.has_file.then(|| Instant::now() + LOOK);
        let until = [self.end, look].into_iter().flatten().min();
        match until {
            Some(until) => drop(tokio::time::timeout_at(until, bell.changed()).await),
            None => drop(bell.changed().await),
        }
        if self.end.is_some_and(|end| Instant::now() >= end) {
            self.ended = true;
            if self.bookmarks {
                let bookmark = self.bookmark(false);
                self.ready.push_back(bookmark);
            }
        }
    }

    /// Takes the writes since the last look.
    fn catch_up(&mut self) {
        let cluster = Cluster::clone(&self.cluster);
        let looked = cluster.read(|inside| {
            let newest = inside.state.revision;
            let changes = inside
                .history
                .since(self.revision)
                .ok_or_else(|| Rejection::expired(format!("too old resource version: {} ({newest})", self.revision)))?;
            let events: Vec<Value> = changes.filter_map(|change| self.seen(change)).collect();
            self.ready.extend(events);
            self.revision = newest;
            Ok(())
        });
        if let Err(rejection) = looked {
            self.ready.push_back(json!({"type": "ERROR", "object": rejection.status()}));
            self.ended = true;
        }
    }

    /// What this watch sees of a write: an object that comes to match is added, one that ceases to is deleted.
    fn seen(&self, change: &Change) -> Option<Value> {
        if change.key.kind != self.aim.served.kind
            || self.aim.namespace.as_ref().is_some_and(|namespace| *namespace != change.key.at.namespace)
        {
            return None;
        }
        let before = change.before.as_deref().filter(|object| self.selector.matches(object));
        let after = change.after.as_deref().filter(|object| self.selector.matches(object));
        match (before, after) {
            (None, None) => None,
            (None, Some(object)) => Some(self.event("ADDED", object)),
            (Some(_), Some(object)) => Some(self.event("MODIFIED", object)),
            (Some(object), None) => {
                let mut gone = object.clone();
                json::set(&mut gone, &["metadata", "resourceVersion"], change.revision.to_string());
                Some(self.event("DELETED", &gone))
            }
        }
    }

    fn event(&self, kind: &str, object: &Value) -> Value {
        let object = if self.partial { partial::of(object) } else { shown(object, &self.aim) };
        json!({"type": kind, "object": object})
    }

    fn bookmark(&self, list_ends: bool) -> Value {
        let served = &self.aim.served;
        let (kind, version) = if self.partial {
            ("PartialObjectMetadata".to_owned(), "meta.k8s.io/v1".to_owned())
        } else {
            (served.kind.kind.to_string(), served.api_version())
        };
        let mut metadata = json!({"resourceVersion": self.revision.to_string(), "creationTimestamp": null});
        if list_ends {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        json!({"type": "BOOKMARK", "object": {"kind": kind, "apiVersion": version, "metadata": metadata}})
    }
}
