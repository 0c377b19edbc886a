//! What the release no longer wants, or what goes with it: deleted, kept, or left to whom it belongs.
//!
//! Never deleted here: claims and volumes; namespaces and definitions, which would take other objects along; Secrets
//! that open a claim that stays. Whoever owns claims goes only in a purge.

use std::collections::{BTreeMap, BTreeSet};

use super::beside::beside;
use super::credentials::Opening;
use super::garbage::{deletes_claims, takes_owned_claims};
use super::keys::{Keys, keys_of, keys_of_claims};
use super::ownership::Owner;
use super::proven::{Place, proven};
use super::scene::{Scene, list};
use super::{
    Change, Claim, Kept, Line, Live, Refusal, definitions, fixed, jobs, orphans, pods, retain, rotation, terminating,
    unread,
};
use crate::diagnostic::Diagnostic;
use crate::object::ObjectId;
use crate::release::Item;

/// Why objects leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The release no longer wants them.
    Prune,
    /// The release goes, its data stays.
    Uninstall,
    /// The release goes with its data.
    Purge,
}

/// What becomes of them.
#[derive(Default)]
pub(super) struct Leaving<'a> {
    pub(super) delete: Vec<(ObjectId, &'a Live)>,
    pub(super) kept: Vec<Kept>,
    pub(super) notes: Vec<String>,
    pub(super) refusals: Vec<Refusal>,
    /// Kinds (group, kind) that definitions of the release define: its own operator looks after their objects.
    pub(super) own_kinds: BTreeSet<(String, String)>,
    why: Option<&'static str>,
    /// Pods of sets that are gone.
    orphans: BTreeSet<ObjectId>,
}

impl Leaving<'_> {
    /// The lines of the report about what is deleted.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line> {
        self.delete.iter().map(|(id, _)| Line {
            id: id.clone(),
            change: Change::Delete,
            why: if self.orphans.contains(id) { Some(orphans::WHY) } else { self.why }.map(str::to_owned),
            fields: Vec::new(),
        })
    }

    /// Whether a Pod goes with the release although nothing looks after it any more.
    pub(super) fn takes_orphan(&self, namespace: &str, pod: &str) -> bool {
        self.orphans.contains(&ObjectId::namespaced("", "Pod", namespace, pod))
    }
}

/// Decides about everything that the release may have in the cluster and does not want.
pub(super) fn decide<'a>(scene: &Scene<'a>, occasion: Occasion, openings: &[Opening]) -> Leaving<'a> {
    let mut leaving =
        Leaving { why: (occasion == Occasion::Prune).then_some("no longer wanted"), ..Leaving::default() };
    let keys = keys_of_claims(scene, openings);
    let beside = if occasion == Occasion::Uninstall { beside(scene) } else { BTreeMap::new() };
    let inventory = scene.past.inventory();
    leaving.refusals.extend(definitions::strangers(scene, &inventory));
    let leaves = |item: &&Item| match scene.wanted.get(&item.id) {
        None => true,
        // It has no place in a release that is in force.
        Some(object) => {
            occasion == Occasion::Prune && (jobs::waits_for_the_end(object) || rotation::is_rotation_job(object))
        }
    };
    for Item { id, .. } in inventory.iter().filter(leaves) {
        if id.is_claim() {
            keep_claim(scene, id, occasion, &mut leaving);
        } else if let Some(live) = scene.facts.live.get(id) {
            let opens = keys.get(&(id.namespace.clone().unwrap_or_default(), id.name.clone()));
            let opens = opens.filter(|_| id.is_secret() && occasion != Occasion::Purge);
            let in_purge = occasion == Occasion::Purge && id.is_secret() && keys_of(&keys, id).is_some();
            // The Secrets of a purge go last, with steps of their own.
            match beside.get(id).filter(|_| opens.is_none() && scene.owner(id, live) == Owner::Ours) {
                _ if in_purge => {}
                Some(claims) => {
                    let claims = list(claims.iter().map(String::as_str));
                    leaving.kept.push(Kept {
                        id: id.clone(),
                        why: format!("was generated for what has {claims}, and may open it"),
                        size: None,
                        volume: None,
                        remove: Some(fixed::delete(id)),
                    });
                }
                None => one(scene, id, live, occasion, opens, &mut leaving),
            }
        } else if pods::is_set(id) {
            // A Pod that the release made itself is in the inventory.
            let left = orphans::of_set(scene, id).into_iter();
            for (id, pod) in left.filter(|(id, _)| !inventory.iter().any(|item| item.id == **id)) {
                leaving.orphans.insert(id.clone());
                leaving.delete.push((id.clone(), pod));
            }
        }
    }
    if occasion != Occasion::Purge {
        owners(scene, &mut leaving);
        other_claims(scene, occasion, &mut leaving);
        terminating::leave(scene, occasion, &mut leaving);
    }
    if occasion == Occasion::Uninstall {
        openers(scene, &keys, &mut leaving);
        unfinished(scene, &keys, &mut leaving);
        without_claim(scene, &mut leaving);
    }
    leaving
}

/// Secrets that an earlier uninstall or upgrade kept: they still open what is there.
fn openers(scene: &Scene<'_>, keys: &Keys, leaving: &mut Leaving<'_>) {
    for ((namespace, secret), claims) in keys {
        let id = ObjectId::secret(namespace, secret);
        let is_ours = scene.facts.live.get(&id).is_some_and(|live| scene.owner(&id, live) == Owner::Ours);
        let is_told = leaving.kept.iter().any(|kept| kept.id == id) || leaving.delete.iter().any(|(it, _)| *it == id);
        if is_ours && !is_told && rotation::held(&id, &scene.facts.live[&id]).is_none() {
            let why = format!("opens {}", list(claims.iter().map(String::as_str)));
            leaving.kept.push(Kept { id, why, size: None, volume: None, remove: None });
        }
    }
}

/// Secrets that hold both values of a rotation that is not over: as long as what the key opens is there.
fn unfinished<'a>(scene: &Scene<'a>, keys: &Keys, leaving: &mut Leaving<'a>) {
    for (_, id, live) in rotation::holders_of(scene) {
        match keys_of(keys, id) {
            Some(claims) => {
                let opens = list(claims.iter().map(String::as_str));
                let why = format!("opens {opens}: a rotation is not over");
                leaving.kept.push(Kept { id: id.clone(), why, size: None, volume: None, remove: None });
            }
            None => leaving.delete.push((id.clone(), live)),
        }
    }
}

fn one<'a>(
    scene: &Scene<'a>,
    id: &ObjectId,
    live: &'a Live,
    occasion: Occasion,
    opens: Option<&BTreeSet<String>>,
    leaving: &mut Leaving<'a>,
) {
    let owner = scene.owner(id, live);
    if owner != Owner::Ours {
        leaving.notes.push(format!("`{id}` stays: {owner}"));
        return;
    }
    let keep = |why: String| Kept { id: id.clone(), why, size: None, volume: None, remove: Some(fixed::delete(id)) };
    if id.is("", "PersistentVolume") {
        leaving.kept.push(keep("holds data".into()));
    } else if id.is("", "Namespace") {
        leaving.kept.push(keep("all that is in it would go too".into()));
    } else if id.is("apiextensions.k8s.io", "CustomResourceDefinition") {
        let name = |path: &[&str]| live.body.str_at(path).unwrap_or_default().to_owned();
        leaving.own_kinds.insert((name(&["spec", "group"]), name(&["spec", "names", "kind"])));
        if !definitions::is_asked_for(scene, id) {
            leaving.kept.push(keep("all objects of its kind would go too".into()));
            return;
        }
        if occasion != Occasion::Purge {
            leaving.refusals.extend(definitions::takes_claims(scene, id, live));
        }
        leaving.delete.push((id.clone(), live));
    } else if let Some(claims) = opens {
        let why = format!("opens {}", list(claims.iter().map(String::as_str)));
        leaving.kept.push(Kept { remove: None, ..keep(why) });
    } else if let Some(why) = unread::reason_to_stay(scene, id) {
        leaving.kept.push(keep(why));
    } else {
        match retain::retained(&live.body) {
            Ok(Some(mark)) => leaving.kept.push(keep(format!("`{mark}`"))),
            Ok(None) => {
                if occasion != Occasion::Purge {
                    leaving.refusals.extend(deletes_claims(scene, id, live));
                }
                leaving.delete.push((id.clone(), live));
            }
            Err((name, value)) => leaving.refusals.push(Refusal::failed(
                Diagnostic::error(format!("`{id}` has `{name}: {value}`, which says neither to keep nor to delete it"))
                    .hint(format!("take it away: `kubectl annotate {} {name}- …`", written(id))),
            )),
        }
    }
}

/// `deployment/web -n lab`, as kubectl takes it.
fn written(id: &ObjectId) -> String {
    let name = format!("{}/{}", id.kind.to_lowercase(), id.name);
    id.namespace.as_ref().map_or_else(|| name.clone(), |namespace| format!("{name} -n {namespace}"))
}

/// Claims that an object owns are garbage collected with it.
fn owners(scene: &Scene<'_>, leaving: &mut Leaving<'_>) {
    for (id, live) in &leaving.delete {
        // One that is refused already has its reason.
        if deletes_claims(scene, id, live).is_none() {
            leaving.refusals.extend(takes_owned_claims(scene, "deleting", id, live));
        }
    }
}

fn keep_claim(scene: &Scene<'_>, id: &ObjectId, occasion: Occasion, leaving: &mut Leaving<'_>) {
    let namespace = id.namespace.as_deref().unwrap_or_default();
    let Some(claim) = scene.claim(namespace, &id.name) else { return };
    match scene.claim_owner(namespace, &id.name, claim) {
        Owner::Ours if occasion == Occasion::Purge || claim.terminating => {}
        Owner::Ours => leaving.kept.push(kept(id.clone(), claim)),
        owner => leaving.notes.push(format!("`{id}` stays: {owner}")),
    }
}

/// Claims of the release that no stored revision lists: of later ordinals, of earlier installs.
fn other_claims(scene: &Scene<'_>, occasion: Occasion, leaving: &mut Leaving<'_>) {
    if occasion == Occasion::Prune {
        return; // nothing happens to them
    }
    let known: BTreeSet<ObjectId> = leaving.kept.iter().map(|kept| kept.id.clone()).collect();
    for ((namespace, name), claim) in &scene.facts.claims {
        let id = ObjectId::claim(namespace, name);
        if !claim.terminating && !known.contains(&id) && scene.claim_owner(namespace, name, claim) == Owner::Ours {
            leaving.kept.push(kept(id, claim));
        }
    }
}

/// Volumes whose claim is gone.
fn without_claim(scene: &Scene<'_>, leaving: &mut Leaving<'_>) {
    for data in proven(scene).into_iter().filter(|data| data.is_own(scene)) {
        if let Place::Left(name, volume) = data.place {
            let why = format!("holds data of claim `{}`, which is gone", data.entry.claim);
            let size = volume.capacity.clone().or_else(|| data.entry.size.clone());
            let id = ObjectId::volume(name);
            // One of the chart's own is told already.
            if !leaving.kept.iter().any(|kept| kept.id == id) {
                leaving.kept.push(Kept { id, why, size, volume: None, remove: None });
            }
        }
    }
}

fn kept(id: ObjectId, claim: &Claim) -> Kept {
    Kept { id, why: "holds data".into(), size: claim.size.clone(), volume: claim.volume.clone(), remove: None }
}
