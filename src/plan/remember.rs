//! What the ledger is to know of each claim, before anything writes to it.

use std::collections::BTreeSet;

use super::LedgerDraft;
use super::claims::{Judgement, hashing};
use super::compared::id_of;
use super::credentials::{Opening, of_claim};
use super::formats::Images;
use super::renamed::outdated;
use super::rotation::Rotation;
use super::same::bytes;
use super::scene::{Scene, generated};
use crate::object::ObjectId;
use crate::release::{Credential, CredentialKind, Lifetime};

/// The drafts of all wanted claims, and whether one of them is news to the ledger.
pub(super) fn drafts(
    scene: &Scene<'_>,
    claims: &[&ObjectId],
    openings: &[Opening],
    images: &Images,
    Judgement { unverified, disproven, .. }: &Judgement,
    rotations: &[Rotation<'_>],
) -> (Vec<LedgerDraft>, bool) {
    let mut news = false;
    let mut drafts = Vec::new();
    for id in claims {
        let namespace = id.namespace.as_deref().unwrap_or_default();
        let claim = scene.claim(namespace, &id.name);
        let entry = claim.and_then(|claim| scene.entry(claim));
        let mut credentials = entry.map(|entry| entry.credentials.clone()).unwrap_or_default();
        let named = |it: &Credential| (namespace.to_owned(), id.name.clone(), it.secret.clone(), it.key.clone());
        credentials.retain(|it| !disproven.contains(&named(it)));
        for opening in of_claim(openings, namespace, &id.name) {
            let mut credential = credential(scene, opening);
            let is_it = |known: &&mut Credential| (&known.secret, &known.key) == (&opening.secret, &opening.key);
            if unverified.contains(&id_of(opening)) {
                credential.hash = None;
                credentials.iter_mut().filter(is_it).for_each(|known| known.hash = None);
                // A Secret proves what was generated into it, not what somebody gave for it.
                if credential.kind == CredentialKind::Generated {
                    credential.kind = CredentialKind::Given;
                }
            }
            if let Some(rotation) = rotations.iter().find(|rotation| rotation.is_of(opening)) {
                // The hash that is known is that of the old value.
                credentials.iter_mut().filter(is_it).for_each(|known| known.hash = None);
                // Nor does it open the claim under other names that it had.
                let values = rotation.outdated(scene);
                let gone = entry.map(|entry| outdated(scene, entry, openings, &values)).unwrap_or_default();
                credentials.retain(|known| !gone.iter().any(|it| (&it.secret, &it.key) == (&known.secret, &known.key)));
            }
            merge(&mut credentials, credential);
        }
        let initialises = || Some(images.get(&(namespace.to_owned(), id.name.clone()))?.name.clone());
        let image = match entry {
            Some(entry) => entry.image.clone(),
            None if claim.is_none() => initialises(),
            None => None,
        };
        let image_ready = entry.is_some_and(|entry| entry.image_ready);
        news |= entry.is_none_or(|entry| entry.image != image || entry.credentials != credentials);
        drafts.push(LedgerDraft { claim: (*id).clone(), image, image_ready, credentials });
    }
    (drafts, news)
}

/// The drafts as they are when all is ready: with the images that were seen to work on their claims, and with the
/// credentials (namespace, claim, Secret, key) that logged in.
pub(super) fn seen_ready(
    scene: &Scene<'_>,
    drafts: &[LedgerDraft],
    awaited: &Images,
    logged_in: &BTreeSet<(&str, &str, &str, &str)>,
) -> Vec<LedgerDraft> {
    let seen = |draft: &LedgerDraft| {
        let mut draft = draft.clone();
        let namespace = draft.claim.namespace.clone().unwrap_or_default();
        if let Some(image) = awaited.get(&(namespace.clone(), draft.claim.name.clone())) {
            draft.image = Some(image.name.clone());
            draft.image_ready = true;
        }
        let LedgerDraft { claim, credentials, .. } = &mut draft;
        for it in credentials.iter_mut().filter(|it| it.hash.is_none() && it.kind != CredentialKind::Generated) {
            if logged_in.contains(&(namespace.as_str(), claim.name.as_str(), it.secret.as_str(), it.key.as_str())) {
                it.hash = scene.value_after(&namespace, &it.secret, &it.key).map(|value| hashing(scene).hash(&value));
            }
        }
        draft
    };
    drafts.iter().map(seen).collect()
}

/// Whether the ledger lacks the volume of a claim that has one by now.
pub(super) fn lacks_volumes(scene: &Scene<'_>, claims: &[&ObjectId]) -> bool {
    claims.iter().any(|id| {
        let claim = scene.claim(id.namespace.as_deref().unwrap_or_default(), &id.name);
        claim.is_some_and(|claim| scene.entry(claim).is_none_or(|entry| entry.volume != claim.volume))
    })
}

fn credential(scene: &Scene<'_>, opening: &Opening) -> Credential {
    let Opening { namespace, secret, key, lifetime, .. } = opening;
    let wanted = scene.wanted_value(namespace, secret, key);
    let (kind, value) = match wanted {
        Some(node) if generated(node).is_some() => (CredentialKind::Generated, None),
        Some(node) => (CredentialKind::Given, bytes(node)),
        None => (CredentialKind::Existing, scene.live_value(namespace, secret, key)),
    };
    let hash = value.filter(|_| *lifetime == Lifetime::Sticky).map(|value| hashing(scene).hash(&value));
    Credential { secret: secret.clone(), key: key.clone(), lifetime: *lifetime, kind, hash }
}

/// A hash that is known stays known when the value is generated from now on: it is the same value.
fn merge(credentials: &mut Vec<Credential>, new: Credential) {
    match credentials.iter_mut().find(|known| known.secret == new.secret && known.key == new.key) {
        Some(known) => *known = Credential { hash: new.hash.or_else(|| known.hash.take()), ..new },
        None => credentials.push(new),
    }
}
