//! What the API server fills in (`k8s.io/kubernetes/pkg/apis/*/v1/defaults.go` and the admission plugins that are on
//! by default).

mod network;
mod pod;
mod status;
mod storage;
mod webhook;
mod workload;

pub(in crate::sandbox) use storage::{CLAIM_PROTECTION, VOLUME_PROTECTION};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::sandbox::json;
use crate::sandbox::served::Served;
use crate::sandbox::state::State;

/// Fills in an object that is made (`before` is none) or changed.
pub(super) fn fill(state: &State, served: &Served, object: &mut Value, before: Option<&Value>) {
    match (served.kind.group.as_ref(), served.kind.kind.as_ref()) {
        ("", "Pod") => pod::whole(object),
        ("", "PodTemplate") => pod::template(object, &["template"]),
        ("", "Secret") => secret(object),
        ("", "Namespace") => namespace(object, before),
        ("", "Service") => network::service(state, object, before),
        ("", "PersistentVolumeClaim") => storage::claim(state, object, before),
        ("", "PersistentVolume") => storage::volume(object, before),
        ("", "Event") => json::set_default(object, &["type"], "Normal"),
        ("apps", "Deployment") => workload::deployment(object),
        ("apps", "StatefulSet") => workload::stateful_set(object),
        ("apps", "DaemonSet") => workload::daemon_set(object, before),
        ("apps", "ReplicaSet") => workload::replica_set(object),
        ("batch", "Job") => workload::job(object, before),
        ("batch", "CronJob") => workload::cron_job(object),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration") => {
            webhook::configuration(object);
        }
        ("apiregistration.k8s.io", "APIService") if json::get(object, &["spec", "service"]).is_some() => {
            json::set_default(object, &["spec", "service", "port"], 443);
        }
        ("autoscaling", "HorizontalPodAutoscaler") => autoscaler(object, &served.version),
        ("networking.k8s.io", "NetworkPolicy") => network::policy(object),
        // The only list that is shown when there is none.
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => json::set_default(object, &["rules"], Value::Null),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => binding(object),
        ("storage.k8s.io", "StorageClass") => storage::class(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(object),
        ("", "LimitRange") => limits(object),
        _ => {}
    }
    if before.is_none() && served.status {
        status::initial(served, object);
    }
}

/// Every default in an object, one after the other.
fn defaults(object: &mut Value, of: &[(&[&str], Value)]) {
    for (path, value) in of {
        json::set_default(object, path, value.clone());
    }
}

/// `stringData` is written into `data` and never shown.
fn secret(object: &mut Value) {
    json::set_default(object, &["type"], "Opaque");
    let Some(Value::Object(texts)) = json::remove(object, &["stringData"]) else { return };
    for (key, text) in texts {
        if let Some(text) = text.as_str() {
            json::map_at(object, &["data"]).insert(key, STANDARD.encode(text).into());
        }
    }
}

fn namespace(object: &mut Value, before: Option<&Value>) {
    let name = json::text(object, &["metadata", "name"]).unwrap_or_default().to_owned();
    json::set(object, &["metadata", "labels", "kubernetes.io/metadata.name"], name);
    if before.is_none() {
        json::set_default(object, &["spec", "finalizers"], json!(["kubernetes"]));
        json::set(object, &["status"], json!({"phase": "Active"}));
    } else if let Some(finalizers) = before.and_then(|before| json::get(before, &["spec", "finalizers"])) {
        json::set_default(object, &["spec", "finalizers"], finalizers.clone());
    }
}

/// An autoscaler without metrics looks at the processor.
fn autoscaler(object: &mut Value, version: &str) {
    json::set_default(object, &["spec", "minReplicas"], 1);
    if version == "v1" {
        json::set_default(object, &["spec", "targetCPUUtilizationPercentage"], 80);
    } else if json::list(object, &["spec", "metrics"]).is_empty() {
        let target = json!({"type": "Utilization", "averageUtilization": 80});
        json::set(
            object,
            &["spec", "metrics"],
            json!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}]),
        );
    }
}

/// What a container may have at most is what it asks for, if nothing else is said.
fn limits(object: &mut Value) {
    if !json::get(object, &["spec", "limits"]).is_some_and(Value::is_array) {
        return;
    }
    for limit in json::list_at(object, &["spec", "limits"]) {
        if json::text(limit, &["type"]) != Some("Container") {
            continue;
        }
        for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
            let known: Vec<_> =
                json::texts(limit, &[from]).map(|(name, size)| (name.to_owned(), size.to_owned())).collect();
            for (name, size) in known {
                json::set_default(limit, &[to, &name], size);
            }
        }
    }
}

fn binding(object: &mut Value) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    json::set_default(object, &["roleRef", "apiGroup"], GROUP);
    if object.get("subjects").is_some() {
        for subject in json::list_at(object, &["subjects"]) {
            if matches!(json::text(subject, &["kind"]), Some("User" | "Group")) {
                json::set_default(subject, &["apiGroup"], GROUP);
            }
        }
    }
}

fn definition(object: &mut Value) {
    let kind = json::text(object, &["spec", "names", "kind"]).unwrap_or_default().to_owned();
    json::set_default(object, &["spec", "names", "singular"], kind.to_lowercase());
    json::set_default(object, &["spec", "names", "listKind"], format!("{kind}List"));
    json::set_default(object, &["spec", "conversion"], json!({"strategy": "None"}));
}
