//! The data that ledgers know of: of claims that are there, and of claims that are gone while their volume stays.
//!
//! A volume outlives its claim where its policy is Retain or its provisioner is down. It can be bound again
//! (`kchart volumes adopt`), so that what opens it is worth as much as before.

use std::collections::BTreeMap;

use super::scene::Scene;
use super::{Claim, Facts, Goal, Known, Volume};
use crate::release::{Entry, Ledger};

/// Data that a ledger knows, and that are there or may be.
pub(super) struct Proven<'a> {
    /// The ledger.
    pub(super) ledger: &'a Ledger,
    /// What it knows.
    pub(super) entry: &'a Entry,
    /// Where they are.
    pub(super) place: Place<'a>,
}

/// Where data are.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// Their claim is there.
    Claimed(&'a Claim),
    /// Their claim is gone, their volume is not.
    Left(&'a str, &'a Volume),
    /// Their claim is gone, and volumes may not be read.
    Unseen(&'a str),
}

/// All data that the release's ledger knows, and those of the other ledgers that were asked for.
pub(super) fn proven<'a>(scene: &Scene<'a>) -> Vec<Proven<'a>> {
    let others = scene.facts.ledgers.iter().filter(|ledger| ledger.release != scene.intent.release);
    of_ledgers(scene.past.ledger.iter().chain(others), scene.facts)
}

/// All data that some ledgers know. A volume that is on its way out counts no more.
pub(super) fn of_ledgers<'a>(ledgers: impl IntoIterator<Item = &'a Ledger>, facts: &'a Facts) -> Vec<Proven<'a>> {
    let volumes = Volumes::new(&facts.volumes);
    let of_ledger = |ledger: &'a Ledger| {
        let found = ledger.entries.iter().filter_map(|entry| {
            let claim = facts.claims.get(&(ledger.namespace_of(entry).to_owned(), entry.claim.clone()));
            let place = match claim.filter(|claim| claim.uid == entry.uid) {
                Some(claim) => Place::Claimed(claim),
                None => volumes.of(ledger, entry)?,
            };
            Some(Proven { ledger, entry, place })
        });
        found.collect::<Vec<_>>()
    };
    ledgers.into_iter().flat_map(of_ledger).collect()
}

impl Proven<'_> {
    /// The name that a person looks for: of the claim, or of the volume that has none any more.
    pub(super) fn name(&self) -> &str {
        match self.place {
            Place::Claimed(_) => &self.entry.claim,
            Place::Left(volume, _) => volume,
            Place::Unseen(_) => self.entry.volume.as_ref().unwrap_or(&self.entry.claim),
        }
    }

    /// The namespace of its claim, and of what opens it.
    pub(super) fn namespace(&self) -> &str {
        self.ledger.namespace_of(self.entry)
    }

    /// Whether it is the release's own.
    pub(super) fn is_own(&self, scene: &Scene<'_>) -> bool {
        self.ledger.release == scene.intent.release
    }

    /// Whether they go with the release: what a purge takes, its claims aside, which are looked at one by one.
    pub(super) fn goes_in_a_purge(&self, scene: &Scene<'_>) -> bool {
        scene.intent.goal == Goal::Purged && self.is_own(scene) && !matches!(self.place, Place::Claimed(_))
    }
}

/// Volumes by the uid of their claim, and those that wait for a claim of some name.
struct Volumes<'a> {
    known: &'a Known<BTreeMap<String, Volume>>,
    by_claim: BTreeMap<&'a str, (&'a str, &'a Volume)>,
}

impl<'a> Volumes<'a> {
    fn new(known: &'a Known<BTreeMap<String, Volume>>) -> Self {
        let all = known.get().into_iter().flatten();
        let of_claims = all.filter_map(|(name, volume)| {
            let uid = volume.claim.as_ref()?.2.as_deref()?;
            Some((uid, (name.as_str(), volume)))
        });
        Self { known, by_claim: of_claims.collect() }
    }

    /// The volume of an entry whose claim is gone.
    fn of(&self, ledger: &Ledger, entry: &'a Entry) -> Option<Place<'a>> {
        let volumes = match self.known {
            Known::Yes(volumes) => volumes,
            Known::No(why) => return Some(Place::Unseen(why)),
        };
        let (name, volume) = match self.by_claim.get(entry.uid.as_str()) {
            Some(found) => *found,
            // An adoption that was cut off has taken the uid away, and made no claim yet.
            None => volumes.get_key_value(entry.volume.as_ref()?).map(|(name, volume)| (name.as_str(), volume))?,
        };
        let is_its = volume.claim.as_ref().is_some_and(|(namespace, _, uid)| {
            namespace == ledger.namespace_of(entry) && uid.as_ref().is_none_or(|uid| *uid == entry.uid)
        });
        (is_its && !volume.terminating).then_some(Place::Left(name, volume))
    }
}
