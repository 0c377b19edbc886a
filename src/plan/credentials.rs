//! Which Secret keys open which claims: as a workload declares it (`kchart.dev/credentials`), or as its image and
//! variables show it.

use std::collections::BTreeMap;

use super::sticky::is_sticky;
use super::{Claim, Refusal, pods};
use crate::diagnostic::{Diagnostic, nearest};
use crate::object::{Object, ObjectId, marks};
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
}

/// The Secrets of a manifest.
type Secrets<'a> = BTreeMap<&'a ObjectId, &'a Object>;

/// Claims that exist, by namespace and name.
pub(super) type Existing = BTreeMap<(String, String), Claim>;

/// What the workloads say of their claims' credentials, without doubles. Of a set all claims count that it wants, and
/// those that exist of other ordinals: whoever scaled it by hand filled them with the same credential.
///
/// # Errors
/// Declarations that can't be read, or that name no volume.
pub(super) fn openings(objects: &[Object], existing: &Existing) -> (Vec<Opening>, Vec<Refusal>) {
    let mut openings = Vec::new();
    let mut refusals = Vec::new();
    let secrets = objects.iter().filter(|object| object.id.is_secret());
    let secrets: Secrets<'_> = secrets.map(|object| (&object.id, object)).collect();
    for object in objects.iter().filter(|object| pods::runs_pods(&object.id)) {
        let claims = claims_by_volume(object, existing);
        match declared(object, &claims) {
            Ok(Some(found)) => openings.extend(found),
            Ok(None) => openings.extend(recognised(object, &claims, &secrets)),
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

/// The image of the first container that mounts each claim: the one that initialises it.
pub(super) fn images(objects: &[Object]) -> BTreeMap<(String, String), String> {
    let mut images = BTreeMap::new();
    for object in objects {
        let Some(spec) = pods::spec(&object.id, &object.body) else { continue };
        let namespace = object.id.namespace.clone().unwrap_or_default();
        let claims = pods::claims_by_volume(&object.id, &object.body);
        for container in spec.list_at(&["containers"]) {
            for claim in mounted(container, &claims) {
                if let Some(image) = container.str_at(&["image"]) {
                    images.entry((namespace.clone(), claim)).or_insert_with(|| image.to_owned());
                }
            }
        }
    }
    images
}

/// The claims behind the names of a workload's volumes.
fn claims_by_volume(object: &Object, existing: &Existing) -> BTreeMap<String, Vec<String>> {
    let mut claims = pods::claims_by_volume(&object.id, &object.body);
    if pods::is_set(&object.id) {
        let namespace = object.id.namespace.clone().unwrap_or_default();
        for (template, _) in pods::claim_templates(&object.body) {
            let of_template = claims.entry(template.to_owned()).or_default();
            let first = (namespace.clone(), format!("{template}-{}-", object.id.name));
            let names = existing.range(first.clone()..).map(|(claim, _)| claim);
            let names = names.take_while(|(namespace, name)| *namespace == first.0 && name.starts_with(&first.1));
            for (_, name) in names.filter(|(_, name)| pods::is_claim_of(template, &object.id.name, name)) {
                if !of_template.contains(name) {
                    of_template.push(name.clone());
                }
            }
        }
    }
    claims
}

/// What a workload declares; none when it declares nothing.
fn declared(object: &Object, claims: &BTreeMap<String, Vec<String>>) -> Result<Option<Vec<Opening>>, Box<Refusal>> {
    let template = pods::template(&object.id, &object.body);
    let on = |node: &Node| node.at(&["metadata", "annotations", marks::CREDENTIALS]).cloned();
    let Some(annotation) = on(&object.body).or_else(|| template.and_then(on)) else { return Ok(None) };
    let refuse = |diagnostic: Diagnostic| Box::new(Refusal::input(diagnostic.at(annotation.origin.at)));
    let mut openings = Vec::new();
    for entry in annotation.as_str().unwrap_or_default().split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let Some((volume, secret, key, lifetime)) = read(entry) else {
            return Err(refuse(
                Diagnostic::error(format!("`{}` of `{}` has `{entry}`", marks::CREDENTIALS, object.id))
                    .hint("write `volume=secret/key:sticky` or `volume=secret/key:every-boot`"),
            ));
        };
        let Some(names) = claims.get(volume) else {
            let mut diagnostic = Diagnostic::error(format!(
                "`{}` of `{}` names volume `{volume}`, which is no claim of its Pods",
                marks::CREDENTIALS,
                object.id
            ));
            if let Some(near) = nearest(volume, claims.keys().map(String::as_str)) {
                diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
            }
            return Err(refuse(diagnostic));
        };
        openings.extend(names.iter().map(|claim| opening(object, claim, secret, key, lifetime)));
    }
    Ok(Some(openings))
}

/// `data=rabbitmq/password:sticky`.
fn read(entry: &str) -> Option<(&str, &str, &str, Lifetime)> {
    let (volume, rest) = entry.split_once('=')?;
    let (secret, rest) = rest.split_once('/')?;
    let (key, lifetime) = match rest.split_once(':') {
        None | Some((_, "sticky")) => (rest.split(':').next()?, Lifetime::Sticky),
        Some((key, "every-boot")) => (key, Lifetime::EveryBoot),
        Some(_) => return None,
    };
    let complete = [volume, secret, key].iter().all(|part| !part.is_empty());
    complete.then_some((volume, secret, key, lifetime))
}

/// What the image and the variables of a workload show.
fn recognised(object: &Object, claims: &BTreeMap<String, Vec<String>>, secrets: &Secrets<'_>) -> Vec<Opening> {
    let Some(spec) = pods::spec(&object.id, &object.body) else { return Vec::new() };
    let mut openings = Vec::new();
    for container in pods::containers(spec) {
        let image = container.str_at(&["image"]).unwrap_or_default();
        let keys: Vec<(String, String)> = variables(object, container, secrets)
            .into_iter()
            .filter(|(variable, _, _)| is_sticky(image, variable))
            .map(|(_, secret, key)| (secret, key))
            .collect();
        for claim in mounted(container, claims) {
            openings.extend(keys.iter().map(|(secret, key)| opening(object, &claim, secret, key, Lifetime::Sticky)));
        }
    }
    openings
}

/// The variables that a container takes from Secrets: variable, Secret, key. Secrets taken as a whole count as far as
/// the manifest has them.
fn variables(object: &Object, container: &Node, secrets: &Secrets<'_>) -> Vec<(String, String, String)> {
    let mut variables = Vec::new();
    for variable in container.list_at(&["env"]) {
        let reference = |field: &str| variable.str_at(&["valueFrom", "secretKeyRef", field]);
        if let (Some(name), Some(secret), Some(key)) = (variable.str_at(&["name"]), reference("name"), reference("key"))
        {
            variables.push((name.to_owned(), secret.to_owned(), key.to_owned()));
        }
    }
    for source in container.list_at(&["envFrom"]) {
        let Some(secret) = source.str_at(&["secretRef", "name"]) else { continue };
        let prefix = source.str_at(&["prefix"]).unwrap_or_default();
        let id = ObjectId::secret(object.id.namespace.as_deref().unwrap_or_default(), secret);
        let keys = secrets.get(&id).and_then(|object| object.body.at(&["data"])).and_then(Node::as_map);
        for key in keys.into_iter().flat_map(|map| map.keys()) {
            variables.push((format!("{prefix}{key}"), secret.to_owned(), key.clone()));
        }
    }
    variables
}

fn mounted(container: &Node, claims: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mounts = container.list_at(&["volumeMounts"]).iter().chain(container.list_at(&["volumeDevices"]));
    mounts.filter_map(|mount| claims.get(mount.str_at(&["name"])?)).flatten().cloned().collect()
}

fn opening(object: &Object, claim: &str, secret: &str, key: &str, lifetime: Lifetime) -> Opening {
    Opening {
        namespace: object.id.namespace.clone().unwrap_or_default(),
        claim: claim.to_owned(),
        secret: secret.to_owned(),
        key: key.to_owned(),
        lifetime,
        workload: object.id.clone(),
    }
}
