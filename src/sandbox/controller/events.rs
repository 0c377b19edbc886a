//! Events: what the cluster wants to tell about an object.

use serde_json::{Value, json};

use super::{make, uid};
use crate::sandbox::clock::name_hash;
use crate::sandbox::json;
use crate::sandbox::state::{State, kinds};

/// Something is wrong with an object. The same is told once.
pub(super) fn warn(state: &mut State, about: &Value, reason: &str, message: &str) {
    let field = |path: &[&str]| json::get(about, path).cloned().unwrap_or_default();
    let uid = field(&["metadata", "uid"]);
    let name = json::text(about, &["metadata", "name"]).unwrap_or_default();
    let namespace = json::text(about, &["metadata", "namespace"]).unwrap_or("default");
    let hash = name_hash(&json!([uid, reason, message]));
    let now = state.clock.now();
    let source = match about.get("kind").and_then(Value::as_str) {
        Some("Pod") if reason == "FailedScheduling" => "default-scheduler",
        Some("Pod") => "kubelet",
        Some("PersistentVolumeClaim") | None => "persistentvolume-controller",
        Some("HorizontalPodAutoscaler") => "horizontal-pod-autoscaler",
        Some(workload) => &format!("{}-controller", workload.to_lowercase()),
    };
    make(
        state,
        json!({"apiVersion": "v1", "kind": "Event",
            "metadata": {"name": format!("{name}.{hash}"), "namespace": namespace},
            "involvedObject": {"apiVersion": field(&["apiVersion"]), "kind": field(&["kind"]), "name": name,
                "namespace": namespace, "uid": uid, "resourceVersion": field(&["metadata", "resourceVersion"])},
            "type": "Warning", "reason": reason, "message": message, "count": 1,
            "source": {"component": source}, "reportingComponent": source, "reportingInstance": "",
            "firstTimestamp": now, "lastTimestamp": now}),
    );
}

/// Whether an event about an object ends with these words.
pub(super) fn is_told(state: &State, about: &Value, words: &str) -> bool {
    let namespace = json::text(about, &["metadata", "namespace"]).unwrap_or_default();
    let is_about = |event: &Value| json::text(event, &["involvedObject", "uid"]) == Some(uid(about));
    state
        .within(&kinds::EVENT, namespace)
        .any(|event| is_about(event) && json::text(event, &["message"]).is_some_and(|message| message.ends_with(words)))
}
