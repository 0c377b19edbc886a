//! Identity of an object. The version is an attribute, not a part of it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Group, kind, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectId {
    /// API group; empty for the core group.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Kind, as in `kind:`.
    pub kind: String,
    /// Namespace; none for cluster-scoped objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl ObjectId {
    /// A namespaced object.
    pub fn namespaced(group: &str, kind: &str, namespace: &str, name: &str) -> Self {
        Self { group: group.into(), kind: kind.into(), namespace: Some(namespace.into()), name: name.into() }
    }

    /// A cluster-scoped object.
    pub fn cluster(group: &str, kind: &str, name: &str) -> Self {
        Self { group: group.into(), kind: kind.into(), namespace: None, name: name.into() }
    }

    /// A claim (PersistentVolumeClaim).
    pub fn claim(namespace: &str, name: &str) -> Self {
        Self::namespaced("", "PersistentVolumeClaim", namespace, name)
    }

    /// A volume (PersistentVolume).
    pub fn volume(name: &str) -> Self {
        Self::cluster("", "PersistentVolume", name)
    }

    /// A Secret.
    pub fn secret(namespace: &str, name: &str) -> Self {
        Self::namespaced("", "Secret", namespace, name)
    }

    /// Whether it is of this group and kind.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }

    /// Whether it is a claim.
    pub fn is_claim(&self) -> bool {
        self.is("", "PersistentVolumeClaim")
    }

    /// Whether it is a Secret.
    pub fn is_secret(&self) -> bool {
        self.is("", "Secret")
    }

    /// Where the Pod template stands in a kind that runs Pods; a Pod is its own.
    pub fn pod_template(&self) -> Option<&'static [&'static str]> {
        match (self.group.as_str(), self.kind.as_str()) {
            ("", "Pod") => Some(&[]),
            ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | ("batch", "Job")
            | ("", "ReplicationController") => Some(&["spec", "template"]),
            ("batch", "CronJob") => Some(&["spec", "jobTemplate", "spec", "template"]),
            _ => None,
        }
    }
}

impl fmt::Display for ObjectId {
    /// `Deployment/web`; kinds outside well-known groups are shown with theirs: `Certificate.cert-manager.io/web`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let builtin = !self.group.contains('.') || self.group.ends_with(".k8s.io");
        if builtin {
            write!(f, "{}/{}", self.kind, self.name)
        } else {
            write!(f, "{}.{}/{}", self.kind, self.group, self.name)
        }
    }
}
