//! Volumes whose reclaim policy a purge had switched when its run died: they get theirs back as soon as a run that keeps
//! their claim sees them. Else their data would go with the claim, whoever deletes that.

use super::graph::Graph;
use super::ownership::Owner;
use super::scene::Scene;
use super::{Act, Change, Expect, FieldDiff, Line, Reclaim, Volume, fate};
use crate::object::{FieldPath, ObjectId};
use crate::yaml::Node;

/// A volume that gets its policy back.
pub(super) struct Switched<'a> {
    name: &'a str,
    volume: &'a Volume,
    policy: Reclaim,
}

/// The volumes of the release's claims, and of those that it takes over, that a purge left switched; none where volumes may
/// not be read.
pub(super) fn switched<'a>(scene: &Scene<'a>) -> Vec<Switched<'a>> {
    let Some(volumes) = scene.facts.volumes.get() else { return Vec::new() };
    // A claim that is going takes its volume along, as it was told.
    let claims = scene.facts.claims.iter().filter(|(_, claim)| !claim.terminating);
    claims
        .filter(|((namespace, name), claim)| {
            scene.claim_owner(namespace, name, claim) == Owner::Ours
                || scene.wanted.get(&ObjectId::claim(namespace, name)).is_some()
        })
        .filter_map(|(_, claim)| {
            let (name, volume) = volumes.get_key_value(claim.volume.as_ref()?)?;
            let policy = volume.reclaim_before.filter(|before| *before != volume.reclaim)?;
            fate::belongs(volume, claim).then_some(Switched { name, volume, policy })
        })
        .collect()
}

impl Switched<'_> {
    /// Adds the step.
    pub(super) fn restore(&self, graph: &mut Graph) {
        let act = Act::SetReclaim { volume: self.name.to_owned(), policy: self.policy, restore: None };
        graph.add(act, Expect::Uid(self.volume.uid.clone(), None), []);
    }

    /// What the report lists.
    pub(super) fn line(&self) -> Line {
        let node = |policy: Reclaim| Some(Node::new(format!("{policy:?}")));
        let field = FieldDiff {
            path: FieldPath::keys(&["spec", "persistentVolumeReclaimPolicy"]),
            live: node(self.volume.reclaim),
            wanted: node(self.policy),
            secret: false,
        };
        let why = Some("a purge that was cut off had switched its reclaim policy".to_owned());
        Line { id: ObjectId::volume(self.name), change: Change::Update, why, fields: vec![field] }
    }

    /// The same as a sentence.
    pub(super) fn note(&self) -> String {
        format!(
            "volume `{}` gets its reclaim policy {:?} back, which a purge that was cut off had switched to {:?}",
            self.name, self.policy, self.volume.reclaim
        )
    }
}
