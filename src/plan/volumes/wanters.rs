//! Who would miss a claim that nobody mounts now.

use super::Estate;
use crate::object::ObjectId;
use crate::plan::pods;
use crate::release::Release;

/// Who wants a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanters {
    /// Workloads whose Pods mount it when they run.
    pub workloads: Vec<ObjectId>,
    /// Releases whose stored revisions want it.
    pub releases: Vec<Release>,
}

impl Wanters {
    /// Whether nobody does.
    pub fn is_empty(&self) -> bool {
        self.workloads.is_empty() && self.releases.is_empty()
    }
}

/// Who wants a claim of this name. A set wants what its templates have made, whatever it runs now: its Pods find it
/// again when it has more replicas.
pub(super) fn wanters(estate: &Estate, namespace: &str, claim: &str) -> Wanters {
    let id = ObjectId::claim(namespace, claim);
    let live = estate.facts.live.iter().filter(|(id, _)| {
        // Pods that have not ended are known by what they mount.
        pods::runs_pods(id) && !id.is("", "Pod") && id.namespace.as_deref() == Some(namespace)
    });
    let workloads = live.filter(|(id, live)| pods::may_mount(id, &live.body, claim));
    let releases = estate.tenants.iter().filter(|tenant| tenant.wants(&id));
    Wanters {
        workloads: workloads.map(|(id, _)| id.clone()).collect(),
        releases: releases.map(|tenant| tenant.release.clone()).collect(),
    }
}
