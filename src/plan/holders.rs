//! Which Pods hold a claim, and which of them are the release's: a claim that is deleted goes when the last one ends
//! (`kubernetes.io/pvc-protection`).

use std::collections::BTreeSet;

use super::Mounter;
use super::ownership::Owner;
use super::scene::Scene;

/// Kind, namespace and name of all that the release has or had.
pub(super) struct Ours<'a>(BTreeSet<(&'a str, &'a str, &'a str)>);

impl<'a> Ours<'a> {
    /// Reads them from the records and from what lives.
    pub(super) fn new(scene: &Scene<'a>) -> Self {
        let inventory = scene.past.records.iter().flat_map(|record| &record.inventory).map(|item| &item.id);
        let live = scene.facts.live.iter().filter(|(id, live)| scene.owner(id, live) == Owner::Ours).map(|(id, _)| id);
        let all = inventory.chain(live);
        let place = all.map(|id| (id.kind.as_str(), id.namespace.as_deref().unwrap_or_default(), id.name.as_str()));
        Self(place.collect())
    }

    /// Whether a Pod belongs to a workload of the release, be it gone already: a Deployment and a `CronJob` have their
    /// Pods through one more object, whose name begins with theirs.
    pub(super) fn runs(&self, namespace: &str, mounter: &Mounter) -> bool {
        let (kind, name) = match &mounter.controller {
            Some(controller) => controller.split_once('/').unwrap_or(("", controller)),
            None => ("Pod", mounter.pod.as_str()),
        };
        let ours = |kind: &str, name: &str| self.0.contains(&(kind, namespace, name));
        let parent = name.rsplit_once('-').map_or("", |(parent, _)| parent);
        ours(kind, name)
            || (kind == "ReplicaSet" && ours("Deployment", parent))
            || (kind == "Job" && ours("CronJob", parent))
    }
}

/// The Pods that hold a claim.
pub(super) fn of<'a>(scene: &Scene<'a>, namespace: &str, claim: &str) -> &'a [Mounter] {
    let key = (namespace.to_owned(), claim.to_owned());
    scene.facts.mounted_by.get(&key).map(Vec::as_slice).unwrap_or_default()
}
