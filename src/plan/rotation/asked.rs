//! Which credential is meant, and why it can't be rotated.

use std::collections::{BTreeMap, BTreeSet};

use super::declared::{declared, near, of};
use super::held::{Held, value};
use super::{Aim, Course, at_key, is_of};
use crate::diagnostic::{Class, Diagnostic};
use crate::object::{ObjectId, marks};
use crate::plan::credentials::Opening;
use crate::plan::jobs::{Outcome, at_work};
use crate::plan::ownership::Owner;
use crate::plan::renamed::{Told, told};
use crate::plan::same::bytes;
use crate::plan::scene::{Scene, generated};
use crate::plan::{Refusal, Rotate, SecretKey};
use crate::release::Lifetime;
use crate::yaml::Node;

type Begun<'a> = BTreeMap<SecretKey, Held<'a>>;

/// The credentials that were asked for, and what is to become of each: beside those whose rotation was begun, or instead.
pub(super) fn asked(
    scene: &Scene<'_>,
    openings: &[Opening],
    begun: &Begun<'_>,
) -> Result<BTreeMap<SecretKey, Aim>, Box<Refusal>> {
    let onward = |keys: BTreeSet<SecretKey>| keys.into_iter().map(|key| (key, Aim::Onward)).collect();
    match &scene.intent.options.rotate {
        Rotate::Nothing => Ok(BTreeMap::new()),
        Rotate::Given => Ok(onward(given_anew(scene, openings))),
        // Whoever was interrupted wants it to end, not to begin again.
        Rotate::Generated(None) if !begun.is_empty() => Ok(onward(begun.keys().cloned().collect())),
        Rotate::Generated(None) => Ok(onward(BTreeSet::from([the_only_one(scene, openings)?]))),
        Rotate::Generated(Some(name)) => {
            let key = named(scene, openings, name, begun)?;
            let other = begun.keys().find(|other| other.secret == key.secret && **other != key);
            match other {
                Some(other) if !begun.contains_key(&key) => Err(Box::new(unfinished(scene, &key, other))),
                _ => Ok(onward(BTreeSet::from([key]))),
            }
        }
        Rotate::Abort { key, skip_job } => {
            let aim = if *skip_job { Aim::GiveUp } else { Aim::Back };
            let is_meant = |begun: &SecretKey| key.as_ref().is_none_or(|key| *key == begun.to_string());
            let keys: BTreeMap<SecretKey, Aim> =
                begun.keys().filter(|key| is_meant(key)).map(|key| (key.clone(), aim)).collect();
            if keys.is_empty() { Err(Box::new(nothing_begun(scene, key.as_deref(), begun))) } else { Ok(keys) }
        }
    }
}

/// There is nothing to give up.
fn nothing_begun(scene: &Scene<'_>, key: Option<&str>, begun: &Begun<'_>) -> Refusal {
    let release = &scene.intent.release.name;
    let what = key.map_or_else(|| format!("of `{release}`"), |key| format!("of `{key}`"));
    let told = Diagnostic::error(format!("no rotation {what} is unfinished: there is nothing to give up"));
    Refusal::failed(begun.keys().fold(told, |told, other| told.note(format!("that of `{other}` is"))))
}

/// Whether a rotation can be given up without its Job: not where that has changed the service, or may be about to.
pub(super) fn may_be_given_up(scene: &Scene<'_>, key: &SecretKey, begun: Option<Held<'_>>) -> Result<(), Box<Refusal>> {
    let Some(held) = begun else { return Ok(()) };
    let job = declared(&scene.wanted.objects, key).map(|at| &scene.wanted.objects[at].id);
    let live = job.and_then(|id| Some((id, scene.facts.live.get(id)?)));
    let outcome = live.map(|(_, live)| Outcome::of(live));
    let is_old =
        scene.live_value(&key.namespace, &key.secret, &key.key) == value(held.live, held.target(Course::GivenUp));
    let by_job = |told: Diagnostic| {
        let command = format!("{} --abort", command(scene, key));
        told.hint(format!("give it up with its Job, which finds out: `{command}`"))
            .hint(format!("or end it: `{}`", self::command(scene, key)))
    };
    match (outcome, live) {
        (Some(Outcome::Complete), _) => Err(Box::new(Refusal::refused(by_job(Diagnostic::error(format!(
            "the Job that changes `{key}` ran to its end: the service has the value that it was to have"
        )))))),
        (Some(Outcome::Running), Some((id, live))) if at_work(scene, id, live) > 0 => {
            let told = Diagnostic::error(format!("`{id}`, which changes `{key}`, is at work"));
            Err(Box::new(Refusal::refused(told.hint("wait until it has come to its end"))))
        }
        (None, _) if !is_old => Err(Box::new(Refusal::refused(by_job(Diagnostic::error(format!(
            "`{key}` has the new value already: its Job may have run to its end"
        )))))),
        _ => Ok(()),
    }
}

/// Nothing runs that the Job could tell.
pub(super) fn is_down(scene: &Scene<'_>, key: &SecretKey, workload: &ObjectId) -> Refusal {
    let release = &scene.intent.release;
    Refusal::failed(
        Diagnostic::error(format!("`{workload}` is not ready: nothing could change `{key}` inside the service"))
            .hint(format!("`kchart status {} -n {}` says why; rotate when it runs", release.name, release.namespace)),
    )
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
        ([], [one, ..]) => named(scene, openings, &one.to_string(), &Begun::new()),
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
fn named(scene: &Scene<'_>, openings: &[Opening], name: &str, begun: &Begun<'_>) -> Result<SecretKey, Box<Refusal>> {
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
    if begun.contains_key(key) {
        return Ok(key.clone());
    }
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
                claim.is_some() && knows_old(scene, openings, key, opening)
            })
    })
    .collect()
}

/// Whether the value in the Secret is the one that the service knows, as far as that can be told.
pub(super) fn knows_old(scene: &Scene<'_>, openings: &[Opening], key: &SecretKey, opening: &Opening) -> bool {
    let Some(live) = scene.live_value(&key.namespace, &key.secret, &key.key) else { return false };
    let (Some(ledger), Some(claim)) = (&scene.past.ledger, scene.claim(&key.namespace, &opening.claim)) else {
        return true;
    };
    let known = scene.entry(claim).into_iter().flat_map(|entry| &entry.credentials);
    match known.filter(|known| known.secret == key.secret && known.key == key.key).find_map(|it| it.hash.as_ref()) {
        Some(hash) => ledger.hash(&live) == *hash,
        None => !matches!(told(scene, openings, opening, claim, Some(&live)), Told::Another(_) | Told::Unfinished(_)),
    }
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
pub(in crate::plan) fn undeclared_now(scene: &Scene<'_>, key: &SecretKey) -> Refusal {
    let release = &scene.intent.release;
    Refusal::refused(
        at_key(scene, key, format!("the rotation of `{key}` is not over, and the chart no longer says how it is done"))
            .note(format!(
                "Secret `{}` holds the old and the new value; either may be the one that works",
                marks::rotation_secret(&key.secret)
            ))
            .hint(format!("end it first, as the revision in force does it: `{}`", command(scene, key)))
            .hint(format!("or give it up as that revision does it: `{} --abort`", command(scene, key)))
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
            .hint(format!("or end it as it was begun: `{}`", command(scene, key)))
            .hint(format!("or give it up: `{} --abort`", command(scene, key))),
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
