//! Watches: one a kind and namespace, shared by all who wait for something there.
//!
//! A list, then a watch from the state that the list shows; when the watch ends it goes on from where it was, when
//! that is too old (410) everything is listed again. Nobody polls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use kube::core::WatchEvent;
use kube::core::params::{ListParams, WatchParams};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Cluster;
use super::errors::Doing;
use super::kinds::Kind;
use super::request::Fault;
use crate::diagnostic::Failure;
use crate::yaml::Node;

/// How long the server keeps a watch open; bookmarks come in between.
const OPEN: Duration = Duration::from_secs(240);
/// A watch that is silent for longer than the server would keep it open is dead.
const SILENT: Duration = Duration::from_secs(270);
/// An object as a watch last saw it.
#[derive(Clone)]
pub(crate) struct Seen {
    /// The whole object.
    pub(crate) body: Arc<Node>,
    /// Its uid.
    pub(crate) uid: String,
    /// Its resource version.
    pub(crate) resource_version: String,
}

/// All objects of a kind in a namespace, as far as the watch has seen.
#[derive(Clone, Default)]
pub(crate) struct Scene {
    /// Objects by name.
    pub(crate) objects: BTreeMap<String, Seen>,
    /// The last state of Jobs that were deleted since: with a time to live they may go before anybody has looked.
    pub(crate) ended: BTreeMap<String, Seen>,
    /// Whether they were listed: before, an object that is not here may well exist.
    pub(crate) listed: bool,
    /// Whether the server no longer serves the kind: then there are no such objects.
    pub(crate) unserved: bool,
    /// Why there will be no more news.
    pub(crate) failure: Option<Failure>,
}

/// The watches of a run. They end with it.
pub(crate) struct Watches {
    cluster: Cluster,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    scenes: BTreeMap<String, watch::Receiver<Scene>>,
    tasks: JoinSet<()>,
}

impl Watches {
    pub(crate) fn new(cluster: &Cluster) -> Self {
        Self { cluster: cluster.clone(), open: Mutex::new(Open::default()) }
    }

    /// What is seen of a kind in a namespace, from now on.
    pub(crate) fn of(&self, kind: &Kind, namespace: Option<&str>) -> watch::Receiver<Scene> {
        let path = kind.requests(namespace).url_path;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scene) = open.scenes.get(&path) {
            return scene.clone();
        }
        let (sender, receiver) = watch::channel(Scene::default());
        open.scenes.insert(path, receiver.clone());
        open.tasks.spawn(follow(self.cluster.clone(), kind.clone(), namespace.map(str::to_owned), sender));
        receiver
    }
}

/// Keeps a scene up to date until nobody looks at it or the server refuses for good.
async fn follow(cluster: Cluster, kind: Kind, namespace: Option<String>, scene: watch::Sender<Scene>) {
    let namespace = namespace.as_deref();
    loop {
        let mut version = match cluster.list(&kind, namespace, &ListParams::default()).await {
            Ok(listing) => {
                let objects = listing.items.into_iter().filter_map(seen).collect();
                scene.send_modify(|scene| {
                    scene.objects = objects;
                    scene.listed = true;
                });
                listing.resource_version
            }
            Err(fault) if lasting(&cluster, &kind, &fault, &scene) => return,
            Err(_) => {
                cluster.pause().await;
                continue;
            }
        };
        while let Some(next) = watch_from(&cluster, &kind, namespace, version, &scene).await {
            if scene.is_closed() {
                return;
            }
            version = next;
        }
        if scene.borrow().failure.is_some() {
            return;
        }
    }
}

/// Whether a refusal stands however often one asks; it is put into the scene.
fn lasting(cluster: &Cluster, kind: &Kind, fault: &Fault, scene: &watch::Sender<Scene>) -> bool {
    match fault.code() {
        Some(404) => scene.send_modify(|scene| {
            scene.objects.clear();
            (scene.listed, scene.unserved) = (true, true);
        }),
        Some(code) if (400..500).contains(&code) && code != 410 && code != 429 => {
            let failure = cluster.failure(fault, &Doing::with("watch", format!("the `{}`", kind.resource.plural)));
            scene.send_modify(|scene| scene.failure = Some(failure));
        }
        _ => return false,
    }
    true
}

/// One watch, to its end. The version to go on from; none when everything has to be listed again.
async fn watch_from(
    cluster: &Cluster,
    kind: &Kind,
    namespace: Option<&str>,
    mut version: String,
    scene: &watch::Sender<Scene>,
) -> Option<String> {
    let seconds = u32::try_from(OPEN.as_secs()).unwrap_or(u32::MAX);
    let request = kind.requests(namespace).watch(&WatchParams::default().timeout(seconds), &version).ok()?;
    let events = match cluster.client.request_events::<Node>(request).await {
        Ok(events) => events,
        Err(kube::Error::Api(status)) if status.code == 410 => return None,
        Err(kube::Error::Api(status)) => {
            let fault = Fault::Refused { status, attempts: 1 };
            return if lasting(cluster, kind, &fault, scene) { None } else { cluster.paused(version).await };
        }
        Err(_) => return cluster.paused(version).await,
    };
    futures::pin_mut!(events);
    let mut news = false;
    loop {
        // The server closes it from time to time; one that is silent for too long is dead.
        let Ok(Some(event)) = tokio::time::timeout(SILENT, events.next()).await else {
            // One that closes at once would be asked again and again.
            return if news { Some(version) } else { cluster.paused(version).await };
        };
        news = true;
        match event {
            Ok(WatchEvent::Added(object) | WatchEvent::Modified(object)) => {
                if let Some((name, seen)) = seen(object) {
                    version.clone_from(&seen.resource_version);
                    scene.send_modify(|scene| drop(scene.objects.insert(name, seen)));
                }
            }
            Ok(WatchEvent::Deleted(object)) => {
                if let Some((name, seen)) = seen(object) {
                    version.clone_from(&seen.resource_version);
                    let ended = kind.resource.kind == "Job" && kind.resource.group == "batch";
                    scene.send_modify(|scene| {
                        scene.objects.remove(&name);
                        if ended {
                            scene.ended.insert(name, seen);
                        }
                    });
                }
            }
            Ok(WatchEvent::Bookmark(mark)) => version = mark.metadata.resource_version,
            // Too old to go on from.
            Ok(WatchEvent::Error(status)) | Err(kube::Error::Api(status)) if status.code == 410 => return None,
            Ok(WatchEvent::Error(_)) | Err(kube::Error::Api(_)) => {
                cluster.pause().await;
                return None;
            }
            Err(_) => return cluster.paused(version).await,
        }
    }
}

impl Cluster {
    /// Waits before a server that broke off is asked again.
    async fn pause(&self) {
        tokio::time::sleep(self.shared.pace.watch_pause).await;
    }

    async fn paused(&self, version: String) -> Option<String> {
        self.pause().await;
        Some(version)
    }
}

fn seen(mut object: Node) -> Option<(String, Seen)> {
    // Whose a field is, which is half of an object, tells nothing of how it is.
    object.map_at_mut(&["metadata"]).shift_remove("managedFields");
    let text = |key: &str| object.str_at(&["metadata", key]).map(str::to_owned);
    let (name, uid) = (text("name")?, text("uid")?);
    let resource_version = text("resourceVersion").unwrap_or_default();
    Some((name, Seen { body: Arc::new(object), uid, resource_version }))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use http::{Request, Response};
    use kube::client::Body;
    use serde_json::{Value as Json, json};

    use super::*;

    fn config(name: &str, version: &str) -> Json {
        json!({"metadata": {"name": name, "uid": name, "resourceVersion": version}})
    }

    /// A server whose first list has `a`, whose first watch tells of `b`, whose second one is too old, and whose
    /// second list has `c`; what it was asked is told.
    async fn answer(
        request: Request<Body>,
        asked: Arc<Mutex<Vec<String>>>,
        lists: Arc<AtomicUsize>,
    ) -> Result<Response<Body>, tower::BoxError> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let version =
            query.split('&').find_map(|pair| pair.strip_prefix("resourceVersion=")).unwrap_or("none").to_owned();
        let text = if query.contains("watch=true") {
            asked.lock().unwrap().push(format!("watch from {version}"));
            match version.as_str() {
                "1" => json!({"type": "ADDED", "object": config("b", "5")}),
                "5" => {
                    json!({"type": "ERROR", "object": {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"}})
                }
                _ => {
                    std::future::pending::<()>().await;
                    Json::Null
                }
            }
        } else {
            asked.lock().unwrap().push("list".into());
            let first = lists.fetch_add(1, Ordering::SeqCst) == 0;
            let (name, version) = if first { ("a", "1") } else { ("c", "9") };
            json!({"metadata": {"resourceVersion": version}, "items": [config(name, version)]})
        };
        Ok(Response::new(Body::from(format!("{text}\n").into_bytes())))
    }

    #[tokio::test]
    async fn a_watch_goes_on_from_where_it_was_and_lists_again_when_that_is_too_old() {
        let (asked, lists) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let log = Arc::clone(&asked);
        let service = tower::service_fn(move |request| answer(request, Arc::clone(&log), Arc::clone(&lists)));
        let cluster = Cluster::over_at_once(kube::Client::new(service, "default"));
        let watches = Watches::new(&cluster);
        let kind = Kind::core("ConfigMap", "configmaps", true);
        let mut scene = watches.of(&kind, Some("shop"));
        let names = |scene: &Scene| scene.objects.keys().cloned().collect::<Vec<_>>();
        scene.wait_for(|scene| names(scene) == ["c"]).await.unwrap();
        assert_eq!(asked.lock().unwrap()[..4], ["list", "watch from 1", "watch from 5", "list"]);
        watches.of(&kind, Some("shop"));
        assert_eq!(watches.open.lock().unwrap().scenes.len(), 1, "one watch for all who wait");
    }

    #[tokio::test]
    async fn whoever_may_not_watch_is_told_and_a_kind_that_is_gone_has_no_objects() {
        for (code, failed) in [(403_u16, true), (404, false)] {
            let service = tower::service_fn(move |_: Request<Body>| async move {
                Ok::<_, tower::BoxError>(Response::builder().status(code).body(Body::empty()).unwrap())
            });
            let cluster = Cluster::over_at_once(kube::Client::new(service, "default"));
            let watches = Watches::new(&cluster);
            let mut scene = watches.of(&Kind::core("ConfigMap", "configmaps", true), Some("shop"));
            let scene = scene.wait_for(|scene| scene.failure.is_some() || scene.listed).await.unwrap();
            assert_eq!((scene.failure.is_some(), scene.unserved), (failed, !failed), "{code}");
        }
    }
}
