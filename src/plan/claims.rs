//! Whether the claims that exist may be used: whose they are, and whether what is wanted opens them.
//! The decision table is in the design, "Volumes and credentials".

use std::collections::BTreeSet;

use super::compared::{compare, id_of, unverified};
use super::credentials::{Opening, of_claim};
use super::ownership::Owner;
use super::proven::{Place, proven};
use super::scene::{Scene, generated, list};
use super::{Claim, Hazard, Refusal, adopt, pods, terminating};
use crate::diagnostic::Diagnostic;
use crate::object::{Object, ObjectId};
use crate::release::{Ledger, Lifetime};

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
    /// Namespace, claim, Secret and key of credentials of which nothing tells whether they are right: the ledger must not learn
    /// them as if they were.
    pub(super) unverified: BTreeSet<(String, String, String, String)>,
    /// Those that the ledger knows and that were seen not to open their claim: it is to forget them.
    pub(super) disproven: BTreeSet<(String, String, String, String)>,
}

/// What opens claims, as it is wanted.
pub(super) struct Openings<'a> {
    pub(super) all: &'a [Opening],
    /// Without what is rotated, which need not be what its volume was initialised with.
    pub(super) settled: &'a [Opening],
}

/// Judges a wanted claim.
pub(super) fn judge(scene: &Scene<'_>, object: &Object, openings: &Openings<'_>, out: &mut Judgement) -> Standing {
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
                compare(scene, openings.all, opening, claim, out);
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
pub(super) fn judge_resting(
    scene: &Scene<'_>,
    namespace: &str,
    name: &str,
    openings: &Openings<'_>,
    out: &mut Judgement,
) {
    let Some(claim) = scene.claim(namespace, name) else { return };
    if scene.claim_owner(namespace, name, claim) == Owner::Ours {
        for opening in sticky_of(openings, namespace, name) {
            compare(scene, openings.all, opening, claim, out);
        }
    }
}

/// Judges a claim that a workload mounts although the release does not make it.
pub(super) fn judge_foreign(
    scene: &Scene<'_>,
    namespace: &str,
    name: &str,
    openings: &Openings<'_>,
    out: &mut Judgement,
) {
    let Some(claim) = scene.claim(namespace, name) else { return };
    let closed: Vec<&Opening> =
        sticky_of(openings, namespace, name).filter(|opening| is_lost(scene, opening)).collect();
    if !closed.is_empty() && scene.claim_owner(namespace, name, claim) != Owner::Ours {
        out.refusals.push(unopened(scene, name, claim, &closed));
    }
}

fn sticky_of<'a>(openings: &Openings<'a>, namespace: &str, claim: &str) -> impl Iterator<Item = &'a Opening> + use<'a> {
    of_claim(openings.settled, namespace, claim).iter().filter(|opening| opening.lifetime == Lifetime::Sticky)
}

/// Whether a credential would be generated anew.
fn is_lost(scene: &Scene<'_>, opening: &Opening) -> bool {
    let wanted = scene.wanted_value(&opening.namespace, &opening.secret, &opening.key);
    wanted.is_some_and(|node| generated(node).is_some())
        && scene.live_value(&opening.namespace, &opening.secret, &opening.key).is_none()
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
            out.refusals.extend(overwrites(scene, name, claim, opening));
            out.hazards.push(unverified(opening));
            out.unverified.insert(id_of(opening));
        }
    }
}

/// A Secret that is there may have the only value that opens a stranger's claim: it is not overwritten with a guess.
fn overwrites(scene: &Scene<'_>, name: &str, claim: &Claim, opening: &Opening) -> Option<Refusal> {
    let Opening { namespace, secret, key, .. } = opening;
    let id = ObjectId::secret(namespace, secret);
    let live = scene.facts.live.get(&id).filter(|live| scene.owner(&id, live) != Owner::Ours)?;
    let there = live.body.at(&["data", key]).and_then(super::same::bytes)?;
    let wanted = scene.wanted_value(namespace, secret, key).filter(|node| generated(node).is_none())?;
    (super::same::bytes(wanted)? != there).then(|| {
        Refusal::refused(
            Diagnostic::error(format!(
                "Secret `{secret}` has another `{key}` than the one that is given, and may be what opens claim `{name}` ({})",
                scene.describe(claim)
            ))
            .at(wanted.origin.at)
            .note("it would be overwritten, and nothing tells which of the two opens the claim")
            .hint(format!("give the value that it has, `{key}` of `{secret}`"))
            .hint(format!("or, if that one is wrong, take it away first: `kubectl delete secret {secret} -n {namespace}`")),
        )
    })
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

/// An upgrade that would leave a claim behind and begin with an empty one beside it: a renamed set or template. An install
/// may mean to begin anew: it only says what it does not use.
pub(super) fn left_behind(scene: &Scene<'_>, fresh: &[&ObjectId], out: &mut Judgement) {
    let Some(first) = fresh.first() else { return };
    let still_made = |id: &ObjectId| {
        scene.wanted.objects.iter().any(|set| {
            pods::is_set(&set.id) && set.id.namespace == id.namespace && pods::makes_claim(&set.id, &set.body, &id.name)
        })
    };
    let Some(deployed) = scene.past.deployed() else {
        let kept = proven(scene).into_iter().filter(|data| data.is_own(scene));
        let unused = kept.filter_map(|data| {
            let id = ObjectId::claim(data.namespace(), &data.entry.claim);
            let Place::Claimed(claim) = data.place else { return None };
            let is_used = scene.wanted.get(&id).is_some() || still_made(&id);
            (!is_used).then(|| format!("`{}` ({})", id.name, scene.describe(claim)))
        });
        let unused: Vec<String> = unused.collect();
        if !unused.is_empty() {
            let message = format!(
                "the install begins with new, empty claims ({}); {} stays with its data, and is not used: its name is another",
                list(fresh.iter().map(|id| id.name.as_str())),
                unused.join(", ")
            );
            out.hazards.push(Hazard { id: Some((*first).clone()), message });
        }
        return;
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
