//! Claims and volumes find each other (`k8s.io/kubernetes/pkg/controller/volume/persistentvolume`): a claim is bound
//! to the volume it names, to one that names it, to a free one that fits, or to one that the provisioner makes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::events::{note, warn};
use super::{News, edit, is_going, keys, make, uid};
use crate::sandbox::json;
use crate::sandbox::seed::{NODE, PROVISIONER};
use crate::sandbox::state::{Key, State, kinds};
use crate::sandbox::write::units;

const SIZE: &[&str] = &["spec", "resources", "requests", "storage"];
/// Keeps a provisioned volume until the provisioner has erased it.
pub(super) const PROVISIONED: &str = "external-provisioner.volume.kubernetes.io/finalizer";
/// Who made a volume.
pub(super) const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

pub(super) fn run(state: &mut State, _news: &News) {
    for key in keys(state, &kinds::CLAIM) {
        let Some(claim) = state.get(&key).cloned() else { continue };
        if is_going(&claim) {
            continue;
        }
        match json::text(&claim, &["status", "phase"]) {
            Some("Bound") => follow(state, &key, &claim),
            _ => bind(state, &key, &claim),
        }
    }
}

/// A bound claim: its volume may be gone, or it may have grown.
fn follow(state: &mut State, key: &Key, claim: &Value) {
    let volume = Key::new(&kinds::VOLUME, "", json::text(claim, &["spec", "volumeName"]).unwrap_or_default());
    let Some(found) = state.get(&volume).cloned() else {
        edit(state, key, |claim| json::set(claim, &["status", "phase"], "Lost"));
        return;
    };
    let size = json::text(claim, SIZE);
    let capacity = json::text(&found, &["spec", "capacity", "storage"]);
    if size.and_then(units) > capacity.and_then(units) {
        let size = size.unwrap_or_default();
        edit(state, &volume, |volume| json::set(volume, &["spec", "capacity", "storage"], size));
        edit(state, key, |claim| json::set(claim, &["status", "capacity", "storage"], size));
    }
}

fn bind(state: &mut State, key: &Key, claim: &Value) {
    if let Some(name) = json::text(claim, &["spec", "volumeName"]).filter(|name| !name.is_empty()) {
        let volume = Key::new(&kinds::VOLUME, "", name);
        if state.get(&volume).is_some_and(|found| is_free_for(found, claim) && same_class(found, claim)) {
            join(state, key, &volume);
        }
        return;
    }
    let class = json::text(claim, &["spec", "storageClassName"]).unwrap_or_default();
    let class = state.get(&Key::new(&kinds::STORAGE_CLASS, "", class)).cloned();
    let waits =
        class.as_ref().is_some_and(|class| json::text(class, &["volumeBindingMode"]) == Some("WaitForFirstConsumer"));
    if waits && !is_wanted(state, key) {
        note(state, claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        return;
    }
    if let Some(volume) = fitting(state, claim) {
        join(state, key, &volume);
        return;
    }
    match class {
        Some(class) if json::text(&class, &["provisioner"]) == Some(PROVISIONER) => {
            let volume = provision(state, key, claim, &class);
            join(state, key, &volume);
            edit(state, key, mark_provisioned);
        }
        Some(_) => {}
        None => {
            let name = json::text(claim, &["spec", "storageClassName"]).unwrap_or_default();
            if !name.is_empty() {
                let why = format!("storageclass.storage.k8s.io {name:?} not found");
                warn(state, claim, "ProvisioningFailed", &why);
            }
        }
    }
}

/// Whether a Pod that can run uses a claim.
fn is_wanted(state: &State, key: &Key) -> bool {
    state
        .within(&kinds::POD, &key.at.namespace)
        .any(|pod| !is_going(pod) && !super::owned::is_over(pod) && uses(pod, &key.at.name))
}

/// Whether a Pod mounts a claim.
pub(super) fn uses(pod: &Value, claim: &str) -> bool {
    let volumes = json::list(pod, &["spec", "volumes"]);
    volumes.iter().any(|volume| json::text(volume, &["persistentVolumeClaim", "claimName"]) == Some(claim))
}

fn claim_of<'a>(volume: &'a Value, field: &str) -> &'a str {
    json::text(volume, &["spec", "claimRef", field]).unwrap_or_default()
}

fn names(volume: &Value, claim: &Value) -> bool {
    let metadata = |field| json::text(claim, &["metadata", field]).unwrap_or_default();
    claim_of(volume, "name") == metadata("name") && claim_of(volume, "namespace") == metadata("namespace")
}

/// Whether a volume is nobody's, or kept for this claim. One of a claim that is gone is neither.
fn is_free_for(volume: &Value, claim: &Value) -> bool {
    if is_going(volume) {
        return false;
    }
    let of = claim_of(volume, "uid");
    claim_of(volume, "name").is_empty() || (names(volume, claim) && (of.is_empty() || of == uid(claim)))
}

fn same_class(volume: &Value, claim: &Value) -> bool {
    let class = |object| json::text(object, &["spec", "storageClassName"]).unwrap_or_default().to_owned();
    class(volume) == class(claim)
}

/// The volume that names the claim, else the smallest free one that is large enough.
fn fitting(state: &State, claim: &Value) -> Option<Key> {
    let wanted = json::text(claim, SIZE).and_then(units).unwrap_or_default();
    let modes = json::list(claim, &["spec", "accessModes"]);
    let mode = json::text(claim, &["spec", "volumeMode"]);
    let fits = |volume: &Value| {
        let has = json::list(volume, &["spec", "accessModes"]);
        same_class(volume, claim)
            && is_free_for(volume, claim)
            && json::text(volume, &["spec", "volumeMode"]) == mode
            && modes.iter().all(|mode| has.contains(mode))
            && capacity(volume) >= wanted
    };
    let fitting = state.of(&kinds::VOLUME).filter(|(_, volume)| fits(volume));
    let best = fitting.min_by_key(|(at, volume)| (!names(volume, claim), capacity(volume), at.name.clone()));
    best.map(|(at, _)| Key::new(&kinds::VOLUME, "", &at.name))
}

fn capacity(volume: &Value) -> i128 {
    json::text(volume, &["spec", "capacity", "storage"]).and_then(units).unwrap_or_default()
}

/// Binds a claim and a volume to each other.
fn join(state: &mut State, claim: &Key, volume: &Key) {
    let (Some(wanted), Some(found)) = (state.get(claim).cloned(), state.get(volume).cloned()) else { return };
    let reference = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": claim.at.namespace,
        "name": claim.at.name, "uid": uid(&wanted),
        "resourceVersion": json::text(&wanted, &["metadata", "resourceVersion"])});
    let now = state.clock.now();
    let chosen = json::text(&wanted, &["spec", "volumeName"]).is_none_or(str::is_empty);
    edit(state, volume, |volume| {
        json::set(volume, &["spec", "claimRef"], reference);
        json::set(volume, &["status", "phase"], "Bound");
        json::set(volume, &["status", "lastPhaseTransitionTime"], now);
    });
    edit(state, claim, |claim| {
        json::set(claim, &["spec", "volumeName"], volume.at.name.as_str());
        json::set(claim, &["metadata", "annotations", "pv.kubernetes.io/bind-completed"], "yes");
        if chosen {
            json::set(claim, &["metadata", "annotations", "pv.kubernetes.io/bound-by-controller"], "yes");
        }
        let size = json::get(&found, &["spec", "capacity"]).cloned().unwrap_or_default();
        let modes = json::get(&found, &["spec", "accessModes"]).cloned().unwrap_or_default();
        json::set(claim, &["status"], json!({"phase": "Bound", "accessModes": modes, "capacity": size}));
    });
}

fn mark_provisioned(claim: &mut Value) {
    for annotation in ["volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner"] {
        json::set(claim, &["metadata", "annotations", annotation], PROVISIONER);
    }
    json::set(claim, &["metadata", "annotations", "volume.kubernetes.io/selected-node"], NODE);
}

/// Makes a volume as a local provisioner does: a folder of its own for each.
fn provision(state: &mut State, key: &Key, claim: &Value, class: &Arc<Value>) -> Key {
    let name = format!("pvc-{}", uid(claim));
    let field = |path: &[&str]| json::get(claim, path).cloned().unwrap_or_default();
    let policy = json::text(class, &["reclaimPolicy"]).unwrap_or("Delete");
    let mut finalizers = vec![crate::sandbox::write::VOLUME_PROTECTION];
    if policy == "Delete" {
        finalizers.push(PROVISIONED);
    }
    let folder = format!("/var/lib/sandbox/{name}_{}_{}", key.at.namespace, key.at.name);
    make(
        state,
        json!({"apiVersion": "v1", "kind": "PersistentVolume",
            "metadata": {"name": name, "finalizers": finalizers, "annotations": {PROVISIONED_BY: PROVISIONER}},
            "spec": {"capacity": {"storage": field(SIZE)}, "accessModes": field(&["spec", "accessModes"]),
                "volumeMode": field(&["spec", "volumeMode"]), "persistentVolumeReclaimPolicy": policy,
                "storageClassName": field(&["spec", "storageClassName"]),
                "hostPath": {"path": folder, "type": "DirectoryOrCreate"},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                    {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE]}]}]}}},
            "status": {"phase": "Pending"}}),
    );
    Key::new(&kinds::VOLUME, "", &name)
}
