//! The goal Purged: nothing is left. Workloads, Pods really gone, claims by uid, volumes, Secrets, the ledger last.
//!
//! Only what is proven to be this release's is destroyed: claims by their mark, by their uid in the ledger, or as its sets
//! and Pods use them now; volumes by the uid of their claim. The rest is named, with the command that destroys it.

use std::collections::{BTreeMap, BTreeSet};

use super::destroy::{Going, await_unmounted, delete_claims, destroy_volumes};
use super::fate::{self, Means};
use super::graph::Graph;
use super::holders::{self, Ours};
use super::jobs::{self, Parting};
use super::keys::keys_of_claims;
use super::leaving::{self, Leaving, Occasion};
use super::ownership::Owner;
use super::scene::{Scene, list};
use super::takedown::takedown;
use super::{
    Act, Change, Claim, Deletion, Expect, Facts, Intent, Kept, Line, Live, Mounter, Plan, Refusal, Report, fixed,
    garbage, remove, retain, retention, rotation, unread, wanted,
};
use crate::diagnostic::Diagnostic;
use crate::object::{ObjectId, marks};
use crate::release::{CredentialKind, Past};

/// Plans the goal Purged. Nothing is wanted; what the release has is known from its records and its ledger.
pub(super) fn plan(intent: &Intent, past: &Past, facts: &Facts) -> Result<Plan, Vec<Refusal>> {
    let wanted = wanted::settle(&jobs::parting(past), intent, past, facts);
    let scene = Scene::new(intent, past, facts, &wanted);
    let mut leaving = leaving::decide(&scene, Occasion::Purge, &[]);
    let ours = Ours::new(&scene);
    let (going, unproven) = going(&scene, &leaving, &ours);
    let mut refusals = leaving.refusals.clone();
    refusals.extend(leaving.delete.iter().filter_map(|(id, live)| takes_unproven(&scene, id, live, &unproven)));
    refusals.extend(going.iter().filter_map(|going| used_by_others(&scene, &leaving, going, &ours)));
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let claims: Vec<(&str, &str, &Claim)> =
        going.iter().map(|going| (going.namespace, going.name, going.claim)).collect();
    let fates = fate::decide(&scene, &claims);
    let shared = facts.volumes.get().map(|volumes| fate::shared(volumes, &fates)).unwrap_or_default();
    if !shared.is_empty() {
        return Err(shared);
    }
    // A volume that goes with its claim is not one that stays.
    let goes: BTreeSet<&str> =
        fates.volumes.iter().filter(|doomed| doomed.means != Means::Leave).map(|doomed| doomed.name).collect();
    leaving.kept.retain(|kept| !(kept.id.is("", "PersistentVolume") && goes.contains(kept.id.name.as_str())));
    let (secrets, kept) = secrets(&scene, &going);

    let mut graph = Graph::default();
    let mut parting = Parting::plan(&scene, &mut graph, intent.options.skip_jobs);
    remove::mark_secrets(&scene, &kept, &mut graph);
    let gone = takedown(&mut graph, &leaving.delete, &leaving.own_kinds, std::mem::take(&mut parting.ended));
    let unmounted = await_unmounted(&mut graph, &going, &gone.workloads);
    let claims_gone = delete_claims(&mut graph, &going, &fates.volumes, &unmounted);
    let volumes_gone = destroy_volumes(&mut graph, &fates.volumes, &claims_gone);

    // A credential lives as long as its volume.
    let before = graph.last_of(claims_gone.values().copied().chain(volumes_gone).chain(gone.all));
    let before = graph.joined(before);
    let mut deleted = BTreeSet::new();
    for (id, live) in &secrets {
        let act = Act::Delete { id: id.clone(), version: live.version.clone(), deletion: Deletion::Background };
        deleted.insert(graph.add(act, Expect::Uid(live.uid.clone(), None), before.iter().copied()));
    }
    let uids: Vec<String> =
        past.ledger.iter().flat_map(|ledger| &ledger.entries).map(|entry| entry.uid.clone()).collect();
    if !uids.is_empty() {
        let after = if deleted.is_empty() { before } else { deleted };
        graph.add(Act::Forget { uids }, Expect::Nothing, after);
    }
    parting.clear(&mut graph);
    remove::end(&mut graph, intent);

    let mut notes = leaving.notes.clone();
    notes.extend(strangers(&scene));
    notes.extend(unproven.iter().map(left_alone));
    notes.extend(fates.notes);
    let lines = parting.lines.into_iter().chain(lines(&leaving, &going, &secrets)).collect();
    Ok(Plan {
        report: Report {
            lines,
            kept: leaving.kept.into_iter().chain(kept).collect(),
            volumes: fates.report,
            notes,
            ..Report::default()
        },
        steps: graph.into_steps().map_err(|circle| vec![super::circular(&circle, &[])])?,
        inventory: Vec::new(),
    })
}

/// The claims of the release, and those that only have the name of one: of an ordinal that its set does not run now, with
/// no mark, no uid in the ledger and no Pod of the release on them.
fn going<'a>(scene: &Scene<'a>, leaving: &Leaving<'_>, ours: &Ours<'_>) -> (Vec<Going<'a>>, Vec<Going<'a>>) {
    let claims = scene.facts.claims.iter();
    let claims = claims.filter(|((namespace, name), claim)| scene.claim_owner(namespace, name, claim) == Owner::Ours);
    claims.map(|((namespace, name), claim)| Going { namespace, name, claim }).partition(|it| {
        let mut holders = holders::of(scene, it.namespace, it.name).iter();
        scene.is_proven(it.namespace, it.name, it.claim)
            || holders.any(|holder| ours.runs(it.namespace, holder) || leaving.takes_orphan(it.namespace, &holder.pod))
    })
}

/// What is said of a claim that is not proven.
fn left_alone(Going { namespace, name, .. }: &Going<'_>) -> String {
    format!(
        "claim `{name}` stays: its name is one that the release's set makes, but nothing proves that it did; to destroy it: \
         `kchart volumes purge claim/{name} -n {namespace}`"
    )
}

/// What goes would take claims along that are not proven.
fn takes_unproven(scene: &Scene<'_>, id: &ObjectId, live: &Live, unproven: &[Going<'_>]) -> Option<Refusal> {
    let namespace = id.namespace.as_deref()?;
    let owned = scene.owned_claims(namespace, &format!("{}/{}", id.kind, id.name));
    let with_set = retention::deleted_with(scene, id, live);
    let taken =
        |it: &&Going<'_>| it.namespace == namespace && (owned.contains(&it.name) || with_set.contains(&it.name));
    let lost: Vec<&str> = unproven.iter().filter(taken).map(|it| it.name).collect();
    let keep = if with_set.is_empty() { garbage::disown(namespace, &lost) } else { retention::keep(id) };
    let told = || {
        Diagnostic::error(format!(
            "deleting `{id}` would destroy claims that nothing proves to be its: {}",
            list(lost.iter().copied())
        ))
        .hint(format!("keep them: `{keep}`"))
        .hint(format!(
            "or say that they are this release's: `kubectl label pvc {} -n {namespace} {}={}`",
            lost.join(" "),
            marks::RELEASE,
            scene.intent.release.name
        ))
    };
    (!lost.is_empty()).then(|| Refusal::refused(told()))
}

/// Claims of the release's names that nothing proves to be the release's.
fn strangers(scene: &Scene<'_>) -> Vec<String> {
    let mut names: BTreeSet<(&str, &str)> = BTreeSet::new();
    if let Some(ledger) = &scene.past.ledger {
        names.extend(ledger.entries.iter().map(|entry| (ledger.namespace_of(entry), entry.claim.as_str())));
    }
    let mut notes = Vec::new();
    for (namespace, name) in names {
        if let Some(claim) = scene.claim(namespace, name) {
            let owner = scene.claim_owner(namespace, name, claim);
            if owner != Owner::Ours {
                notes.push(format!("claim `{name}` stays: {owner}, and its uid is not in the ledger"));
            }
        }
    }
    notes
}

/// A Pod of somebody else uses the claim: it would break, and the claim would not go before it ends.
fn used_by_others(scene: &Scene<'_>, leaving: &Leaving<'_>, going: &Going<'_>, ours: &Ours<'_>) -> Option<Refusal> {
    let strangers: Vec<&Mounter> = holders::of(scene, going.namespace, going.name)
        .iter()
        .filter(|mounter| !leaving.takes_orphan(going.namespace, &mounter.pod))
        .filter(|mounter| !ours.runs(going.namespace, mounter))
        .collect();
    if strangers.is_empty() {
        return None;
    }
    let refused = Diagnostic::error(format!(
        "claim `{}` is used by Pods that are not this release's: {}",
        going.name,
        list(strangers.iter().map(|mounter| mounter.pod.as_str()))
    ));
    let hints: BTreeSet<String> = strangers.iter().map(|it| how_to_end(scene, going.namespace, it)).collect();
    Some(Refusal::refused(hints.into_iter().fold(refused, Diagnostic::hint)))
}

/// A Pod that something makes again at once is ended there.
fn how_to_end(scene: &Scene<'_>, namespace: &str, mounter: &Mounter) -> String {
    let Some((kind, name)) = mounter.controller.as_deref().and_then(|it| it.split_once('/')) else {
        return format!("end it first: `kubectl delete pod {} -n {namespace}`", mounter.pod);
    };
    let parent = name.rsplit_once('-').map_or(name, |(parent, _)| parent);
    let (kind, name) = match kind {
        "ReplicaSet" => ("Deployment", parent),
        "Job" if scene.facts.live.contains_key(&ObjectId::namespaced("batch", "CronJob", namespace, parent)) => {
            ("CronJob", parent)
        }
        other => (other, name),
    };
    let is_it = |id: &ObjectId| id.kind == kind && id.name == name && id.namespace.as_deref() == Some(namespace);
    let live = scene.facts.live.iter().find(|(id, _)| is_it(id)).map(|(_, live)| live);
    match live.and_then(|live| live.body.str_at(&["metadata", "labels", marks::RELEASE])) {
        Some(release) => format!("uninstall it first: `kchart uninstall {release} -n {namespace}`"),
        None => format!("end what makes them first: `{kind}/{name}`"),
    }
}

/// The Secrets that opened the release's volumes and that it made; and those of them that stay, because they open a
/// claim that does.
fn secrets<'a>(scene: &Scene<'a>, going: &[Going<'_>]) -> (Vec<(ObjectId, &'a Live)>, Vec<Kept>) {
    let mut ids: BTreeSet<ObjectId> = BTreeSet::new();
    if let Some(ledger) = &scene.past.ledger {
        for entry in &ledger.entries {
            let made = entry.credentials.iter().filter(|credential| credential.kind != CredentialKind::Existing);
            ids.extend(made.map(|it| ObjectId::secret(ledger.namespace_of(entry), &it.secret)));
        }
    }
    let claims: BTreeSet<(&str, &str)> = going.iter().map(|going| (going.namespace, going.name)).collect();
    let inventory: BTreeSet<ObjectId> = scene.past.inventory().into_iter().map(|item| item.id).collect();
    ids.extend(rotation::holders_of(scene).into_iter().map(|(_, id, _)| id.clone()));
    let mut staying: BTreeMap<ObjectId, Vec<String>> = BTreeMap::new();
    for ((namespace, secret), opened) in keys_of_claims(scene, &[]) {
        let id = ObjectId::secret(&namespace, &secret);
        let goes = |claim: &String| claims.contains(&(namespace.as_str(), claim.as_str()));
        staying.insert(id.clone(), opened.into_iter().filter(|claim| !goes(claim)).collect());
        if inventory.contains(&id) {
            ids.insert(id);
        }
    }
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for id in ids {
        let Some(live) = scene.facts.live.get(&id).filter(|live| scene.owner(&id, live) == Owner::Ours) else {
            continue;
        };
        match staying.get(&id).filter(|claims| !claims.is_empty()) {
            Some(claims) => kept.push(Kept {
                why: format!("opens {}", list(claims.iter().map(String::as_str))),
                id,
                size: None,
                volume: None,
                remove: None,
            }),
            // What its claim was initialised with is worth nothing any more, but somebody may want it.
            None => match reason_to_stay(scene, &id, live) {
                Some(why) => kept.push(Kept { why, remove: Some(fixed::delete(&id)), id, size: None, volume: None }),
                None => gone.push((id, live)),
            },
        }
    }
    (gone, kept)
}

fn reason_to_stay(scene: &Scene<'_>, id: &ObjectId, live: &Live) -> Option<String> {
    let mark = retain::retained(&live.body).ok().flatten();
    mark.map(|mark| format!("`{mark}`")).or_else(|| unread::reason_to_stay(scene, id))
}

fn lines(leaving: &Leaving<'_>, going: &[Going<'_>], secrets: &[(ObjectId, &Live)]) -> Vec<Line> {
    let line =
        |id: ObjectId, why: &str| Line { id, change: Change::Delete, why: Some(why.to_owned()), fields: Vec::new() };
    let claims = going.iter().map(|going| line(ObjectId::claim(going.namespace, going.name), "with its data"));
    let secrets = secrets.iter().map(|(id, _)| line(id.clone(), "opens nothing any more"));
    leaving.lines().chain(claims).chain(secrets).collect()
}
