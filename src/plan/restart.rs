//! Pods read Secrets and ConfigMaps when they start: a change of one restarts those that read it.
//!
//! The Pod template carries the revision in which what it reads last changed; never a hash of a Secret.

use std::collections::BTreeSet;

use super::references;
use super::scene::Scene;
use crate::object::{Object, ObjectId, marks};

/// The Secrets and ConfigMaps whose content is another one.
pub(super) struct Changes {
    /// In this run.
    pub(super) now: BTreeSet<ObjectId>,
    /// Since the last success.
    pub(super) before: BTreeSet<ObjectId>,
}

/// Whether a change of the template rolls the Pods of this kind.
fn rolls(id: &ObjectId) -> bool {
    id.group == "apps" && matches!(id.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet")
}

/// A workload with a stamp on its Pod template.
pub(super) struct Stamped {
    pub(super) object: Object,
    /// What changed of what it reads.
    pub(super) why: Option<String>,
}

/// Stamps a workload's Pod template where it is to have a stamp: one that is there stays without a change, so that
/// nothing restarts.
pub(super) fn stamp(scene: &Scene<'_>, object: &Object, changes: &Changes) -> Option<Stamped> {
    let path = object.id.pod_template().filter(|_| rolls(&object.id))?;
    let live = scene.facts.live.get(&object.id)?;
    let path: Vec<&str> = path.iter().copied().chain(["metadata", "annotations"]).collect();
    let before = live.body.at(&path).and_then(|node| node.str_at(&[marks::READS_CHANGED])).map(str::to_owned);
    let reads = references::reads(&object.id, &object.body);
    let mut cause: Vec<String> = reads.intersection(&changes.now).map(ToString::to_string).collect();
    if cause.is_empty() && !stamped_since_success(scene, before.as_deref()) {
        cause = reads.intersection(&changes.before).map(ToString::to_string).collect();
    }
    let (stamp, why) = if cause.is_empty() {
        (before?, None)
    } else {
        (scene.intent.revision.to_string(), Some(format!("reads {}, which changed", cause.join(", "))))
    };
    let mut object = object.clone();
    object.body.set(&path, marks::READS_CHANGED, stamp);
    Some(Stamped { object, why })
}

/// Whether a run after the last success has stamped the template already.
fn stamped_since_success(scene: &Scene<'_>, stamp: Option<&str>) -> bool {
    let success = scene.past.deployed().map_or(0, |record| record.revision);
    stamp.and_then(|stamp| stamp.parse().ok()).is_some_and(|revision: u32| revision > success)
}

/// What runs since the last success may have changed before they failed, without getting to the workloads.
pub(super) fn changed_before(scene: &Scene<'_>) -> BTreeSet<ObjectId> {
    let (Some(deployed), Some(newest)) = (scene.past.deployed(), scene.past.newest()) else { return BTreeSet::new() };
    if deployed.revision == newest.revision {
        return BTreeSet::new();
    }
    let content = |object: &Object| (object.body.get("data").cloned(), object.body.get("binaryData").cloned());
    scene
        .wanted
        .objects
        .iter()
        .filter(|object| object.id.is_secret() || object.id.is("", "ConfigMap"))
        .filter(|object| {
            let before = scene.deployed(&object.id);
            before.is_none_or(|before| content(before) != content(object))
        })
        .map(|object| object.id.clone())
        .collect()
}
