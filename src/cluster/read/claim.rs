//! Claims.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use serde_json::Value as Json;

use super::owner;
use crate::plan::Claim;

/// Annotation that Kubernetes had before the field `storageClassName`, and still honours.
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

/// The claim in an object, with its namespace and name.
pub(crate) fn claim(object: Json) -> Option<((String, String), Claim)> {
    let PersistentVolumeClaim { metadata, spec, status } = serde_json::from_value(object).ok()?;
    let spec = spec.unwrap_or_default();
    let requested = spec.resources.and_then(|resources| resources.requests).and_then(|mut all| all.remove("storage"));
    let annotations = metadata.annotations.unwrap_or_default();
    let claim = Claim {
        uid: metadata.uid?,
        resource_version: metadata.resource_version.unwrap_or_default(),
        created: metadata.creation_timestamp?.0,
        terminating: metadata.deletion_timestamp.is_some(),
        labels: metadata.labels.unwrap_or_default(),
        volume: spec.volume_name.filter(|name| !name.is_empty()),
        class: spec.storage_class_name.or_else(|| annotations.get(CLASS_ANNOTATION).cloned()),
        size: requested.map(|size| size.0),
        bound: status.and_then(|status| status.phase).as_deref() == Some("Bound"),
        owners: metadata.owner_references.unwrap_or_default().iter().map(owner).collect(),
        annotations,
    };
    Some(((metadata.namespace?, metadata.name?), claim))
}
