//! Events: what the cluster wants to tell about an object.

use serde_json::{Value, json};

use super::{edit, make, uid};
use crate::sandbox::clock::name_hash;
use crate::sandbox::json;
use crate::sandbox::state::{State, kinds};

/// Something is wrong with an object. The same is told once.
pub(super) fn warn(state: &mut State, about: &Value, reason: &str, message: &str) {
    tell(state, about, None, "Warning", reason, message);
}

/// Something is wrong with a container of a Pod.
pub(super) fn warn_of(state: &mut State, pod: &Value, container: &Value, reason: &str, message: &str) {
    tell(state, pod, Some(&part(pod, container)), "Warning", reason, message);
}

/// Something goes its usual way.
pub(super) fn note(state: &mut State, about: &Value, reason: &str, message: &str) {
    tell(state, about, None, "Normal", reason, message);
}

/// Something goes its usual way with a container of a Pod.
pub(super) fn note_of(state: &mut State, pod: &Value, container: &Value, reason: &str, message: &str) {
    tell(state, pod, Some(&part(pod, container)), "Normal", reason, message);
}

/// Where in a Pod a container is.
fn part(pod: &Value, container: &Value) -> String {
    let name = json::text(container, &["name"]).unwrap_or_default();
    let init = json::list(pod, &["spec", "initContainers"]).iter().any(|one| json::text(one, &["name"]) == Some(name));
    format!("spec.{}{{{name}}}", if init { "initContainers" } else { "containers" })
}

fn tell(state: &mut State, about: &Value, part: Option<&str>, sort: &str, reason: &str, message: &str) {
    let field = |path: &[&str]| json::get(about, path).cloned().unwrap_or_default();
    let uid = field(&["metadata", "uid"]);
    let name = json::text(about, &["metadata", "name"]).unwrap_or_default();
    let namespace = json::text(about, &["metadata", "namespace"]).unwrap_or("default");
    let hash = name_hash(&json!([uid, part, reason, message]));
    let now = state.clock.now();
    let source = match about.get("kind").and_then(Value::as_str) {
        Some("Pod") if reason == "FailedScheduling" => "default-scheduler",
        Some("Pod") => "kubelet",
        Some("PersistentVolumeClaim") | None => "persistentvolume-controller",
        Some("HorizontalPodAutoscaler") => "horizontal-pod-autoscaler",
        Some(workload) => &format!("{}-controller", workload.to_lowercase()),
    };
    let mut event = json!({"apiVersion": "v1", "kind": "Event",
        "metadata": {"name": format!("{name}.{hash}"), "namespace": namespace},
        "involvedObject": {"apiVersion": field(&["apiVersion"]), "kind": field(&["kind"]), "name": name,
            "namespace": namespace, "uid": uid, "resourceVersion": field(&["metadata", "resourceVersion"])},
        "type": sort, "reason": reason, "message": message, "count": 1,
        "source": {"component": source}, "reportingComponent": source, "reportingInstance": "",
        "firstTimestamp": now, "lastTimestamp": now});
    if source == "default-scheduler" {
        // It writes them by `events.k8s.io`, whose times are finer and stand elsewhere.
        json::set(&mut event, &["source"], json!({}));
        json::remove(&mut event, &["count"]);
    }
    if let Some(part) = part {
        json::set(&mut event, &["involvedObject", "fieldPath"], part);
    }
    let Some(key) = make(state, event) else { return };
    // Times that are not told are null.
    edit(state, &key, |event| {
        let told =
            if source == "default-scheduler" { ["eventTime"].as_slice() } else { &["firstTimestamp", "lastTimestamp"] };
        for field in ["eventTime", "firstTimestamp", "lastTimestamp"] {
            let fine = if field == "eventTime" { now.replace('Z', ".000000Z") } else { now.clone() };
            json::set(event, &[field], if told.contains(&field) { fine.into() } else { Value::Null });
        }
    });
}

/// Whether an event about an object ends with these words.
pub(super) fn is_told(state: &State, about: &Value, words: &str) -> bool {
    let namespace = json::text(about, &["metadata", "namespace"]).unwrap_or_default();
    let is_about = |event: &Value| json::text(event, &["involvedObject", "uid"]) == Some(uid(about));
    state
        .within(&kinds::EVENT, namespace)
        .any(|event| is_about(event) && json::text(event, &["message"]).is_some_and(|message| message.ends_with(words)))
}
