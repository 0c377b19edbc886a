//! Secrets by what they open.

use std::collections::{BTreeMap, BTreeSet};

use super::credentials::{self, Opening};
use super::proven::proven;
use super::rotation;
use super::scene::Scene;
use crate::object::ObjectId;
use crate::release::Lifetime;

pub(super) fn keys_of<'k>(keys: &'k Keys, id: &ObjectId) -> Option<&'k BTreeSet<String>> {
    keys.get(&(id.namespace.clone().unwrap_or_default(), id.name.clone()))
}

/// Claims, and volumes whose claim is gone, by the Secret (namespace, name) that opens them.
pub(super) type Keys = BTreeMap<(String, String), BTreeSet<String>>;

/// Which Secrets open which claims that exist, and which volumes whose claim is gone: as the ledger knows, as the workloads
/// of all stored revisions say, and as those that are wanted now say.
pub(super) fn keys_of_claims(scene: &Scene<'_>, openings: &[Opening]) -> Keys {
    let mut keys = Keys::new();
    let mut add = |namespace: &str, secret: &str, claim: &str| {
        let entry = keys.entry((namespace.to_owned(), secret.to_owned())).or_default();
        entry.insert(claim.to_owned());
    };
    for data in proven(scene).into_iter().filter(|data| !data.goes_in_a_purge(scene)) {
        for credential in &data.entry.credentials {
            add(data.namespace(), &credential.secret, data.name());
        }
    }
    let stored = scene.past.records.iter().flat_map(|record| credentials::openings(&record.objects, scene.facts).0);
    let stored = stored.filter(|opening| scene.claim(&opening.namespace, &opening.claim).is_some());
    // A claim that is only made now will be initialised with what is wanted.
    for opening in stored.chain(openings.iter().cloned()).filter(|opening| opening.lifetime == Lifetime::Sticky) {
        add(&opening.namespace, &opening.secret, &opening.claim);
    }
    for (key, id, _) in rotation::holders_of(scene) {
        if let Some(claims) = keys.get(&(key.namespace.clone(), key.secret)).cloned() {
            keys.insert((key.namespace, id.name.clone()), claims);
        }
    }
    keys
}
