//! Volumes.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeSpec};
use serde_json::Value as Json;

use crate::object::marks::RECLAIM_BEFORE;
use crate::plan::{Mounting, Phase, Reclaim, Volume};

/// Annotation that a provisioner leaves on what it made.
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

/// The volume in an object, with its name.
pub(crate) fn volume(object: Json) -> Option<(String, Volume)> {
    let source = kind_of_source(&object);
    let PersistentVolume { metadata, spec, status } = serde_json::from_value(object).ok()?;
    let spec = spec.unwrap_or_default();
    let location = location(&spec).or(source).unwrap_or_else(|| "unknown".into());
    let status = status.unwrap_or_default();
    let claim = spec.claim_ref.and_then(|claim| Some((claim.namespace?, claim.name?, claim.uid)));
    let mut annotations = metadata.annotations.unwrap_or_default();
    let mut annotation = |name: &str| annotations.remove(name);
    let read = Volume {
        uid: metadata.uid?,
        resource_version: metadata.resource_version.unwrap_or_default(),
        phase: status.phase.as_deref().map_or(Phase::Pending, phase),
        // The API's default for volumes made by hand.
        reclaim: spec.persistent_volume_reclaim_policy.as_deref().and_then(reclaim).unwrap_or(Reclaim::Retain),
        class: spec.storage_class_name.filter(|name| !name.is_empty()),
        capacity: spec.capacity.and_then(|mut all| all.remove("storage")).map(|size| size.0),
        claim,
        reclaim_before: annotation(RECLAIM_BEFORE).as_deref().and_then(reclaim),
        provisioner: annotation(PROVISIONED_BY),
        location,
        mounting: Mounting { modes: spec.access_modes.unwrap_or_default(), mode: spec.volume_mode },
        created: metadata.creation_timestamp.map(|time| time.0),
        in_phase_since: status.last_phase_transition_time.map(|time| time.0),
        terminating: metadata.deletion_timestamp.is_some(),
    };
    Some((metadata.name?, read))
}

/// `status.phase`; a word that is not known is no phase in which anything is done.
pub(crate) fn phase(word: &str) -> Phase {
    match word {
        "Available" => Phase::Available,
        "Bound" => Phase::Bound,
        "Released" => Phase::Released,
        "Failed" => Phase::Failed,
        _ => Phase::Pending,
    }
}

/// A reclaim policy.
pub(crate) fn reclaim(word: &str) -> Option<Reclaim> {
    match word {
        "Retain" => Some(Reclaim::Retain),
        "Delete" => Some(Reclaim::Delete),
        "Recycle" => Some(Reclaim::Recycle),
        _ => None,
    }
}

/// Where the data lies, where that can be said in a few words.
fn location(spec: &PersistentVolumeSpec) -> Option<String> {
    let csi = spec.csi.as_ref().map(|csi| format!("csi {} {}", csi.driver, csi.volume_handle));
    let host = || spec.host_path.as_ref().map(|path| format!("hostPath {}", path.path));
    let local = || spec.local.as_ref().map(|local| format!("local {}", local.path));
    let nfs = || spec.nfs.as_ref().map(|nfs| format!("nfs {}:{}", nfs.server, nfs.path));
    csi.or_else(host).or_else(local).or_else(nfs)
}

/// The kind of a volume's source, for those without words of their own: `rbd`, `iscsi`.
fn kind_of_source(object: &Json) -> Option<String> {
    const SETTINGS: [&str; 9] = [
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    ];
    let spec = object.get("spec")?.as_object()?;
    spec.keys().find(|key| !SETTINGS.contains(&key.as_str())).cloned()
}
