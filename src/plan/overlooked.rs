//! Claims that stay and that the ledger does not know: of an install that was killed before it wrote them down, or made by
//! Kubernetes for a set that somebody scaled. With an uninstall the records go, which said what opens them; with another
//! deployment the one is superseded that said in which namespaces such claims may be. So the ledger learns it now.

use super::credentials::{self, Opening};
use super::ownership::{self, Owner};
use super::scene::{Scene, generated};
use super::{Claim, LedgerDraft};
use crate::object::{Object, ObjectId};
use crate::release::{Credential, CredentialKind, Record};

/// What the ledger is to know of those that an uninstall leaves.
pub(super) fn by_uninstall(scene: &Scene<'_>) -> Vec<LedgerDraft> {
    drafts(scene, |id, claim| {
        scene.claim_owner(id.namespace.as_deref().unwrap_or_default(), &id.name, claim) == Owner::Ours
    })
}

/// What it is to know of those that were made for the release in another namespace, and that it does not want: those of
/// its own are found by their marks.
pub(super) fn by_deployment(scene: &Scene<'_>) -> Vec<LedgerDraft> {
    drafts(scene, |id, claim| {
        let namespace = id.namespace.as_deref().unwrap_or_default();
        let is_marked = ownership::of_claim(claim, namespace, &scene.intent.release) == Owner::Ours;
        is_marked && namespace != scene.intent.release.namespace && scene.wanted.get(id).is_none()
    })
}

fn drafts(scene: &Scene<'_>, is_meant: impl Fn(&ObjectId, &Claim) -> bool) -> Vec<LedgerDraft> {
    let unknown = scene.facts.claims.iter().filter(|(_, claim)| !claim.terminating && scene.entry(claim).is_none());
    let unknown = unknown.map(|((namespace, name), claim)| (ObjectId::claim(namespace, name), claim));
    let claims: Vec<ObjectId> = unknown.filter(|(id, claim)| is_meant(id, claim)).map(|(id, _)| id).collect();
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
