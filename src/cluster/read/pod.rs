//! Pods: which claims they mount.

use k8s_openapi::api::core::v1::Pod;
use serde_json::Value as Json;

use super::owner;
use crate::plan::Mounter;
use crate::yaml::Node;

/// The claims that a Pod mounts, with its namespace and what it is. None for a Pod that has ended: the kubelet
/// unmounts its volumes, and it does not hold claims back (`pvc-protection` looks the same way).
pub(crate) fn mounter(object: Json) -> Option<(String, Vec<String>, Mounter)> {
    let pod: Pod = serde_json::from_value(object).ok()?;
    let claims = mounted(&pod);
    let references = pod.metadata.owner_references.unwrap_or_default();
    let controller = references.iter().find(|reference| reference.controller == Some(true)).map(owner);
    (!claims.is_empty()).then_some((pod.metadata.namespace?, claims, Mounter { pod: pod.metadata.name?, controller }))
}

/// As [`mounter`], the claims alone, of a Pod as a watch saw it.
pub(crate) fn mounts(pod: &Node) -> Vec<String> {
    serde_json::from_value(pod.to_json()).map(|pod| mounted(&pod)).unwrap_or_default()
}

fn mounted(pod: &Pod) -> Vec<String> {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    if matches!(phase, Some("Succeeded" | "Failed")) {
        return Vec::new();
    }
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    let claims = volumes.filter_map(|volume| match (&volume.persistent_volume_claim, &volume.ephemeral) {
        (Some(claim), _) => Some(claim.claim_name.clone()),
        // A generic ephemeral volume is a claim named after its Pod (Kubernetes docs, "Ephemeral Volumes").
        (None, Some(_)) => Some(format!("{name}-{}", volume.name)),
        (None, None) => None,
    });
    claims.collect()
}
