//! What the planner must know.

use std::collections::BTreeSet;

/// A question about the cluster. `cluster` answers all of them at once, with few requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// Does this namespace exist?
    Namespace(String),
    /// All objects of a kind in a namespace (or of a cluster-scoped kind). Secrets that hold records or ledgers are
    /// left out.
    Objects {
        /// API group; empty for the core group.
        group: String,
        /// Kind.
        kind: String,
        /// The version that the chart used; the server may prefer another.
        version: String,
        /// Namespace; none for cluster-scoped kinds.
        namespace: Option<String>,
    },
    /// All claims of a namespace, as [`super::Claim`]; where one is being deleted, also the Pods: who mounts which claim.
    Claims(String),
    /// All volumes, if they may be read.
    Volumes,
    /// All volumes, if they may be read, X
    VolumesOfGone(BTreeSet<String>),
    /// All storage classes, if they may be read.
    Classes,
    /// The ledgers of all releases of a namespace, and of those of others that have claims in it: a Secret may open a
    /// claim of another release. Goes with the question for the claims.
    Ledgers(String),
    /// The Pods of a namespace: who mounts which claim.
    Pods(String),
}
