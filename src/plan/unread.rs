//! Ledgers of other releases that can't be read: what they know of the Secrets beside them is not known, so that no such
//! Secret is taken away, and a change of one is said to be a hazard.

use std::collections::BTreeSet;

use super::deploy::Decided;
use super::rotation::Rotation;
use super::scene::Scene;
use super::{Change, Hazard, UnreadLedger};
use crate::object::ObjectId;

/// Why a Secret stays that is of no use any more to its release.
pub(super) fn reason_to_stay(scene: &Scene<'_>, id: &ObjectId) -> Option<String> {
    beside(scene, id).next().map(|it| format!("may open volumes of release `{}`: {}", it.release.name, it.why))
}

/// What changes beside such a ledger.
pub(super) fn hazards(scene: &Scene<'_>, objects: &[Decided<'_>], rotations: &[Rotation<'_>]) -> Vec<Hazard> {
    let changed = objects.iter().filter(|it| it.verdict.change == Change::Update).map(|it| it.object.id.clone());
    let rotated = rotations.iter().map(|it| ObjectId::secret(&it.key.namespace, &it.key.secret));
    let told = |id: ObjectId| {
        let ledger = beside(scene, &id).next()?;
        let message = format!(
            "nothing tells whether `{id}` opens volumes of release `{}`, which would not be told of the change: {}",
            ledger.release.name, ledger.why
        );
        Some(Hazard { id: Some(id), message })
    };
    let changed: BTreeSet<ObjectId> = changed.chain(rotated).collect();
    changed.into_iter().filter_map(told).collect()
}

fn beside<'a>(scene: &Scene<'a>, id: &ObjectId) -> impl Iterator<Item = &'a UnreadLedger> {
    let others = scene.facts.unread_ledgers.iter().filter(|it| it.release != scene.intent.release);
    others.filter(move |it| id.is_secret() && id.namespace.as_deref() == Some(it.about.as_str()))
}
