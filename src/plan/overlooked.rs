//! Claims that stay after an uninstall and that the ledger does not know: of an install that was killed before it wrote
//! them down, or made by Kubernetes for a set that somebody scaled. The records go, which said what opens them, so that
//! the ledger learns it now.

use super::LedgerDraft;
use super::credentials::{self, Opening};
use super::ownership::Owner;
use super::scene::{Scene, generated};
use crate::object::{Object, ObjectId};
use crate::release::{Credential, CredentialKind, Record};

/// What the ledger is to know of them.
pub(super) fn drafts(scene: &Scene<'_>) -> Vec<LedgerDraft> {
    let claims = scene.facts.claims.iter();
    let claims = claims.filter(|((namespace, name), claim)| {
        !claim.terminating && scene.entry(claim).is_none() && scene.claim_owner(namespace, name, claim) == Owner::Ours
    });
    let claims: Vec<ObjectId> = claims.map(|((namespace, name), _)| ObjectId::claim(namespace, name)).collect();
    if claims.is_empty() {
        return Vec::new();
    }
    // The newest revision that says something of a claim counts.
    let openings: Vec<(&Record, Vec<Opening>)> = scene
        .past
        .records
        .iter()
        .rev()
        .map(|record| (record, credentials::openings(&record.objects, scene.facts).0))
        .collect();
    let draft = |claim: ObjectId| {
        let of_claim = |opening: &&Opening| {
            claim.namespace.as_deref() == Some(opening.namespace.as_str()) && opening.claim == claim.name
        };
        let credentials = openings.iter().find_map(|(record, openings)| {
            let found: Vec<Credential> =
                openings.iter().filter(of_claim).map(|opening| credential(scene, record, opening)).collect();
            (!found.is_empty()).then_some(found)
        });
        // No run saw what runs on it.
        LedgerDraft { claim, image: None, image_ready: false, credentials: credentials.unwrap_or_default() }
    };
    claims.into_iter().map(draft).collect()
}

/// What opens a claim: as the ledger knows it of one that is opened by the same, else as the revision has it.
fn credential(scene: &Scene<'_>, record: &Record, opening: &Opening) -> Credential {
    let Opening { namespace, secret, key, lifetime, .. } = opening;
    let known = scene.past.ledger.iter().flat_map(|ledger| {
        ledger.entries.iter().filter(|entry| ledger.namespace_of(entry) == namespace).flat_map(|it| &it.credentials)
    });
    let mut same = known.filter(|it| (&it.secret, &it.key, it.lifetime) == (secret, key, *lifetime));
    if let Some(known) = same.next() {
        return known.clone();
    }
    let id = ObjectId::secret(namespace, secret);
    let made = record.objects.iter().find(|object: &&Object| object.id == id);
    let kind = match made.and_then(|object| object.body.at(&["data", key])) {
        Some(node) if generated(node).is_some() => CredentialKind::Generated,
        Some(_) => CredentialKind::Given,
        None => CredentialKind::Existing,
    };
    Credential { secret: secret.clone(), key: key.clone(), lifetime: *lifetime, kind, hash: None }
}
