//! The order in which objects are shown: Helm's order of kinds, then the name. The plan has an order of its own.

use crate::object::Object;

/// Helm's `InstallOrder` (`pkg/release/v1/util/kind_sorter.go` of Helm 4).
const KINDS: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Sorts; kinds that Helm does not know come last, by name.
pub(super) fn sort(objects: &mut [Object]) {
    let position = |kind: &str| KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len());
    objects.sort_by_cached_key(|object| {
        let id = &object.id;
        (position(&id.kind), id.kind.clone(), id.group.clone(), id.namespace.clone(), id.name.clone())
    });
}
