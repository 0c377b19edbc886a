//! What an install finds again: claims of an earlier one that it uses, and the Secrets that open them. Whoever expects
//! an empty database should see that it is not.

use std::collections::BTreeSet;

use super::Kept;
use super::claims::Standing;
use super::credentials::Opening;
use super::deploy::Decided;
use super::keys::keys_of_claims;
use super::scene::{Scene, list};
use crate::object::ObjectId;

/// Claims first, then Secrets; nothing where a revision is in force, whose volumes are no news.
pub(super) fn found(scene: &Scene<'_>, objects: &[Decided<'_>], openings: &[Opening]) -> Vec<Kept> {
    if scene.past.deployed().is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for decided in objects.iter().filter(|decided| decided.standing.is_some_and(|it| it != Standing::Fresh)) {
        let id = &decided.object.id;
        let namespace = id.namespace.clone().unwrap_or_default();
        let Some(claim) = scene.claim(&namespace, &id.name) else { continue };
        let why = format!("holds data since {}", claim.created.strftime("%Y-%m-%d"));
        found.push(Kept { id: id.clone(), why, size: claim.size.clone(), volume: claim.volume.clone(), remove: None });
        used.insert((namespace, id.name.clone()));
    }
    for ((namespace, secret), claims) in keys_of_claims(scene, openings) {
        let opened: Vec<&str> = claims
            .iter()
            .map(String::as_str)
            .filter(|claim| used.contains(&(namespace.clone(), (*claim).to_owned())))
            .collect();
        let id = ObjectId::secret(&namespace, &secret);
        if !opened.is_empty() && scene.facts.live.contains_key(&id) {
            found.push(Kept { id, why: format!("opens {}", list(opened)), size: None, volume: None, remove: None });
        }
    }
    found
}
