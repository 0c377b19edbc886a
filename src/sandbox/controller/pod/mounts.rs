//! Volumes of a Pod: what they need to be mounted, and where the data behind a folder are.

use serde_json::Value;

use crate::sandbox::controller::{uid, volumes};
use crate::sandbox::json;
use crate::sandbox::state::{Key, State, kinds};

/// What keeps the volumes of a Pod from being mounted (`MountVolume.SetUp failed …`).
pub(super) fn missing(state: &State, pod: &Value) -> Result<(), String> {
    let namespace = json::text(pod, &["metadata", "namespace"]).unwrap_or_default();
    for volume in json::list(pod, &["spec", "volumes"]) {
        let name = json::text(volume, &["name"]).unwrap_or_default();
        let mut sources: Vec<&Value> = vec![volume];
        sources.extend(json::list(volume, &["projected", "sources"]));
        for source in sources {
            for (field, key, kind, word) in [
                ("secret", "secretName", &kinds::SECRET, "secret"),
                ("configMap", "name", &kinds::CONFIG_MAP, "configmap"),
            ] {
                let Some(part) = source.get(field) else { continue };
                // In a projected volume a Secret's field is `name`.
                let wanted = json::text(part, &[key]).or_else(|| json::text(part, &["name"])).unwrap_or_default();
                if part.get("optional") == Some(&Value::Bool(true)) {
                    continue;
                }
                let failed = |why: String| Err(format!("MountVolume.SetUp failed for volume {name:?} : {why}"));
                let Some(found) = state.get(&Key::new(kind, namespace, wanted)) else {
                    return failed(format!("{word} {wanted:?} not found"));
                };
                let keys = json::list(part, &["items"]).iter().filter_map(|item| json::text(item, &["key"]));
                let has =
                    |key: &str| ["data", "binaryData"].iter().any(|data| json::get(found, &[data, key]).is_some());
                if let Some(key) = keys.into_iter().find(|key| !has(key)) {
                    return failed(format!("references non-existent {word} key: {key}"));
                }
            }
        }
    }
    Ok(())
}

/// Where the data of a folder in a container are: on the volume that is mounted at it, above it or below it; else in
/// the container itself, which nothing outlives.
pub(super) fn data_location(state: &State, pod: &Value, container: &Value, folder: &str) -> String {
    let is_below = |inner: &str, outer: &str| {
        let outer = outer.trim_end_matches('/');
        inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
    };
    let mounts = json::list(container, &["volumeMounts"]).iter();
    let mut fitting: Vec<&Value> = mounts
        .filter(|mount| {
            let path = json::text(mount, &["mountPath"]).unwrap_or_default();
            is_below(path, folder) || is_below(folder, path)
        })
        .collect();
    // A file of a Secret mounted below the folder is not where the data are.
    fitting.retain(|mount| mount.get("subPath").is_none() || json::text(mount, &["mountPath"]) == Some(folder));
    for mount in fitting {
        let name = json::text(mount, &["name"]).unwrap_or_default();
        let Some(volume) =
            json::list(pod, &["spec", "volumes"]).iter().find(|volume| json::text(volume, &["name"]) == Some(name))
        else {
            continue;
        };
        let sub = json::text(mount, &["subPath"]).map(|sub| format!("/{sub}")).unwrap_or_default();
        if let Some(claim) = json::text(volume, &["persistentVolumeClaim", "claimName"]) {
            let namespace = json::text(pod, &["metadata", "namespace"]).unwrap_or_default();
            let claim = state.get(&Key::new(&kinds::CLAIM, namespace, claim));
            let bound = claim.and_then(|claim| json::text(claim, &["spec", "volumeName"]));
            if let Some(bound) = bound.and_then(|name| state.get(&Key::new(&kinds::VOLUME, "", name))) {
                return volumes::location(bound) + &sub;
            }
        }
        if let Some(path) = json::text(volume, &["hostPath", "path"]) {
            return format!("{path}{sub}");
        }
    }
    format!("{}{}", scratch(uid(pod)), json::text(container, &["name"]).unwrap_or_default())
}

/// The beginning of the locations that go with a Pod.
pub(super) fn scratch(pod_uid: &str) -> String {
    format!("pod:{pod_uid}/")
}
