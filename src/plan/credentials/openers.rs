//! What opens which claim, as readiness needs it to explain a refused login.

use std::collections::BTreeMap;

use super::Opening;
use crate::plan::scene::Scene;
use crate::readiness::Opener;
use crate::release::Lifetime;

/// One a claim and Secret.
pub(in crate::plan) fn openers(scene: &Scene<'_>, openings: &[Opening]) -> Vec<Opener> {
    let mut keys: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
    for opening in openings.iter().filter(|opening| opening.lifetime == Lifetime::Sticky) {
        let of = (opening.namespace.as_str(), opening.claim.as_str(), opening.secret.as_str());
        keys.entry(of).or_default().push(opening.key.clone());
    }
    let openers = keys.into_iter().map(|((namespace, claim, secret), keys)| Opener {
        namespace: namespace.to_owned(),
        claim: claim.to_owned(),
        secret: secret.to_owned(),
        keys,
        since: scene.claim(namespace, claim).map(|claim| claim.created.strftime("%Y-%m-%d").to_string()),
    });
    openers.collect()
}
