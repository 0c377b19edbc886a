//! The status that a new object shows before any controller has seen it: zero values that Go does not leave out.

use serde_json::{Value, json};

use crate::sandbox::json;
use crate::sandbox::served::Served;

/// Fills in the status of an object that is made.
pub(super) fn initial(served: &Served, object: &mut Value) {
    let status = match (served.kind.group.as_ref(), served.kind.kind.as_ref()) {
        ("apps", "Deployment") | ("batch", "Job" | "CronJob") | ("", "ResourceQuota") => json!({}),
        ("apps", "StatefulSet") => json!({"replicas": 0, "availableReplicas": 0}),
        ("apps", "ReplicaSet") => json!({"replicas": 0}),
        ("apps", "DaemonSet") => json!({"currentNumberScheduled": 0, "numberMisscheduled": 0,
            "desiredNumberScheduled": 0, "numberReady": 0}),
        ("", "Service") | ("networking.k8s.io", "Ingress") => json!({"loadBalancer": {}}),
        ("autoscaling", "HorizontalPodAutoscaler") => json!({"desiredReplicas": 0, "currentMetrics": null}),
        ("policy", "PodDisruptionBudget") => json!({"disruptionsAllowed": 0, "currentHealthy": 0,
            "desiredHealthy": 0, "expectedPods": 0}),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(object),
        _ => return,
    };
    json::set_default(object, &["status"], status);
}

fn definition(object: &Value) -> Value {
    let stored = json::list(object, &["spec", "versions"])
        .iter()
        .filter(|version| version.get("storage") == Some(&Value::Bool(true)))
        .filter_map(|version| version.get("name").cloned());
    json!({"conditions": null, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": stored.collect::<Value>()})
}
