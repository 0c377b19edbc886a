//! What a new cluster has before anybody made anything.

use serde_json::{Value, json};

use super::clock::Clock;
use super::controller;
use super::served;
use super::state::{Key, State};
use super::write;

/// One node; the usual namespaces; two storage classes, both waiting for a Pod that uses the claim: `standard` erases
/// volumes with their claims, `standard-retain` keeps them.
pub(super) fn new_cluster(clock: Clock) -> State {
    let mut state = State::new(clock);
    let mut objects = vec![node()];
    objects.extend(["default", "kube-node-lease", "kube-public", "kube-system"].map(namespace));
    objects.push(class("standard", true, "Delete"));
    objects.push(class("standard-retain", false, "Retain"));
    for mut object in objects {
        let (uid, now) = (state.clock.uid(), state.clock.now());
        object["metadata"]["uid"] = uid.into();
        object["metadata"]["creationTimestamp"] = now.into();
        let Some(key) = Key::of(&object) else { continue };
        if let Some(served) = served::by_kind(&state, &key.kind) {
            write::complete_by_controller(&state, &served, &mut object);
        }
        state.put(&key, object);
    }
    controller::settle(&mut state);
    // Nobody could have watched this.
    state.take_changes();
    state
}

fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

fn class(name: &str, default: bool, reclaim_policy: &str) -> Value {
    json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"name": name,
            "annotations": {"storageclass.kubernetes.io/is-default-class": default.to_string()}},
        "provisioner": PROVISIONER, "reclaimPolicy": reclaim_policy,
        "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": true})
}

/// Name of the provisioner of both classes.
pub(super) const PROVISIONER: &str = "sandbox.kchart.dev/local";
/// Name of the only node.
pub(super) const NODE: &str = "sandbox";

fn node() -> Value {
    json!({"apiVersion": "v1", "kind": "Node",
        "metadata": {"name": NODE, "labels": {"kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64"}},
        "spec": {},
        "status": {"capacity": {"cpu": "8", "memory": "16Gi", "pods": "110"},
            "allocatable": {"cpu": "8", "memory": "16Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady",
                "message": "kubelet is posting ready status"}]}})
}
