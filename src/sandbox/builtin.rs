//! The kinds that Kubernetes itself serves: those of the schema's table, with what OpenAPI does not say.

use std::borrow::Cow;

use super::served::Served;
use super::state::Kind;
use crate::schema::{self, Scope};

/// Short names (`ShortNames()` of the registries in `k8s.io/kubernetes/pkg/registry`).
const SHORT: &[(&str, &[&str])] = &[
    ("certificatesigningrequests", &["csr"]),
    ("configmaps", &["cm"]),
    ("cronjobs", &["cj"]),
    ("customresourcedefinitions", &["crd", "crds"]),
    ("daemonsets", &["ds"]),
    ("deployments", &["deploy"]),
    ("endpoints", &["ep"]),
    ("events", &["ev"]),
    ("horizontalpodautoscalers", &["hpa"]),
    ("ingresses", &["ing"]),
    ("limitranges", &["limits"]),
    ("namespaces", &["ns"]),
    ("networkpolicies", &["netpol"]),
    ("nodes", &["no"]),
    ("persistentvolumeclaims", &["pvc"]),
    ("persistentvolumes", &["pv"]),
    ("poddisruptionbudgets", &["pdb"]),
    ("pods", &["po"]),
    ("priorityclasses", &["pc"]),
    ("replicasets", &["rs"]),
    ("replicationcontrollers", &["rc"]),
    ("resourcequotas", &["quota"]),
    ("serviceaccounts", &["sa"]),
    ("services", &["svc"]),
    ("statefulsets", &["sts"]),
    ("storageclasses", &["sc"]),
];

/// Kinds with a `/scale`.
const WITH_SCALE: &[&str] = &["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];

/// All built-in kinds that can be stored.
pub(super) fn all() -> impl Iterator<Item = Served> {
    schema::kinds().filter(|kind| is_stored(kind.group, kind.kind)).map(served)
}

/// The built-in kind behind a path.
pub(super) fn find(fits: impl Fn(&schema::Kind) -> bool) -> Option<Served> {
    schema::kinds().find(|kind| is_stored(kind.group, kind.kind) && fits(kind)).map(served)
}

/// Reviews are answered and forgotten, and a few kinds only travel in requests.
fn is_stored(group: &str, kind: &str) -> bool {
    !kind.ends_with("Review")
        && !matches!(group, "authentication.k8s.io" | "authorization.k8s.io")
        && !matches!(kind, "Eviction" | "Binding" | "Scale" | "Status" | "DeleteOptions" | "WatchEvent")
}

fn served(kind: schema::Kind) -> Served {
    let short = SHORT.iter().find(|(plural, _)| *plural == kind.plural).map_or(&[][..], |(_, short)| short);
    let root = schema::kind(kind.group, kind.version, kind.kind);
    Served {
        kind: Kind::new(kind.group, kind.kind),
        version: Cow::Borrowed(kind.version),
        plural: Cow::Borrowed(kind.plural),
        singular: Cow::Owned(kind.kind.to_lowercase()),
        short: short.iter().map(|name| Cow::Borrowed(*name)).collect(),
        namespaced: kind.scope == Scope::Namespaced,
        status: root.is_some_and(|root| root.field("status").is_some()),
        scale: WITH_SCALE.contains(&kind.kind),
        custom: None,
    }
}
