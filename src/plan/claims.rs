//! Whether the claims that exist may be used: whose they are, and whether what is wanted opens them.
//! The decision table is in the design, "Volumes and credentials".

use std::collections::BTreeSet;

use super::credentials::{Opening, of_claim};
use super::ownership::Owner;
use super::scene::{Scene, generated, list};
use super::{Claim, Hazard, Refusal, adopt, pods, rotation, terminating};
use crate::diagnostic::Diagnostic;
use crate::object::{Object, ObjectId};
use crate::release::{Credential, CredentialKind, Ledger, Lifetime};

/// What becomes of a wanted claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is made.
    Fresh,
    /// It stays as it is.
    Kept,
    /// It stays and gets the release's mark.
    Marked,
}

/// What was found about claims.
#[derive(Default)]
pub(super) struct Judgement {
    pub(super) refusals: Vec<Refusal>,
    pub(super) hazards: Vec<Hazard>,
    pub(super) notes: Vec<String>,
    /// Claim, Secret and key of credentials of which nothing tells whether they are right: the ledger must not learn
    /// them as if they were.
    pub(super) unverified: BTreeSet<(String, String, String)>,
}

/// Judges a wanted claim.
pub(super) fn judge(scene: &Scene<'_>, object: &Object, openings: &[Opening], out: &mut Judgement) -> Standing {
    let namespace = object.id.namespace.as_deref().unwrap_or_default();
    let name = object.id.name.as_str();
    let Some(claim) = scene.claim(namespace, name) else { return Standing::Fresh };
    if claim.terminating {
        out.refusals.push(terminating::refusal(scene, namespace, name, claim));
        return Standing::Kept;
    }
    let opens: Vec<&Opening> = sticky_of(openings, namespace, name).collect();
    let owner = scene.claim_owner(namespace, name, claim);
    match &owner {
        Owner::Ours => {
            for opening in opens {
                compare(scene, opening, claim, out);
            }
            let marked = super::ownership::of_claim(claim, namespace, &scene.intent.release) == Owner::Ours;
            if marked { Standing::Kept } else { Standing::Marked }
        }
        Owner::Release(release) => {
            out.refusals.push(Refusal::refused(
                Diagnostic::error(format!("claim `{name}` ({}) belongs to release `{release}`", scene.describe(claim)))
                    .at(object.body.at(&["metadata", "name"]).map(|node| node.origin.at).unwrap_or_default())
                    .hint("choose another name for this release or its workload"),
            ));
            Standing::Kept
        }
        Owner::Helm(_) | Owner::Nobody => {
            stranger(scene, object, claim, &owner, &opens, out);
            Standing::Marked
        }
    }
}

/// Judges a claim of ours that a set makes at an ordinal that is not wanted now: it waits for its Pod, and for what
/// opens it.
pub(super) fn judge_resting(scene: &Scene<'_>, namespace: &str, name: &str, openings: &[Opening], out: &mut Judgement) {
    let Some(claim) = scene.claim(namespace, name) else { return };
    if scene.claim_owner(namespace, name, claim) == Owner::Ours {
        for opening in sticky_of(openings, namespace, name) {
            compare(scene, opening, claim, out);
        }
    }
}

/// Judges a claim that a workload mounts although the release does not make it.
pub(super) fn judge_foreign(scene: &Scene<'_>, namespace: &str, name: &str, openings: &[Opening], out: &mut Judgement) {
    let Some(claim) = scene.claim(namespace, name) else { return };
    let closed: Vec<&Opening> =
        sticky_of(openings, namespace, name).filter(|opening| is_lost(scene, opening)).collect();
    if !closed.is_empty() && scene.claim_owner(namespace, name, claim) != Owner::Ours {
        out.refusals.push(unopened(scene, name, claim, &closed));
    }
}

fn sticky_of<'a>(openings: &'a [Opening], namespace: &str, claim: &str) -> impl Iterator<Item = &'a Opening> {
    of_claim(openings, namespace, claim).iter().filter(|opening| opening.lifetime == Lifetime::Sticky)
}

/// Whether a credential would be generated anew.
fn is_lost(scene: &Scene<'_>, opening: &Opening) -> bool {
    let wanted = scene.wanted_value(&opening.namespace, &opening.secret, &opening.key);
    wanted.is_some_and(|node| generated(node).is_some())
        && scene.live_value(&opening.namespace, &opening.secret, &opening.key).is_none()
}

/// A claim of ours: its credential must be the one it was initialised with, as far as that is known.
fn compare(scene: &Scene<'_>, opening: &Opening, claim: &Claim, out: &mut Judgement) {
    let live = scene.live_value(&opening.namespace, &opening.secret, &opening.key);
    let wanted = scene.wanted_value(&opening.namespace, &opening.secret, &opening.key);
    let value = match wanted {
        Some(node) if generated(node).is_some() => live.clone(), // a lost one is refused with its Secret
        Some(node) => super::same::bytes(node),
        None => live.clone(),
    };
    let Some(value) = value else { return };
    if is_open_to_a_try(scene, opening, claim) && live.as_ref().is_some_and(|live| *live != value) {
        out.hazards.push(unverified(opening));
        out.unverified.insert((opening.claim.clone(), opening.secret.clone(), opening.key.clone()));
        return;
    }
    let credentials = scene.entry(claim).map(|entry| entry.credentials.as_slice()).unwrap_or_default();
    let stored = credentials.iter().find(|known| known.secret == opening.secret && known.key == opening.key);
    let hash = scene.past.ledger.as_ref().map(|ledger| ledger.hash(&value));
    let key = (opening.claim.clone(), opening.secret.clone(), opening.key.clone());
    match (stored, &live) {
        (Some(Credential { hash: Some(stored), .. }), _) if hash.as_ref() == Some(stored) => {}
        (Some(Credential { hash: Some(_), .. }), _) => out.refusals.push(changed(scene, opening, claim)),
        // It was given before, and nothing told whether it was right: another try must be possible.
        (Some(Credential { kind: CredentialKind::Given, hash: None, .. }), live) => {
            if live.as_ref() != Some(&value) {
                out.hazards.push(unverified(opening));
            }
            out.unverified.insert(key);
        }
        (_, Some(live)) if *live == value => {}
        (_, Some(_)) => out.refusals.push(changed(scene, opening, claim)),
        (_, None) if credentials.iter().any(|known| known.hash.is_some() && known.hash == hash) => {}
        (_, None) => {
            out.hazards.push(unverified(opening));
            out.unverified.insert(key);
        }
    }
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

/// A claim that carries no mark of ours.
fn stranger(scene: &Scene<'_>, object: &Object, claim: &Claim, owner: &Owner, opens: &[&Opening], out: &mut Judgement) {
    let name = object.id.name.as_str();
    let lost: Vec<&Opening> = opens.iter().copied().filter(|opening| is_lost(scene, opening)).collect();
    if !lost.is_empty() {
        let Refusal { class, diagnostic } = unopened(scene, name, claim, &lost);
        out.refusals.push(Refusal { class, diagnostic: diagnostic.hint(destroy(&object.id)) });
    } else if !scene.intent.options.adopt_volumes && !adopt::names(scene.intent, &object.id) {
        let mut diagnostic =
            Diagnostic::error(format!("claim `{name}` ({}) exists already, and {owner}", scene.describe(claim)))
                .at(object.body.at(&["metadata", "name"]).map(|node| node.origin.at).unwrap_or_default())
                .note("the workload would start with the data in it");
        if let Some(opening) = opens.first() {
            diagnostic = diagnostic.note(format!(
                "nothing tells whether {} of Secret `{}` opens it",
                list(opens.iter().map(|opening| opening.key.as_str()).collect::<BTreeSet<_>>()),
                opening.secret
            ));
        }
        diagnostic = diagnostic.hint("use it with its data: `--adopt-volumes`").hint(destroy(&object.id));
        out.refusals.push(Refusal::refused(diagnostic));
    } else {
        for opening in opens {
            out.hazards.push(unverified(opening));
            out.unverified.insert((opening.claim.clone(), opening.secret.clone(), opening.key.clone()));
        }
    }
}

/// The command that destroys what nobody has.
fn destroy(claim: &ObjectId) -> String {
    let namespace = claim.namespace.as_deref().unwrap_or_default();
    format!("or destroy the data: `kchart volumes purge claim/{} -n {namespace}`", claim.name)
}

/// A stranger's claim can't be opened by a value that is made now.
fn unopened(scene: &Scene<'_>, name: &str, claim: &Claim, lost: &[&Opening]) -> Refusal {
    let keys = list(lost.iter().map(|opening| opening.key.as_str()).collect::<BTreeSet<_>>());
    let secret = lost.first().map_or("", |opening| opening.secret.as_str());
    Refusal::refused(
        Diagnostic::error(format!(
            "claim `{name}` ({}) exists already, and {keys} of Secret `{secret}` would be generated",
            scene.describe(claim)
        ))
        .note("a new value can't open a volume that it did not initialise")
        .hint(format!(
            "give the value that it was initialised with: `--set …=<the old value>` for {keys} of `{secret}`, with \
             `--adopt-volumes`"
        ))
        .hint("or give the release another name, so that it makes a new claim"),
    )
}

/// The value that is given now is not the one that initialised the claim.
fn changed(scene: &Scene<'_>, opening: &Opening, claim: &Claim) -> Refusal {
    let Opening { claim: name, secret, key, namespace, rule, .. } = opening;
    let place = scene.wanted_value(namespace, secret, key).map(|node| node.origin.at);
    let mut diagnostic = Diagnostic::error(format!(
        "volume claim `{name}` ({}) was initialised with another `{key}` of Secret `{secret}` than the one that is given \
         now",
        scene.describe(claim)
    ))
    .at(place.unwrap_or_default())
    .note(format!("{rule}: logins with the new value would be refused"))
    .hint(format!("give the old value for `{key}` of `{secret}`"));
    if was_refused(scene, opening, claim) {
        diagnostic = diagnostic.hint(
            "or, as logins were refused and the volume may hold older data that this value opens: `--adopt-volumes`",
        );
    }
    if rotation::is_possible(scene, opening) {
        diagnostic = diagnostic.hint("or have it changed inside the service too: add `--rotate-credentials`");
    }
    Refusal::refused(diagnostic.hint(format!("or destroy the data: `{}`, then install again", scene.purge_command())))
}

fn unverified(opening: &Opening) -> Hazard {
    Hazard {
        id: Some(ObjectId::claim(&opening.namespace, &opening.claim)),
        message: format!(
            "nothing tells whether `{}` of Secret `{}` opens claim `{}`: if logins are refused, it was initialised with \
             another value",
            opening.key, opening.secret, opening.claim
        ),
    }
}

/// An upgrade that would leave a claim behind and begin with an empty one beside it: a renamed set or template.
pub(super) fn left_behind(scene: &Scene<'_>, fresh: &[&ObjectId], out: &mut Judgement) {
    let (Some(deployed), Some(first)) = (scene.past.deployed(), fresh.first()) else { return };
    let still_made = |id: &ObjectId| {
        scene.wanted.objects.iter().any(|set| {
            pods::is_set(&set.id) && set.id.namespace == id.namespace && pods::makes_claim(&set.id, &set.body, &id.name)
        })
    };
    let left: Vec<&str> = deployed
        .inventory
        .iter()
        .map(|item| &item.id)
        .filter(|id| id.is_claim() && scene.wanted.get(id).is_none() && !still_made(id))
        .filter(|id| scene.claim(id.namespace.as_deref().unwrap_or_default(), &id.name).is_some())
        .map(|id| id.name.as_str())
        .collect();
    if left.is_empty() {
        return;
    }
    let (new, left) = (list(fresh.iter().map(|id| id.name.as_str())), list(left));
    if scene.intent.options.accept_new_volume {
        let message =
            format!("the upgrade begins with new, empty claims ({new}); {left} stays with its data, and is not used");
        out.hazards.push(Hazard { id: Some((*first).clone()), message });
        return;
    }
    out.refusals.push(Refusal::refused(
        Diagnostic::error(format!("the upgrade would begin with new, empty claims ({new}) and leave {left} behind"))
            .note("a set or a claim template that is renamed does not find its data again")
            .hint("keep the old names, or accept the new volumes: `--accept-new-volume`"),
    ));
}

/// The key under which values are hashed: the ledger's, or the one of the ledger that will be made.
pub(super) fn hashing(scene: &Scene<'_>) -> Ledger {
    match &scene.past.ledger {
        Some(ledger) => Ledger { release: ledger.release.clone(), key: ledger.key.clone(), entries: Vec::new() },
        None => {
            Ledger { release: scene.intent.release.clone(), key: scene.intent.ledger_key.clone(), entries: Vec::new() }
        }
    }
}
