//! Defaults of claims, volumes and storage classes.

use serde_json::{Value, json};

use crate::sandbox::json;
use crate::sandbox::state::{State, kinds};

/// Keeps a claim while a Pod uses it.
pub(in crate::sandbox) const CLAIM_PROTECTION: &str = "kubernetes.io/pvc-protection";
/// Keeps a volume while a claim is bound to it.
pub(in crate::sandbox) const VOLUME_PROTECTION: &str = "kubernetes.io/pv-protection";
/// Marks the class that claims without one get.
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

pub(super) fn claim(state: &State, object: &mut Value, before: Option<&Value>) {
    json::set_default(object, &["spec", "volumeMode"], "Filesystem");
    if before.is_some() {
        return;
    }
    protect(object, CLAIM_PROTECTION);
    json::set(object, &["status"], json!({"phase": "Pending"}));
    if let Some(class) = default_class(state).filter(|_| json::get(object, &["spec", "storageClassName"]).is_none()) {
        json::set(object, &["spec", "storageClassName"], class);
    }
}

pub(super) fn volume(object: &mut Value, before: Option<&Value>) {
    json::set_default(object, &["spec", "persistentVolumeReclaimPolicy"], "Retain");
    json::set_default(object, &["spec", "volumeMode"], "Filesystem");
    if json::get(object, &["spec", "claimRef"]).is_some() {
        json::set_default(object, &["spec", "claimRef", "kind"], "PersistentVolumeClaim");
        json::set_default(object, &["spec", "claimRef", "apiVersion"], "v1");
    }
    if json::get(object, &["spec", "hostPath"]).is_some() {
        json::set_default(object, &["spec", "hostPath", "type"], "");
    }
    if before.is_none() {
        protect(object, VOLUME_PROTECTION);
        json::set(object, &["status"], json!({"phase": "Pending"}));
    }
}

pub(super) fn class(object: &mut Value) {
    json::set_default(object, &["reclaimPolicy"], "Delete");
    json::set_default(object, &["volumeBindingMode"], "Immediate");
}

fn protect(object: &mut Value, finalizer: &str) {
    let finalizers = json::list_at(object, &["metadata", "finalizers"]);
    if finalizers.iter().all(|known| known.as_str() != Some(finalizer)) {
        finalizers.push(finalizer.into());
    }
}

fn default_class(state: &State) -> Option<&str> {
    let (at, _) = state
        .of(&kinds::STORAGE_CLASS)
        .find(|(_, class)| json::text(class, &["metadata", "annotations", DEFAULT_CLASS]) == Some("true"))?;
    Some(&at.name)
}
