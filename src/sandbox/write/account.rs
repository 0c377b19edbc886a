//! A new Pod and its ServiceAccount: the account must exist, and its token is mounted (admission plugin
//! `ServiceAccount`).

use serde_json::{Value, json};

use crate::sandbox::json;
use crate::sandbox::state::{Key, State, kinds};

const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Completes a Pod that is made; the error says why it is forbidden.
pub(in crate::sandbox) fn admit(state: &mut State, pod: &mut Value) -> Result<(), String> {
    let namespace = json::text(pod, &["metadata", "namespace"]).unwrap_or_default().to_owned();
    let name = json::text(pod, &["spec", "serviceAccountName"]).unwrap_or("default").to_owned();
    let Some(account) = state.get(&Key::new(&kinds::SERVICE_ACCOUNT, &namespace, &name)).cloned() else {
        let why = format!("error looking up service account {namespace}/{name}: serviceaccount {name:?} not found");
        return Err(why);
    };
    let wanted = json::get(pod, &["spec", "automountServiceAccountToken"])
        .or_else(|| account.get("automountServiceAccountToken"))
        .is_none_or(|wanted| wanted != &Value::Bool(false));
    if wanted {
        mount_token(pod, &format!("kube-api-access-{}", state.clock.suffix()));
    }
    if let Some(secrets) = account.get("imagePullSecrets") {
        json::set_default(pod, &["spec", "imagePullSecrets"], secrets.clone());
    }
    Ok(())
}

/// Mounts the token wherever nothing else is mounted in its place.
fn mount_token(pod: &mut Value, volume: &str) {
    let mut used = false;
    for list in ["initContainers", "containers"] {
        if !json::get(pod, &["spec", list]).is_some_and(Value::is_array) {
            continue;
        }
        for container in json::list_at(pod, &["spec", list]).iter_mut().filter(|container| container.is_object()) {
            let mounts = json::list_at(container, &["volumeMounts"]);
            if mounts.iter().all(|mount| json::text(mount, &["mountPath"]) != Some(FOLDER)) {
                mounts.push(json!({"name": volume, "readOnly": true, "mountPath": FOLDER}));
                used = true;
            }
        }
    }
    if used {
        json::list_at(pod, &["spec", "volumes"]).push(
            json!({"name": volume, "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "namespace",
                "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]}}),
        );
    }
}
