//! Events: what the cluster wants to tell about an object.

use serde_json::{Value, json};

use super::make;
use crate::sandbox::clock::name_hash;
use crate::sandbox::json;
use crate::sandbox::state::State;

/// Something is wrong with an object. The same is told once.
pub(super) fn warn(state: &mut State, about: &Value, reason: &str, message: &str) {
    let field = |path: &[&str]| json::get(about, path).cloned().unwrap_or_default();
    let uid = field(&["metadata", "uid"]);
    let name = json::text(about, &["metadata", "name"]).unwrap_or_default();
    let namespace = json::text(about, &["metadata", "namespace"]).unwrap_or("default");
    let hash = name_hash(&json!([uid, reason, message]));
    let now = state.clock.now();
    let source = if about.get("kind") == Some(&Value::from("Pod")) { "kubelet" } else { "persistentvolume-controller" };
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
