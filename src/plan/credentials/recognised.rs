//! What image and variables of a workload show: containers that run first count as the others do.

use super::{Claims, Opening, Rule, Secrets, mounted, opening, reads};
use crate::object::{Object, ObjectId};
use crate::plan::sticky::{self, is_known_image};
use crate::plan::{Facts, pods};
use crate::release::Lifetime;
use crate::yaml::Node;

/// The openings that a workload's containers show.
pub(super) fn recognised(object: &Object, claims: &Claims, secrets: &Secrets<'_>, facts: &Facts) -> Vec<Opening> {
    let Some(spec) = pods::spec(&object.id, &object.body) else { return Vec::new() };
    let keys_of = |secret: &str| {
        let id = ObjectId::secret(object.id.namespace.as_deref().unwrap_or_default(), secret);
        let wanted = secrets.get(&id).map(|object| &object.body);
        let live = facts.live.get(&id).map(|live| &live.body);
        let keys = wanted.into_iter().chain(live).filter_map(|body| body.at(&["data"])?.as_map());
        keys.flat_map(|map| map.keys().cloned()).collect()
    };
    let mut openings = Vec::new();
    for container in pods::containers(spec) {
        let image = container.str_at(&["image"]).unwrap_or_default();
        for read in reads::of(spec, container, &keys_of) {
            let Some(source) = sticky::source(image, &read.variable) else { continue };
            let rule = Rule::Recognised { image: image.to_owned(), variable: read.variable, source };
            let by_claim = mounted(container, claims).into_iter();
            openings.extend(
                by_claim
                    .map(|claim| opening(object, &claim, (&read.secret, &read.key), Lifetime::Sticky, rule.clone())),
            );
        }
    }
    openings
}

/// Whether what opens a workload's claims is only known with the live Secrets that a known image reads as a whole.
pub(in crate::plan) fn reads_whole_secrets(object: &Object) -> bool {
    let Some(spec) = pods::spec(&object.id, &object.body) else { return false };
    let claims = pods::claims_by_volume(&object.id, &object.body);
    pods::containers(spec).any(|container| {
        container.str_at(&["image"]).is_some_and(is_known_image)
            && container.list_at(&["envFrom"]).iter().any(takes_secret)
            && !mounted(container, &claims).is_empty()
    })
}

fn takes_secret(source: &Node) -> bool {
    source.str_at(&["secretRef", "name"]).is_some()
}
