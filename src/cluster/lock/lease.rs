//! A Lease as the API shows it (`coordination.k8s.io/v1`).

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::Holder;
use crate::cluster::kinds::Kind;
use crate::object::ObjectId;
use crate::release::Release;

/// Seconds after which a Lease that did not change counts as abandoned.
pub(super) const DURATION: u64 = 15;

/// What is read of a Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) uid: String,
    pub(super) version: String,
    /// None where nobody holds it.
    pub(super) holder: Option<String>,
    /// Since when, by the holder's own clock: only to be shown.
    pub(super) since: Option<String>,
    transitions: i64,
}

impl Lease {
    pub(super) fn read(json: &Json) -> Self {
        let text = |pointer: &str| json.pointer(pointer).and_then(Json::as_str).map(str::to_owned);
        Self {
            uid: text("/metadata/uid").unwrap_or_default(),
            version: text("/metadata/resourceVersion").unwrap_or_default(),
            holder: text("/spec/holderIdentity").filter(|holder| !holder.is_empty()),
            since: text("/spec/acquireTime").map(|time| seconds(&time)),
            transitions: json.pointer("/spec/leaseTransitions").and_then(Json::as_i64).unwrap_or(0),
        }
    }

    pub(super) fn is_of(&self, holder: &Holder) -> bool {
        self.holder.as_deref() == Some(holder.0.as_str())
    }

    /// `host, process 7 …, since 2026-11-24T18:36:36Z`.
    pub(super) fn words(&self) -> String {
        let holder = self.holder.as_deref().unwrap_or("nobody");
        let shown: String = holder.chars().filter(|char| !char.is_control()).take(400).collect();
        match &self.since {
            Some(since) => format!("`{shown}` since {since}"),
            None => format!("`{shown}`"),
        }
    }

    /// The change that makes the Lease another's, if it is still the one that was read.
    pub(super) fn taken_by(&self, holder: &Holder, now: Timestamp) -> Json {
        let mut spec = held_by(holder, now);
        spec["leaseTransitions"] = (self.transitions + 1).into();
        json!({"metadata": {"uid": self.uid, "resourceVersion": self.version}, "spec": spec})
    }

    /// The change that shows that the holder still lives.
    pub(super) fn renewed(uid: &str, version: &str, now: Timestamp) -> Json {
        json!({"metadata": {"uid": uid, "resourceVersion": version}, "spec": {"renewTime": micro(now)}})
    }
}

/// The Lease of a release, held from now on.
pub(super) fn fresh(id: &ObjectId, holder: &Holder, now: Timestamp) -> Json {
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": id.name, "namespace": id.namespace, "labels": {"app.kubernetes.io/managed-by": "kchart"}},
        "spec": held_by(holder, now),
    })
}

fn held_by(holder: &Holder, now: Timestamp) -> Json {
    let now = micro(now);
    json!({"holderIdentity": holder.0, "leaseDurationSeconds": DURATION, "acquireTime": now, "renewTime": now})
}

/// Which Lease is the lock of a release.
pub(super) fn id(release: &Release) -> ObjectId {
    let name = format!("kchart-{}", release.name);
    ObjectId::namespaced("coordination.k8s.io", "Lease", &release.namespace, &name)
}

pub(super) fn kind() -> Kind {
    Kind::new("coordination.k8s.io", "v1", "Lease", "leases", true)
}

/// A `MicroTime`: always six digits (`apimachinery/pkg/apis/meta/v1/micro_time.go`).
fn micro(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// The same for people.
fn seconds(time: &str) -> String {
    time.parse::<Timestamp>().map_or_else(|_| time.to_owned(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
