//! Whether a claim of ours is opened by what is wanted: the value is compared with what the ledger knows, else with the
//! live one. Another value is refused; where nothing tells, that is a hazard, and the ledger must not learn it.

use super::claims::Judgement;
use super::credentials::{Opening, Rule};
use super::renamed::{Told, told};
use super::scene::{Scene, generated};
use super::{Claim, Hazard, Refusal, rotation};
use crate::diagnostic::Diagnostic;
use crate::object::ObjectId;
use crate::release::{Credential, CredentialKind, Lifetime};

/// A claim of ours: its credential must be the one it was initialised with, as far as that is known.
pub(super) fn compare(scene: &Scene<'_>, openings: &[Opening], opening: &Opening, claim: &Claim, out: &mut Judgement) {
    let live = scene.live_value(&opening.namespace, &opening.secret, &opening.key);
    let wanted = scene.wanted_value(&opening.namespace, &opening.secret, &opening.key);
    let is_made = wanted.is_some_and(|node| generated(node).is_some());
    let value = scene.value_after(&opening.namespace, &opening.secret, &opening.key);
    if is_made && value.is_none() {
        return; // a lost one is refused with its Secret
    }
    let credentials = scene.entry(claim).map(|entry| entry.credentials.as_slice()).unwrap_or_default();
    let stored = credentials.iter().find(|known| known.secret == opening.secret && known.key == opening.key);
    let is_known = stored.is_some_and(|it| match it.kind {
        CredentialKind::Generated => it.hash.is_some() || live.is_some(),
        CredentialKind::Given | CredentialKind::Existing => it.hash.is_some(),
    });
    let told = if is_known { Told::New } else { told(scene, openings, opening, claim, value.as_deref()) };
    let changes = value.is_some() && live.as_ref().is_some_and(|live| Some(live) != value.as_ref());
    if is_open_to_a_try(scene, opening, claim) && (changes || matches!(told, Told::Another(_))) {
        out.hazards.push(unverified(opening));
        out.unverified.insert(id_of(opening));
        out.disproven.extend(disproven(credentials, stored, &told).map(|it| named(opening, &it.secret, &it.key)));
        return;
    }
    let hash = value.as_ref().zip(scene.past.ledger.as_ref()).map(|(value, ledger)| ledger.hash(value));
    match (told, stored, &value) {
        (Told::Right, ..) | (Told::New, _, None) => {}
        (Told::Another(known), ..) => out.refusals.push(changed(scene, openings, opening, claim, Some(known))),
        (Told::Unfinished(key), ..) => out.refusals.push(rotation::undeclared_now(scene, &key)),
        (Told::Unknown, ..) => {
            if stored.is_none() || live != value {
                out.hazards.push(unverified(opening));
            }
            out.unverified.insert(id_of(opening));
        }
        (Told::New, Some(Credential { hash: Some(stored), .. }), _) if hash.as_ref() == Some(stored) => {
            if changes {
                out.hazards.push(changed_by_hand(opening));
            }
        }
        (Told::New, Some(Credential { hash: Some(_), .. }), _) => {
            out.refusals.push(changed(scene, openings, opening, claim, None));
        }
        // It was given before, and nothing told whether it was right: another try must be possible.
        (Told::New, Some(Credential { kind: CredentialKind::Given, hash: None, .. }), _) => {
            if live != value {
                out.hazards.push(unverified(opening));
            }
            out.unverified.insert(id_of(opening));
        }
        // Read for the first time, on a claim of which something else is known: that it was there proves nothing.
        (Told::New, None | Some(Credential { kind: CredentialKind::Existing, .. }), Some(_))
            if live == value && !is_made && knows_others(credentials, opening) =>
        {
            if stored.is_none() {
                out.hazards.push(unverified(opening));
            }
            out.unverified.insert(id_of(opening));
        }
        // Taken over with a claim of somebody else: that it is there proves nothing either.
        (Told::New, Some(Credential { kind: CredentialKind::Existing, hash: None, .. }), Some(_))
            if live == value && !is_made && is_of_stranger(scene, claim) =>
        {
            out.unverified.insert(id_of(opening));
        }
        (Told::New, _, Some(_)) if live == value => {}
        (Told::New, _, Some(_)) if live.is_some() => {
            out.refusals.push(changed(scene, openings, opening, claim, None));
        }
        (Told::New, _, Some(_)) => {
            if !credentials.iter().any(|known| known.hash.is_some() && known.hash == hash) {
                out.hazards.push(unverified(opening));
                out.unverified.insert(id_of(opening));
            }
        }
    }
}

/// Whether a claim was not seen to be initialised by the release: of a new one the ledger knows the image at once, of a
/// stranger's none before one was ready on it.
fn is_of_stranger(scene: &Scene<'_>, claim: &Claim) -> bool {
    scene.entry(claim).is_some_and(|entry| entry.image.is_none() || entry.image_ready)
}

/// The Secret has another value than the one that is given and that the ledger knows.
fn changed_by_hand(opening: &Opening) -> Hazard {
    let Opening { key, secret, claim, namespace, .. } = opening;
    Hazard {
        id: Some(ObjectId::claim(namespace, claim)),
        message: format!(
            "somebody has changed `{key}` of Secret `{secret}`, and it gets back the value that claim `{claim}` was \
             initialised with: if it was changed inside the service too, give the new value instead"
        ),
    }
}

/// Whether a claim was initialised with something else that is known.
fn knows_others(credentials: &[Credential], opening: &Opening) -> bool {
    let mut others = credentials.iter().filter(|it| (&it.secret, &it.key) != (&opening.secret, &opening.key));
    others.any(|it| it.lifetime == Lifetime::Sticky && (it.hash.is_some() || it.kind == CredentialKind::Generated))
}

/// Namespace, claim, Secret and key.
pub(super) fn id_of(opening: &Opening) -> (String, String, String, String) {
    named(opening, &opening.secret, &opening.key)
}

/// The same of what opens the same claim under another name.
fn named(opening: &Opening, secret: &str, key: &str) -> (String, String, String, String) {
    (opening.namespace.clone(), opening.claim.clone(), secret.to_owned(), key.to_owned())
}

/// What the ledger knows that is wrong where another value is tried: what that takes the place of, and the same value
/// under other names.
fn disproven<'a>(
    credentials: &'a [Credential],
    stored: Option<&'a Credential>,
    told: &Told<'a>,
) -> impl Iterator<Item = &'a Credential> {
    let taken = if let Told::Another(known) = told { Some(*known) } else { None };
    let wrong = taken.or(stored);
    credentials.iter().filter(move |it| {
        let is_it = |other: &Credential| (&other.secret, &other.key) == (&it.secret, &it.key);
        let is_same = wrong.is_some_and(|wrong| is_it(wrong) || (it.hash.is_some() && it.hash == wrong.hash));
        is_same && !stored.is_some_and(is_it)
    })
}

/// Whether what the ledger knows of a claim was seen to be wrong: nothing was ever ready on it, and its logins were
/// refused, as with a provisioner that gave a new claim the data of an old one. Whoever has a value for them says that
/// the data are another's.
fn is_open_to_a_try(scene: &Scene<'_>, opening: &Opening, claim: &Claim) -> bool {
    scene.intent.options.adopt_volumes && was_refused(scene, opening, claim)
}

fn was_refused(scene: &Scene<'_>, opening: &Opening, claim: &Claim) -> bool {
    scene.past.refused_logins.contains(&opening.workload) && scene.entry(claim).is_some_and(|it| !it.image_ready)
}

/// The value that is given now is not the one that initialised the claim, by its own name or by that of `known`.
fn changed(
    scene: &Scene<'_>,
    openings: &[Opening],
    opening: &Opening,
    claim: &Claim,
    known: Option<&Credential>,
) -> Refusal {
    let Opening { claim: name, secret, key, namespace, rule, .. } = opening;
    let place = scene.wanted_value(namespace, secret, key).map(|node| node.origin.at);
    let volume = format!("volume claim `{name}` ({})", scene.describe(claim));
    let (message, old, place) = match known {
        None => {
            let message = format!(
                "{volume} was initialised with another `{key}` of Secret `{secret}` than the one that is given now"
            );
            (message, String::new(), place)
        }
        Some(Credential { secret: old_secret, key: old_key, hash, .. }) => {
            let message = format!(
                "{volume} was initialised with `{old_key}` of Secret `{old_secret}`, and `{key}` of Secret `{secret}`, \
                 which takes its place, has another value"
            );
            let is_it = |live: &Vec<u8>| {
                let ledger = scene.past.ledger.as_ref();
                hash.as_ref().is_none_or(|hash| ledger.is_some_and(|ledger| ledger.hash(live) == *hash))
            };
            let is_there = scene.live_value(namespace, old_secret, old_key).as_ref().is_some_and(is_it);
            let old = if is_there { format!(": Secret `{old_secret}` has it") } else { String::new() };
            let declared = if let Rule::Declared { at, .. } = rule { Some(*at) } else { None };
            (message, old, place.or(declared))
        }
    };
    let mut diagnostic = Diagnostic::error(message)
        .at(place.unwrap_or_default())
        .note(format!("{rule}: logins with the new value would be refused"))
        .hint(format!("give the old value for `{key}` of `{secret}`{old}"));
    if was_refused(scene, opening, claim) {
        diagnostic = diagnostic.hint(
            "or, as logins were refused and the volume may hold older data that this value opens: `--adopt-volumes`",
        );
    }
    if rotation::is_possible(scene, openings, opening) {
        diagnostic = diagnostic.hint("or have it changed inside the service too: add `--rotate-credentials`");
    }
    Refusal::refused(diagnostic.hint(format!("or destroy the data: `{}`, then install again", scene.purge_command())))
}

/// Nothing tells whether it opens the claim.
pub(super) fn unverified(opening: &Opening) -> Hazard {
    Hazard {
        id: Some(ObjectId::claim(&opening.namespace, &opening.claim)),
        message: format!(
            "nothing tells whether `{}` of Secret `{}` opens claim `{}`: if logins are refused, it was initialised with \
             another value",
            opening.key, opening.secret, opening.claim
        ),
    }
}
