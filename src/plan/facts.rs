//! What the cluster answered: everything that the planner may know.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;

use crate::diagnostic::Diagnostic;
use crate::object::ObjectId;
use crate::release::stored::ledger_name;
use crate::release::{Ledger, Release};
use crate::yaml::Node;

/// The answers to [`super::questions`].
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Namespaces that were asked for and exist.
    pub namespaces: BTreeSet<String>,
    /// Live objects of the kinds that were asked for.
    pub live: BTreeMap<ObjectId, Live>,
    /// Kinds (group, kind) that the server does not serve.
    pub unserved: BTreeSet<(String, String)>,
    /// Kinds (group, kind) that the server serves without a namespace.
    pub cluster_scoped: BTreeSet<(String, String)>,
    /// Claims by namespace and name.
    pub claims: BTreeMap<(String, String), Claim>,
    /// Volumes by name.
    pub volumes: Known<BTreeMap<String, Volume>>,
    /// Storage classes by name.
    pub classes: Known<BTreeMap<String, Class>>,
    /// Ledgers of the namespaces that were asked for, also those of other releases.
    pub ledgers: Vec<Ledger>,
    /// Ledgers that are there and can't be read.
    pub unread_ledgers: Vec<UnreadLedger>,
    /// Which Pods mount a claim: (namespace, claim) to Pods that have not ended.
    pub mounted_by: BTreeMap<(String, String), Vec<Mounter>>,
}

/// A ledger that is there and says nothing: it is damaged, a newer kchart wrote it, or it may not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadLedger {
    /// Whose it is.
    pub release: Release,
    /// The namespace of the claims that it may know.
    pub about: String,
    /// Why it can't be read.
    pub why: String,
}

impl UnreadLedger {
    /// It is needed, for a claim or volume of its release.
    pub fn told(&self, reference: &str) -> Diagnostic {
        let Release { namespace, name } = &self.release;
        Diagnostic::error(format!("what opens `{reference}`, of release `{name}`, can't be told: {}", self.why))
            .hint(format!("look at what is stored: `kubectl get secret {} -n {namespace} -o yaml`", ledger_name(name)))
    }
}

/// A Pod that mounts a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounter {
    /// Name of the Pod.
    pub pod: String,
    /// Its controller, as `Kind/name` (`ReplicaSet/web-5d9c`), if it has one.
    pub controller: Option<String>,
}

/// An answer that needs rights which the user may lack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// It could be read.
    Yes(T),
    /// It could not; why, in the server's words.
    No(String),
}

impl<T> Known<T> {
    /// The answer, if it could be read.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Yes(value) => Some(value),
            Self::No(_) => None,
        }
    }
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self::No("not asked for".into())
    }
}

/// An object in the cluster.
#[derive(Clone)]
pub struct Live {
    /// The served API version it was read with.
    pub version: String,
    /// Its uid.
    pub uid: String,
    /// Its resource version.
    pub resource_version: String,
    /// The whole object, `metadata.managedFields` included.
    pub body: Node,
}

impl fmt::Debug for Live {
    /// The body may hold secrets: left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("uid", &self.uid).field("version", &self.version).finish_non_exhaustive()
    }
}

/// A PersistentVolumeClaim.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its uid.
    pub uid: String,
    /// Its resource version.
    pub resource_version: String,
    /// When it was made.
    pub created: Timestamp,
    /// Whether it is being deleted.
    pub terminating: bool,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// `spec.volumeName`.
    pub volume: Option<String>,
    /// `spec.storageClassName`.
    pub class: Option<String>,
    /// Requested size, as the server writes it.
    pub size: Option<String>,
    /// Whether it is bound.
    pub bound: bool,
    /// Owners that take it with them: `Kind/name`.
    pub owners: Vec<String>,
}

/// A PersistentVolume.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Its uid.
    pub uid: String,
    /// Its resource version.
    pub resource_version: String,
    /// Its phase.
    pub phase: Phase,
    /// Its reclaim policy.
    pub reclaim: Reclaim,
    /// The policy that it had before a purge switched it.
    pub reclaim_before: Option<Reclaim>,
    /// Its storage class.
    pub class: Option<String>,
    /// Its capacity, as the server writes it.
    pub capacity: Option<String>,
    /// The claim it belongs or belonged to: namespace, name, uid.
    pub claim: Option<(String, String, Option<String>)>,
    /// The provisioner that made it (`pv.kubernetes.io/provisioned-by`), if one did.
    pub provisioner: Option<String>,
    /// Where its data lies, in words: `hostPath /data/x`, `csi disk-17`.
    pub location: String,
    /// How it is mounted: a claim that is to be bound to it has to ask for the same.
    pub mounting: Mounting,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it came into its phase.
    pub in_phase_since: Option<Timestamp>,
    /// Whether it is being deleted.
    pub terminating: bool,
}

/// How a volume is mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mounting {
    /// `ReadWriteOnce` and so on.
    pub modes: Vec<String>,
    /// `Filesystem` or `Block`.
    pub mode: Option<String>,
}

/// `status.phase` of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Being made.
    Pending,
    /// Free.
    Available,
    /// Bound to its claim.
    Bound,
    /// Its claim is gone.
    Released,
    /// Its reclaim failed.
    Failed,
}

/// `spec.persistentVolumeReclaimPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reclaim {
    /// The object stays when its claim goes.
    Retain,
    /// Its provisioner erases it.
    Delete,
    /// Deprecated: scrubbed and offered again.
    Recycle,
}

/// A StorageClass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its provisioner.
    pub provisioner: String,
    /// Reclaim policy of the volumes it makes.
    pub reclaim: Reclaim,
    /// Whether volumes can grow.
    pub expands: bool,
    /// Whether it binds only when a Pod uses the claim.
    pub waits_for_consumer: bool,
    /// Whether it is the default.
    pub default: bool,
}
