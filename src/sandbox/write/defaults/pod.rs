//! Defaults of Pods and Pod templates.

use serde_json::{Value, json};

use super::defaults;
use crate::sandbox::json;

/// A Pod itself.
pub(super) fn whole(pod: &mut Value) {
    spec(json::map_at(pod, &["spec"]));
    for list in ["initContainers", "containers"] {
        if json::get(pod, &["spec", list]).is_some_and(Value::is_array) {
            json::list_at(pod, &["spec", list]).iter_mut().for_each(requests);
        }
    }
    json::set_default(pod, &["spec", "enableServiceLinks"], true);
    json::set_default(pod, &["spec", "preemptionPolicy"], "PreemptLowerPriority");
    json::set_default(pod, &["spec", "priority"], 0);
    json::set_default(pod, &["spec", "serviceAccountName"], "default");
    json::set_default(pod, &["spec", "serviceAccount"], "default");
    if json::list(pod, &["spec", "tolerations"]).is_empty() {
        let tolerate = |key| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
        let both = json!([tolerate("node.kubernetes.io/not-ready"), tolerate("node.kubernetes.io/unreachable")]);
        json::set(pod, &["spec", "tolerations"], both);
    }
}

/// What a container of a Pod (not yet of a template) does not request, it requests as it is limited.
fn requests(container: &mut Value) {
    let limits = json::get(container, &["resources", "limits"]).and_then(Value::as_object).cloned();
    for (name, limit) in limits.into_iter().flatten() {
        json::set_default(container, &["resources", "requests", &name], limit);
    }
}

/// The template at a path of a workload.
pub(super) fn template(object: &mut Value, path: &[&str]) {
    if json::get(object, path).is_some() {
        json::set_default(object, &[path, &["metadata"]].concat(), json!({}));
        spec(json::map_at(object, &[path, &["spec"]].concat()));
    }
}

fn spec(spec: &mut serde_json::Map<String, Value>) {
    let mut value = Value::Object(std::mem::take(spec));
    defaults(
        &mut value,
        &[
            (&["restartPolicy"], json!("Always")),
            (&["terminationGracePeriodSeconds"], json!(30)),
            (&["dnsPolicy"], json!("ClusterFirst")),
            (&["securityContext"], json!({})),
            (&["schedulerName"], json!("default-scheduler")),
        ],
    );
    // Two names of one field, the older of which is deprecated.
    let account = ["serviceAccountName", "serviceAccount"].iter().find_map(|field| json::text(&value, &[field]));
    if let Some(account) = account.filter(|account| !account.is_empty()).map(str::to_owned) {
        json::set(&mut value, &["serviceAccountName"], account.as_str());
        json::set(&mut value, &["serviceAccount"], account);
    }
    for list in ["initContainers", "containers"] {
        if value.get(list).is_some_and(Value::is_array) {
            json::list_at(&mut value, &[list]).iter_mut().for_each(container);
        }
    }
    if value.get("volumes").is_some_and(Value::is_array) {
        json::list_at(&mut value, &["volumes"]).iter_mut().for_each(volume);
    }
    if let Value::Object(map) = value {
        *spec = map;
    }
}

fn container(container: &mut Value) {
    if !container.is_object() {
        return;
    }
    let image = json::text(container, &["image"]).unwrap_or_default();
    let pull = if is_latest(image) { "Always" } else { "IfNotPresent" };
    defaults(
        container,
        &[
            (&["resources"], json!({})),
            (&["terminationMessagePath"], json!("/dev/termination-log")),
            (&["terminationMessagePolicy"], json!("File")),
            (&["imagePullPolicy"], json!(pull)),
        ],
    );
    if container.get("ports").is_some_and(Value::is_array) {
        for port in json::list_at(container, &["ports"]).iter_mut().filter(|port| port.is_object()) {
            json::set_default(port, &["protocol"], "TCP");
        }
    }
    if container.get("env").is_some_and(Value::is_array) {
        for variable in json::list_at(container, &["env"]) {
            if json::get(variable, &["valueFrom", "fieldRef"]).is_some() {
                json::set_default(variable, &["valueFrom", "fieldRef", "apiVersion"], "v1");
            }
            if json::get(variable, &["valueFrom", "resourceFieldRef"]).is_some() {
                json::set_default(variable, &["valueFrom", "resourceFieldRef", "divisor"], "0");
            }
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if container.get(name).is_some_and(Value::is_object) {
            probe(container, name);
        }
    }
}

fn probe(container: &mut Value, name: &str) {
    for (field, value) in
        [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
    {
        json::set_default(container, &[name, field], value);
    }
    if json::get(container, &[name, "httpGet"]).is_some() {
        json::set_default(container, &[name, "httpGet", "scheme"], "HTTP");
        json::set_default(container, &[name, "httpGet", "path"], "/");
    }
    if json::get(container, &[name, "grpc"]).is_some() {
        json::set_default(container, &[name, "grpc", "service"], "");
    }
}

/// No tag, or the tag `latest`: such an image is pulled each time.
fn is_latest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    !image.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn volume(volume: &mut Value) {
    for source in ["secret", "configMap", "projected", "downwardAPI"] {
        if volume.get(source).is_some_and(Value::is_object) {
            json::set_default(volume, &[source, "defaultMode"], 420);
        }
    }
    if volume.get("downwardAPI").is_some() {
        field_versions(volume);
    }
    if json::get(volume, &["projected", "sources"]).is_some_and(Value::is_array) {
        for source in json::list_at(volume, &["projected", "sources"]).iter_mut().filter(|source| source.is_object()) {
            if source.get("downwardAPI").is_some() {
                field_versions(source);
            }
            if source.get("serviceAccountToken").is_some() {
                json::set_default(source, &["serviceAccountToken", "expirationSeconds"], 3600);
            }
        }
    }
    if volume.get("hostPath").is_some_and(Value::is_object) {
        json::set_default(volume, &["hostPath", "type"], "");
    }
    let sources = volume.as_object().map_or(0, |map| map.keys().filter(|key| *key != "name").count());
    if sources == 0 && volume.is_object() {
        json::set(volume, &["emptyDir"], json!({}));
    }
}

/// The version that fields of the downward API are those of.
fn field_versions(source: &mut Value) {
    if json::get(source, &["downwardAPI", "items"]).is_some_and(Value::is_array) {
        for item in json::list_at(source, &["downwardAPI", "items"]) {
            if item.get("fieldRef").is_some() {
                json::set_default(item, &["fieldRef", "apiVersion"], "v1");
            }
        }
    }
}
