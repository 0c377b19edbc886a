//! Which Secret keys open which claims: as a workload declares it (`kchart.dev/credentials`), or as its image and
//! variables show it. Each keeps who says so.

mod declared;
mod images;
mod login_check;
mod openers;
mod reads;
mod recognised;
mod rule;

use std::collections::BTreeMap;

pub(super) use images::{Image, images};
pub(super) use login_check::logged_in;
pub(super) use openers::openers;
pub(super) use reads::variables;
pub(super) use recognised::reads_whole_secrets;
pub use rule::Rule;

use super::{Facts, Refusal, pods};
use crate::object::{Object, ObjectId};
use crate::release::Lifetime;
use crate::yaml::Node;

/// A Secret key that opens a claim. Both are in `namespace`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Opening {
    pub(super) namespace: String,
    pub(super) claim: String,
    pub(super) secret: String,
    pub(super) key: String,
    pub(super) lifetime: Lifetime,
    /// The workload that says so.
    pub(super) workload: ObjectId,
    /// By which rule.
    pub(super) rule: Rule,
}

/// The Secrets of a manifest.
type Secrets<'a> = BTreeMap<&'a ObjectId, &'a Object>;

/// The claims behind the names of a workload's volumes.
type Claims = BTreeMap<String, Vec<String>>;

/// What the workloads say of their claims' credentials, without doubles. Of a set all claims count that it wants, and
/// those that exist of other ordinals: whoever scaled it by hand filled them with the same credential. Secrets that
/// are read as a whole count with the keys that are wanted, and with those that the cluster has.
///
/// # Errors
/// Declarations that can't be read, or that name no volume.
pub(super) fn openings(objects: &[Object], facts: &Facts) -> (Vec<Opening>, Vec<Refusal>) {
    let mut openings = Vec::new();
    let mut refusals = Vec::new();
    let secrets = objects.iter().filter(|object| object.id.is_secret());
    let secrets: Secrets<'_> = secrets.map(|object| (&object.id, object)).collect();
    for object in objects.iter().filter(|object| pods::runs_pods(&object.id)) {
        let claims = claims_by_volume(object, facts);
        match declared::declared(object, &claims) {
            Ok(Some(found)) => openings.extend(found),
            Ok(None) => openings.extend(recognised::recognised(object, &claims, &secrets, facts)),
            Err(refusal) => refusals.push(*refusal),
        }
    }
    openings.sort();
    // Of two that differ only in their lifetime the careful one, which sorts first, stays.
    openings
        .dedup_by(|a, b| (&a.namespace, &a.claim, &a.secret, &a.key) == (&b.namespace, &b.claim, &b.secret, &b.key));
    (openings, refusals)
}

/// Those that open a claim, of what [`openings`] found.
pub(super) fn of_claim<'a>(openings: &'a [Opening], namespace: &str, claim: &str) -> &'a [Opening] {
    let place = |opening: &Opening| (opening.namespace.as_str(), opening.claim.as_str()).cmp(&(namespace, claim));
    let first = openings.partition_point(|opening| place(opening).is_lt());
    let end = openings.partition_point(|opening| place(opening).is_le());
    &openings[first..end]
}

fn claims_by_volume(object: &Object, facts: &Facts) -> Claims {
    let mut claims = pods::claims_by_volume(&object.id, &object.body);
    if pods::is_set(&object.id) {
        let namespace = object.id.namespace.clone().unwrap_or_default();
        for (template, _) in pods::claim_templates(&object.body) {
            let of_template = claims.entry(template.to_owned()).or_default();
            let first = (namespace.clone(), format!("{template}-{}-", object.id.name));
            let names = facts.claims.range(first.clone()..).map(|(claim, _)| claim);
            let names = names.take_while(|(namespace, name)| *namespace == first.0 && name.starts_with(&first.1));
            let of_set =
                names.filter_map(|(_, name)| Some((name, pods::ordinal_of_claim(template, &object.id.name, name)?)));
            of_template.extend(
                of_set.filter(|(_, at)| !pods::listed(&object.body).contains(at)).map(|(name, _)| name.clone()),
            );
        }
    }
    claims
}

/// The claims that a container mounts.
fn mounted(container: &Node, claims: &Claims) -> Vec<String> {
    let mounts = container.list_at(&["volumeMounts"]).iter().chain(container.list_at(&["volumeDevices"]));
    mounts.filter_map(|mount| claims.get(mount.str_at(&["name"])?)).flatten().cloned().collect()
}

fn opening(object: &Object, claim: &str, (secret, key): (&str, &str), lifetime: Lifetime, rule: Rule) -> Opening {
    Opening {
        namespace: object.id.namespace.clone().unwrap_or_default(),
        claim: claim.to_owned(),
        secret: secret.to_owned(),
        key: key.to_owned(),
        lifetime,
        workload: object.id.clone(),
        rule,
    }
}
