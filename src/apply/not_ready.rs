//! What is told of an object that did not get ready, or did not go, in time: one sentence that names the cause.

use super::Run;
use crate::cluster::Seen;
use crate::diagnostic::Diagnostic;
use crate::object::ObjectId;
use crate::readiness::{Surroundings, judge_with, trouble};
use crate::yaml::Node;

impl Run<'_> {
    /// An object that is not ready, with what its Pods and the last events say.
    pub(super) async fn not_ready(&self, id: &ObjectId, live: Option<&Seen>, why: &str, late: bool) -> Diagnostic {
        let namespace = id.namespace.as_deref();
        let Some(live) = live else {
            return self.in_time(Diagnostic::error(format!("`{id}` is not ready: {why}")));
        };
        let pods = match namespace {
            Some(namespace) if has_pods(id) => self.cluster.pods_of(namespace, &live.body).await,
            _ => Vec::new(),
        };
        let around = Surroundings { pods: &pods, waits_for_consumer: false };
        let judged = judge_with(id, &live.body, around);
        let why = judged.why().unwrap_or(why).to_owned();
        // The events of the Pod that has trouble tell most; those of the object where it has none.
        let troubled = pods.iter().find(|pod| trouble(std::slice::from_ref(pod)).is_some()).or_else(|| pods.first());
        let about = troubled.unwrap_or(&live.body);
        let uid = about.str_at(&["metadata", "uid"]).unwrap_or_default();
        let event = self.cluster.last_warning(namespace, uid).await;
        let diagnostic = match event {
            // Without a complaint of its own the event is the best that is known.
            Some(event) if trouble(&pods).is_none() => {
                Diagnostic::error(format!("`{id}` is not ready: {why}: {event}"))
            }
            Some(event) => {
                let note = format!("last event of {}: {event}", name(about));
                Diagnostic::error(format!("`{id}` is not ready: {why}")).note(note)
            }
            None => Diagnostic::error(format!("`{id}` is not ready: {why}")),
        };
        let diagnostic = match namespace {
            Some(namespace) => diagnostic.hint(format!(
                "`kubectl describe {} {} -n {namespace}` tells more",
                id.kind.to_lowercase(),
                id.name
            )),
            None => diagnostic,
        };
        if late { self.in_time(diagnostic) } else { diagnostic }
    }

    /// An object that is still there.
    pub(super) async fn not_gone(&self, id: &ObjectId, live: Option<&Seen>, why: &str) -> Diagnostic {
        let diagnostic = Diagnostic::error(format!("`{id}` is not gone: {why}"));
        let event = match live {
            Some(live) => self.cluster.last_warning(id.namespace.as_deref(), &live.uid).await,
            None => None,
        };
        self.in_time(match event {
            Some(event) => diagnostic.note(format!("last event of it: {event}")),
            None => diagnostic,
        })
    }

    /// Says that more time can be given.
    pub(super) fn in_time(&self, diagnostic: Diagnostic) -> Diagnostic {
        let seconds = self.timeout.as_secs();
        let waited = if seconds > 0 && seconds.is_multiple_of(60) {
            format!("{} min", seconds / 60)
        } else {
            format!("{seconds} s")
        };
        diagnostic.hint(format!("it was waited for {waited}; `--timeout` gives more time"))
    }
}

/// "Pod `web-1`".
fn name(live: &Node) -> String {
    let kind = live.str_at(&["kind"]).unwrap_or("it");
    format!("{kind} `{}`", live.str_at(&["metadata", "name"]).unwrap_or_default())
}

/// Whether a kind makes Pods by its selector.
fn has_pods(id: &ObjectId) -> bool {
    matches!(
        (id.group.as_str(), id.kind.as_str()),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | ("batch", "Job")
            | ("", "ReplicationController")
    )
}
