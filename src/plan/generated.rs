//! Generated keys of Secrets: kept where they are; made only where no claim exists that they would have to open.

use std::collections::{BTreeMap, BTreeSet};

use super::credentials::Opening;
use super::managed::Managed;
use super::ownership::Owner;
use super::scene::{Scene, generated, list};
use super::{Claim, KnownValue, Refusal};
use crate::diagnostic::Diagnostic;
use crate::object::{Object, ObjectId, Segment, marks};
use crate::release::Lifetime;
use crate::yaml::{Node, Part, Text};

/// What is to be done about the generated keys of one Secret.
pub(super) struct Generation {
    /// The Secret with nothing in it but what it needs to be found again: what is sent is owned by
    /// `kchart-generated` and must never be in the main apply's way.
    pub(super) secret: Object,
    /// All generated keys.
    pub(super) keys: BTreeMap<String, Text>,
    /// Those of them that are new.
    pub(super) new: BTreeSet<String>,
}

/// The generated keys of a Secret.
pub(super) fn keys(object: &Object) -> BTreeMap<String, Text> {
    let entries = object.body.at(&["data"]).and_then(Node::as_map);
    let entries = entries.filter(|_| object.id.is_secret()).into_iter().flatten();
    entries.filter_map(|(key, node)| Some((key.clone(), generated(node)?.clone()))).collect()
}

/// Decides about a Secret; none where there is nothing to do.
///
/// # Errors
/// Its value is gone, and a claim that it opened is not.
pub(super) fn decide(
    scene: &Scene<'_>,
    object: &Object,
    openings: &[Opening],
    known: &BTreeMap<String, KnownValue>,
) -> Result<Option<Generation>, Box<Refusal>> {
    let keys = keys(object);
    let namespace = object.id.namespace.as_deref().unwrap_or_default();
    let live = scene.facts.live.get(&object.id);
    let has = |key: &String| live.is_some_and(|live| live.body.at(&["data", key]).is_some());
    let new: BTreeSet<String> = keys.keys().filter(|key| !has(key)).cloned().collect();
    let mut closed: BTreeMap<&str, (&Claim, BTreeSet<&str>)> = BTreeMap::new();
    for key in new.iter().filter(|key| !is_known(&keys[*key], known)) {
        for (name, claim) in opened(scene, namespace, &object.id.name, key, openings) {
            closed.entry(name).or_insert_with(|| (claim, BTreeSet::new())).1.insert(key);
        }
    }
    if !closed.is_empty() {
        return Err(Box::new(gone(scene, object, &closed, openings)));
    }
    let to_keep = live.is_some_and(|live| {
        let managed = Managed::of(&live.body);
        let ours = |key: &String| {
            let path = [Segment::Key("data".into()), Segment::Key(key.clone())];
            managed.owns(marks::MANAGER_GENERATED, &path)
        };
        !managed.is_empty() && keys.keys().any(|key| has(key) && !ours(key))
    });
    if new.is_empty() && !to_keep {
        return Ok(None);
    }
    Ok((!keys.is_empty()).then(|| Generation { secret: shell(object), keys, new }))
}

/// Whether all generated parts of a text have their value somewhere.
fn is_known(text: &Text, known: &BTreeMap<String, KnownValue>) -> bool {
    text.generated_keys().all(|key| known.contains_key(&key.name))
}

/// Where generated names have their value already: in live keys that are nothing but that value.
pub(super) fn known(scene: &Scene<'_>) -> BTreeMap<String, KnownValue> {
    let mut known = BTreeMap::new();
    for object in &scene.wanted.objects {
        let namespace = object.id.namespace.clone().unwrap_or_default();
        let is_ours = |id: &ObjectId| scene.facts.live.get(id).is_some_and(|live| scene.owner(id, live) == Owner::Ours);
        for (key, text) in keys(object) {
            if let [Part::Generated(part)] = text.parts()
                && is_ours(&object.id)
                && scene.live_value(&namespace, &object.id.name, &key).is_some()
            {
                let value = KnownValue { namespace: namespace.clone(), secret: object.id.name.clone(), key };
                known.entry(part.name.clone()).or_insert(value);
            }
        }
    }
    known
}

/// The existing claims of ours that a key opened or would have to open, by name.
fn opened<'a>(
    scene: &Scene<'a>,
    namespace: &str,
    secret: &str,
    key: &str,
    openings: &'a [Opening],
) -> Vec<(&'a str, &'a Claim)> {
    let mut claims = Vec::new();
    let entries = scene
        .past
        .ledger
        .iter()
        .flat_map(|ledger| ledger.entries.iter().filter(|entry| ledger.namespace_of(entry) == namespace));
    for entry in entries {
        let opens = entry.credentials.iter().any(|credential| {
            (credential.secret.as_str(), credential.key.as_str(), credential.lifetime)
                == (secret, key, Lifetime::Sticky)
        });
        let claim = scene.claim(namespace, &entry.claim);
        if let Some(claim) = claim.filter(|claim| opens && claim.uid == entry.uid) {
            claims.push((entry.claim.as_str(), claim));
        }
    }
    for opening in openings.iter().filter(|opening| {
        (opening.namespace.as_str(), opening.secret.as_str(), opening.key.as_str(), opening.lifetime)
            == (namespace, secret, key, Lifetime::Sticky)
    }) {
        if let Some(claim) = scene.claim(namespace, &opening.claim)
            && scene.claim_owner(namespace, &opening.claim, claim) == Owner::Ours
        {
            claims.push((opening.claim.as_str(), claim));
        }
    }
    claims
}

/// The Secret's value is gone and the claims that it opened are not.
fn gone(
    scene: &Scene<'_>,
    object: &Object,
    closed: &BTreeMap<&str, (&Claim, BTreeSet<&str>)>,
    openings: &[Opening],
) -> Refusal {
    let keys: BTreeSet<&str> = closed.values().flat_map(|(_, keys)| keys.iter().copied()).collect();
    let claims: Vec<String> =
        closed.iter().map(|(name, (claim, _))| format!("`{name}` ({})", scene.describe(claim))).collect();
    let (noun, verb, it) =
        if claims.len() == 1 { ("volume claim", "was", "it") } else { ("volume claims", "were", "them") };
    let secret = &object.id.name;
    let keys_text = list(keys.iter().copied());
    let says = |opening: &&Opening| {
        opening.secret == *secret
            && closed.get(opening.claim.as_str()).is_some_and(|(_, keys)| keys.contains(&*opening.key))
    };
    // What only the ledger knows was said by an earlier revision.
    let plain = "the image reads it only when its volume is empty".to_owned();
    let why = openings.iter().find(says).map_or(plain, |opening| opening.rule.to_string());
    let first = keys.first().and_then(|key| object.body.at(&["data", key])).map(|node| node.origin.at);
    Refusal::refused(
        Diagnostic::error(format!(
            "{noun} {} {verb} initialised with {keys_text} of Secret `{secret}`, which the cluster no longer has",
            claims.join(", ")
        ))
        .at(first.unwrap_or_default())
        .note(format!("a new value would not open {it}: {why}"))
        .hint(format!(
            "give the old value: `--set …=<the old value>`, or in a values file, for {keys_text} of `{secret}`"
        ))
        .hint(format!("or destroy the data: `{}`, then install again", scene.purge_command())),
    )
}

/// A Secret without content: identity, type, the mark of its release.
pub(super) fn shell(object: &Object) -> Object {
    let mut body = Node::map();
    for key in ["apiVersion", "kind", "type"] {
        if let Some(node) = object.body.get(key) {
            body.map_at_mut(&[]).insert(key.into(), node.clone());
        }
    }
    body.set(&["metadata"], "name", object.id.name.as_str());
    if let Some(namespace) = &object.id.namespace {
        body.set(&["metadata"], "namespace", namespace.as_str());
    }
    for mark in [marks::RELEASE, marks::RELEASE_NAMESPACE] {
        if let Some(value) = object.label(mark) {
            body.set(&["metadata", "labels"], mark, value);
        }
    }
    Object { id: object.id.clone(), version: object.version.clone(), body, secret: BTreeSet::new() }
}

/// Generated values that stand where nothing could keep them: anywhere but in the data of a Secret.
pub(super) fn misplaced(object: &Object) -> Vec<Refusal> {
    crate::object::leaves(&object.body)
        .into_iter()
        .filter(|(_, node)| generated(node).is_some())
        .filter(|(path, _)| {
            let in_data = path.0.first() == Some(&Segment::Key("data".into())) && path.0.len() == 2;
            !(object.id.is_secret() && in_data)
        })
        .map(|(path, node)| {
            Refusal::input(
                Diagnostic::error(format!("`{path}` of `{}` is a generated value", object.id))
                    .at(node.origin.at)
                    .hint("generated values stand in the data of a Secret; refer to it with `secretKeyRef`"),
            )
        })
        .collect()
}
