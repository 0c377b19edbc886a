//! What may differ between two clusters in one object, each line with its reason. Whatever is not written here is the
//! same, down to the last field.

use serde_json::Value as Json;

/// A field, and why it may differ.
struct Free {
    /// Plural of the objects; `*` for all.
    of: &'static str,
    /// `*` is any key, or all items of a list.
    path: &'static [&'static str],
    #[expect(dead_code, reason = "for whoever reads this")]
    why: &'static str,
}

const fn free(of: &'static str, path: &'static [&'static str], why: &'static str) -> Free {
    Free { of, path, why }
}

/// Fields that both have, each with a value of its own.
const ANY_VALUE: &[Free] = &[
    free("leases", &["spec", "holderIdentity"], "made up of the run's random number"),
    free("secrets", &["data", "password"], "generated: new in each cluster"),
    free("secrets", &["data", "old"], "generated: new in each cluster"),
    free("secrets", &["data", "new"], "generated: new in each cluster"),
    free("pods", &["status", "containerStatuses", "*", "restartCount"], "how often it was tried by then"),
    free("pods", &["spec", "nodeName"], "each cluster has its own node"),
    free("pods", &["status", "hostIP"], "each cluster has its own node"),
    free("pods", &["status", "podIP"], "each cluster has its own network"),
    free("pods", &["status", "podIPs", "*", "ip"], "each cluster has its own network"),
    free("services", &["spec", "clusterIP"], "each cluster has its own network"),
    free("services", &["spec", "clusterIPs", "*"], "each cluster has its own network"),
    free("configmaps", &["data", "ca.crt"], "each cluster has its own authority"),
    free("persistentvolumeclaims", &["metadata", "annotations", "volume.kubernetes.io/selected-node"], "its own node"),
    free(
        "persistentvolumeclaims",
        &["metadata", "annotations", "volume.kubernetes.io/storage-provisioner"],
        PROVISIONER,
    ),
    free(
        "persistentvolumeclaims",
        &["metadata", "annotations", "volume.beta.kubernetes.io/storage-provisioner"],
        PROVISIONER,
    ),
    free("persistentvolumes", &["metadata", "annotations", "pv.kubernetes.io/provisioned-by"], PROVISIONER),
    free("persistentvolumes", &["spec", "hostPath", "path"], PROVISIONER),
    free(
        "persistentvolumes",
        &["spec", "nodeAffinity", "required", "nodeSelectorTerms", "*", "matchExpressions", "*", "values", "*"],
        "each cluster has its own node",
    ),
    free("storageclasses", &["provisioner"], PROVISIONER),
    free("pods", &["status", "containerStatuses", "*", "imageID"], "each runtime names images its own way"),
    free("replicasets", &["metadata", "generation"], "in how many steps a rollout is done is up to the controller"),
    free("replicasets", &["status", "observedGeneration"], "as the generation"),
];

const PROVISIONER: &str = "each cluster has its own provisioner";

/// Fields that only one of them has.
const ONE_SIDED: &[Free] = &[
    free("pods", &["status", "hostIPs"], "the sandbox has one kind of address"),
    free("pods", &["status", "containerStatuses", "*", "containerID"], RUNTIME),
    free("pods", &["status", "containerStatuses", "*", "state", "terminated", "containerID"], RUNTIME),
    free("pods", &["status", "containerStatuses", "*", "lastState", "terminated", "containerID"], RUNTIME),
];

const RUNTIME: &str = "the sandbox has no container runtime";

/// Conditions that only one of them has, or has otherwise.
const CONDITIONS: &[Free] = &[
    free("persistentvolumeclaims", &["Unused"], "new in Kubernetes 1.37, not modelled; kchart does not read it"),
    free("pods", &["PodReadyToStartContainers"], "when the network of a Pod that ended is taken down; not read"),
];

/// Puts `<free>` where a value is free, and takes out what only one of two clusters has.
pub(super) fn freed(plural: &str, object: &mut Json) {
    // A patch is no object.
    if !object.is_object() {
        return;
    }
    own_words(object);
    unowned(object);
    in_order(plural, object);
    let of = |free: &&Free| free.of == "*" || free.of == plural;
    for free in ANY_VALUE.iter().filter(of) {
        at(object, free.path, &mut |value| *value = "<free>".into());
    }
    for free in ONE_SIDED.iter().filter(of) {
        let Some((last, above)) = free.path.split_last() else { continue };
        at(object, above, &mut |value| {
            if let Json::Object(fields) = value {
                fields.remove(*last);
            }
        });
    }
}

/// What kchart stored is its own text, compressed, with times and uids in it; the server only keeps it.
fn own_words(object: &mut Json) {
    let is_typed = object["type"].as_str().is_some_and(|kind| kind.starts_with("kchart.dev/"));
    // A change of a record has the record's marks alone.
    if is_typed || object.pointer("/metadata/labels/kchart.dev~1status").is_some() {
        at(object, &["data", "*"], &mut |value| *value = "<stored>".into());
    }
}

/// The sandbox's controllers write fields without owning them, and the real ones under names of their own (the played
/// kubelet and provisioner of tests/cluster under none).
fn unowned(object: &mut Json) {
    let Some(entries) = object.pointer_mut("/metadata/managedFields").and_then(Json::as_array_mut) else { return };
    entries.retain(|entry| {
        let manager = entry["manager"].as_str().unwrap_or_default();
        !["controller-manager", "scheduler", "kubelet", "provisioner", "apiserver", "unknown"]
            .iter()
            .any(|name| manager.ends_with(name))
    });
    // The server sorts by times of whole seconds.
    entries.sort_by_key(|entry| [&entry["manager"], &entry["operation"], &entry["subresource"]].map(Json::to_string));
    if entries.is_empty()
        && let Some(metadata) = object["metadata"].as_object_mut()
    {
        metadata.remove("managedFields");
    }
}

/// What is a map by its type, or a set, has no order.
fn in_order(plural: &str, object: &mut Json) {
    if let Some(conditions) = object.pointer_mut("/status/conditions").and_then(Json::as_array_mut) {
        let is_free = |kind: &Json| CONDITIONS.iter().any(|free| free.of == plural && kind == free.path[0]);
        conditions.retain(|condition| !is_free(&condition["type"]));
        conditions.sort_by_key(|condition| condition["type"].to_string());
    }
    if object.pointer("/status/conditions").is_some_and(|conditions| *conditions == Json::Array(Vec::new()))
        && let Some(status) = object["status"].as_object_mut()
    {
        status.remove("conditions");
    }
    if let Some(finalizers) = object.pointer_mut("/metadata/finalizers").and_then(Json::as_array_mut) {
        finalizers.sort_by_key(Json::to_string);
    }
}

/// Changes what is at a path, where there is something.
fn at(value: &mut Json, path: &[&str], change: &mut dyn FnMut(&mut Json)) {
    let Some((first, rest)) = path.split_first() else { return change(value) };
    match value {
        Json::Array(items) if *first == "*" => items.iter_mut().for_each(|item| at(item, rest, change)),
        Json::Object(fields) if *first == "*" => fields.values_mut().for_each(|field| at(field, rest, change)),
        Json::Object(fields) => {
            if let Some(field) = fields.get_mut(*first) {
                at(field, rest, change);
            }
        }
        _ => {}
    }
}
