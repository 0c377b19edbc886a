//! Which credential is meant, and why it can't be rotated.

use std::collections::{BTreeMap, BTreeSet};

use super::declared::{declared, near, of};
use super::{at_key, is_of};
use crate::diagnostic::{Class, Diagnostic};
use crate::object::{ObjectId, marks};
use crate::plan::credentials::Opening;
use crate::plan::ownership::Owner;
use crate::plan::same::bytes;
use crate::plan::scene::{Scene, generated};
use crate::plan::{Live, Refusal, Rotate, SecretKey};
use crate::release::Lifetime;
use crate::yaml::Node;

type Begun<'a> = BTreeMap<SecretKey, (&'a ObjectId, &'a Live)>;

/// The credentials that were asked for, beside those whose rotation was begun.
pub(super) fn asked(
    scene: &Scene<'_>,
    openings: &[Opening],
    begun: &Begun<'_>,
) -> Result<BTreeSet<SecretKey>, Box<Refusal>> {
    match &scene.intent.options.rotate {
        Rotate::Nothing => Ok(BTreeSet::new()),
        Rotate::Given => Ok(given_anew(scene, openings)),
        // Whoever was interrupted wants it to end, not to begin again.
        Rotate::Generated(None) if !begun.is_empty() => Ok(BTreeSet::new()),
        Rotate::Generated(None) => Ok(BTreeSet::from([the_only_one(scene, openings)?])),
        Rotate::Generated(Some(name)) => {
            let key = named(scene, openings, name)?;
            let other = begun.keys().find(|other| other.secret == key.secret && **other != key);
            match other {
                _ if begun.contains_key(&key) => Ok(BTreeSet::new()),
                Some(other) => Err(Box::new(unfinished(scene, &key, other))),
                None => Ok(BTreeSet::from([key])),
            }
        }
    }
}

/// The keys that open volumes, or are declared to be rotated, of Secrets that the release makes or reads.
fn candidates(scene: &Scene<'_>, openings: &[Opening]) -> BTreeSet<SecretKey> {
    let opening = openings.iter().map(|it| SecretKey {
        namespace: it.namespace.clone(),
        secret: it.secret.clone(),
        key: it.key.clone(),
    });
    scene.wanted.objects.iter().filter_map(of).chain(opening).collect()
}

/// Whether there is a way to change a credential: a Job, or an image that reads it at every start.
fn is_changeable(scene: &Scene<'_>, openings: &[Opening], key: &SecretKey) -> bool {
    let mut opens = openings.iter().filter(|opening| is_of(opening, key)).peekable();
    declared(&scene.wanted.objects, key).is_some()
        || (opens.peek().is_some() && opens.all(|opening| opening.lifetime == Lifetime::EveryBoot))
}

fn is_generated(scene: &Scene<'_>, key: &SecretKey) -> bool {
    scene.wanted_value(&key.namespace, &key.secret, &key.key).and_then(generated).is_some()
}

/// The credential that is meant where none is named.
fn the_only_one(scene: &Scene<'_>, openings: &[Opening]) -> Result<SecretKey, Box<Refusal>> {
    let release = &scene.intent.release;
    let all = candidates(scene, openings);
    let changeable: Vec<&SecretKey> = all.iter().filter(|key| is_changeable(scene, openings, key)).collect();
    let generated: Vec<&SecretKey> = changeable.iter().copied().filter(|key| is_generated(scene, key)).collect();
    match (generated.as_slice(), changeable.as_slice()) {
        ([one], _) => Ok((*one).clone()),
        ([], [one, ..]) => named(scene, openings, &one.to_string()),
        ([], []) => {
            let message = format!("`{}` has no credential that can be rotated", release.name);
            let mut diagnostic = Diagnostic::error(message);
            for key in &all {
                diagnostic = diagnostic.note(format!("`{key}` opens a volume, and nothing says how to change it"));
            }
            Err(Box::new(Refusal::failed(how_to_declare(diagnostic, all.iter().next()))))
        }
        (several, _) => {
            let message =
                format!("`{}` has {} credentials that can be rotated: say which", release.name, several.len());
            let mut diagnostic = Diagnostic::error(message);
            for key in several {
                diagnostic = diagnostic.hint(format!("`{}`", command(scene, key)));
            }
            Err(Box::new(Refusal { class: Class::Usage, diagnostic }))
        }
    }
}

/// The credential of that name, if it can be rotated.
fn named(scene: &Scene<'_>, openings: &[Opening], name: &str) -> Result<SecretKey, Box<Refusal>> {
    let all = candidates(scene, openings);
    let Some(key) = all.iter().find(|key| key.to_string() == name) else {
        if !name.contains('/') {
            let diagnostic = Diagnostic::error(format!("`{name}` is no credential"));
            let diagnostic = all.iter().fold(diagnostic.note("write it as `SECRET/KEY`"), |diagnostic, key| {
                diagnostic.hint(format!("`{}`", command(scene, key)))
            });
            return Err(Box::new(Refusal { class: Class::Usage, diagnostic }));
        }
        let message = format!("nothing says that `{name}` is a credential of `{}`", scene.intent.release.name);
        return Err(Box::new(Refusal::failed(match near(name, &all) {
            Some(near) => Diagnostic::error(message).hint(format!("did you mean `{near}`?")),
            None => how_to_declare(Diagnostic::error(message), None),
        })));
    };
    let secret = ObjectId::secret(&key.namespace, &key.secret);
    let live = scene.facts.live.get(&secret);
    if scene.wanted_value(&key.namespace, &key.secret, &key.key).is_none() {
        return Err(Box::new(not_ours(scene, key)));
    }
    if !is_changeable(scene, openings, key) {
        return Err(Box::new(undeclared(scene, key)));
    }
    if !is_generated(scene, key) {
        return Err(Box::new(Refusal::failed(
            at_key(scene, key, format!("the value of `{key}` is given, not generated"))
                .note("a new one is given the same way, and changed inside the service on the way")
                .hint(format!("`{}`", given_command(scene))),
        )));
    }
    if live.is_none_or(|live| live.body.at(&["data", &key.key]).is_none() || scene.owner(&secret, live) != Owner::Ours)
    {
        return Err(Box::new(Refusal::failed(
            Diagnostic::error(format!("the cluster has no `{key}` of `{}`", scene.intent.release.name))
                .note("without the old value nothing can be changed inside the service"),
        )));
    }
    Ok(key.clone())
}

/// The given keys that a Job can change, and that are to hold another value than what their volume was initialised with.
fn given_anew(scene: &Scene<'_>, openings: &[Opening]) -> BTreeSet<SecretKey> {
    let keys = scene.wanted.objects.iter().filter_map(of);
    keys.filter(|key| {
        let wanted = scene.wanted_value(&key.namespace, &key.secret, &key.key);
        let wanted = wanted.filter(|node| generated(node).is_none()).and_then(bytes);
        let live = scene.live_value(&key.namespace, &key.secret, &key.key);
        let mut sticky = openings.iter().filter(|opening| is_of(opening, key) && opening.lifetime == Lifetime::Sticky);
        wanted.is_some()
            && live.is_some()
            && wanted != live
            && sticky.any(|opening| {
                let claim = scene.claim(&key.namespace, &opening.claim);
                claim.is_some() && knows_old(scene, key, &opening.claim)
            })
    })
    .collect()
}

/// Whether the value in the Secret is the one that the service knows, as far as that can be told.
pub(super) fn knows_old(scene: &Scene<'_>, key: &SecretKey, claim: &str) -> bool {
    let Some(live) = scene.live_value(&key.namespace, &key.secret, &key.key) else { return false };
    let ledger = scene.past.ledger.as_ref();
    let entry = scene.claim(&key.namespace, claim).and_then(|claim| scene.entry(claim));
    let known = entry.into_iter().flat_map(|entry| &entry.credentials);
    let hash = known.filter(|known| known.secret == key.secret && known.key == key.key).find_map(|it| it.hash.as_ref());
    hash.is_none_or(|hash| ledger.is_some_and(|ledger| ledger.hash(&live) == *hash))
}

/// The Secret is somebody else's.
pub(super) fn not_ours(scene: &Scene<'_>, key: &SecretKey) -> Refusal {
    Refusal::failed(
        Diagnostic::error(format!("`{key}` is in a Secret that `{}` does not make", scene.intent.release.name))
            .note("kchart changes no Secret of somebody else")
            .hint("change it inside the service and in the Secret, where that is looked after"),
    )
}

/// No Job changes it.
fn undeclared(scene: &Scene<'_>, key: &SecretKey) -> Refusal {
    Refusal::failed(how_to_declare(
        at_key(scene, key, format!("nothing says how `{key}` is changed inside its service")).note(
            "its image reads it only when its volume is empty: another value in the Secret alone locks everybody out",
        ),
        Some(key),
    ))
}

/// A rotation was begun, and what is deployed now does not say how to end it.
pub(super) fn undeclared_now(scene: &Scene<'_>, key: &SecretKey) -> Refusal {
    let release = &scene.intent.release;
    Refusal::refused(
        at_key(scene, key, format!("the rotation of `{key}` is not over, and the chart no longer says how it is done"))
            .note(format!(
                "Secret `{}` holds the old and the new value; either may be the one that works",
                marks::rotation_secret(&key.secret)
            ))
            .hint(format!("end it first, as the revision in force does it: `{}`", command(scene, key)))
            .hint(format!("where `{}` is not in force: deploy a chart that has the Job", release.name)),
    )
}

/// A rotation to one value was begun, and another one is given.
pub(super) fn other_value(scene: &Scene<'_>, key: &SecretKey, wanted: &Node) -> Refusal {
    Refusal::refused(
        Diagnostic::error(format!("the rotation of `{key}` to another value than the one given now is not over"))
            .at(wanted.origin.at)
            .note(format!(
                "Secret `{}` holds the old and the new value; either may be the one that works",
                marks::rotation_secret(&key.secret)
            ))
            .hint("give the value that the rotation was begun with: this run ends it then")
            .hint(format!("or end it as it was begun: `{}`", command(scene, key))),
    )
}

/// Of the same Secret another key is on the way.
fn unfinished(scene: &Scene<'_>, key: &SecretKey, other: &SecretKey) -> Refusal {
    Refusal::failed(
        Diagnostic::error(format!("the rotation of `{other}` is not over: `{key}` has to wait for it"))
            .hint(format!("end it first: `{}`", command(scene, other))),
    )
}

/// A value that is only a part of what the key holds.
pub(super) fn in_parts(scene: &Scene<'_>, key: &SecretKey) -> Refusal {
    Refusal::failed(
        at_key(scene, key, format!("`{key}` is put together of several parts, and can't be rotated"))
            .hint("rotate the key that holds the generated value alone: all that hold it as a part follow"),
    )
}

/// Another key with the same value opens another volume.
pub(super) fn shared(scene: &Scene<'_>, key: &SecretKey, other: &SecretKey, opening: &Opening) -> Refusal {
    Refusal::failed(
        at_key(scene, key, format!("`{key}` and `{other}` are one generated value, and both open volumes"))
            .note(format!("a new one would not open `{}`, which was initialised with `{other}`", opening.claim))
            .hint("give them names of their own in the chart: `generate \"NAME\"`"),
    )
}

/// How a chart declares a rotation.
fn how_to_declare(diagnostic: Diagnostic, key: Option<&SecretKey>) -> Diagnostic {
    let key = key.map_or_else(|| "SECRET/KEY".to_owned(), ToString::to_string);
    diagnostic
        .hint(format!("the chart has to have a Job with `{}: {key}` that changes it inside the service", marks::ROTATE))
}

/// The command that rotates a key.
fn command(scene: &Scene<'_>, key: &SecretKey) -> String {
    let release = &scene.intent.release;
    format!("kchart credentials rotate {} {key} -n {}", release.name, release.namespace)
}

/// The command that gives another value.
fn given_command(scene: &Scene<'_>) -> String {
    let release = &scene.intent.release;
    format!("kchart upgrade {} … -n {} --set …=<the new value> --rotate-credentials", release.name, release.namespace)
}
