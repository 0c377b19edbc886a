//! The goal Removed: nothing runs any more; claims, what opens them and the ledger stay.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::hashing;
use super::graph::{Draft, Graph};
use super::jobs::{self, Parting};
use super::leaving::{self, Occasion};
use super::ownership::{self, Owner};
use super::proven::proven;
use super::reclaim::{self, Switched};
use super::scene::Scene;
use super::takedown::takedown;
use super::{Act, Claim, Expect, Facts, Intent, Kept, Live, Plan, Refusal, Report, overlooked, pods, wanted};
use crate::object::{ObjectId, marks};
use crate::release::{Past, Status};

/// Plans the goal Removed. Nothing is wanted; what the release has is known from its records.
pub(super) fn plan(intent: &Intent, past: &Past, facts: &Facts) -> Result<Plan, Vec<Refusal>> {
    let wanted = wanted::settle(&jobs::parting(past), intent, past, facts);
    let scene = Scene::new(intent, past, facts, &wanted);
    let leaving = leaving::decide(&scene, Occasion::Uninstall, &[]);
    if !leaving.refusals.is_empty() {
        return Err(leaving.refusals);
    }
    let mut graph = Graph::default();
    let mut parting = Parting::plan(&scene, &mut graph, intent.options.skip_jobs);
    let mut gate = mark_claims(&scene, &mut graph);
    mark_secrets(&scene, &leaving.kept, &mut graph);
    let overlooked = overlooked::by_uninstall(&scene);
    if !overlooked.is_empty() {
        let act = Act::Remember { claims: overlooked, key: hashing(&scene).key };
        gate.insert(graph.add(act, Expect::Nothing, []));
    }
    gate.extend(std::mem::take(&mut parting.ended));
    takedown(&mut graph, &leaving.delete, &leaving.own_kinds, gate);
    let switched = reclaim::switched(&scene);
    for switched in &switched {
        switched.restore(&mut graph);
    }
    let uids = spent(&scene);
    if !uids.is_empty() {
        graph.add(Act::Forget { uids }, Expect::Nothing, []);
    }
    parting.clear(&mut graph);
    end(&mut graph, intent);
    Ok(Plan {
        report: Report {
            lines: parting
                .lines
                .into_iter()
                .chain(leaving.lines())
                .chain(switched.iter().map(Switched::line))
                .collect(),
            kept: leaving.kept,
            notes: leaving.notes.into_iter().chain(switched.iter().map(Switched::note)).collect(),
            ..Report::default()
        },
        steps: graph.into_steps().map_err(|circle| vec![super::circular(&circle, &[])])?,
        inventory: Vec::new(),
    })
}

/// The last step: the record says so, or goes.
pub(super) fn end(graph: &mut Graph, intent: &Intent) {
    let all = graph.last_of(graph.all());
    let act = if intent.options.keep_history { Act::Finish { status: Status::Uninstalled } } else { Act::DropHistory };
    graph.add(act, Expect::Nothing, all);
}

/// Uids of the ledger whose claim and volume are both gone: nothing is left to remember.
fn spent(scene: &Scene<'_>) -> Vec<String> {
    let Some(volumes) = scene.facts.volumes.get() else { return Vec::new() };
    let there = proven(scene).into_iter().filter(|data| data.is_own(scene)).map(|data| data.entry.uid.as_str());
    // One that is on its way out is not gone yet.
    let held = volumes.values().filter_map(|volume| volume.claim.as_ref()?.2.as_deref());
    let kept: BTreeSet<&str> = there.chain(held).collect();
    let entries = scene.past.ledger.iter().flat_map(|ledger| &ledger.entries);
    entries.map(|entry| entry.uid.as_str()).filter(|uid| !kept.contains(uid)).map(str::to_owned).collect()
}

/// Secrets that stay for a claim say so to whoever looks at them.
pub(super) fn mark_secrets(scene: &Scene<'_>, kept: &[Kept], graph: &mut Graph) {
    let name = &scene.intent.release.name;
    // What stays for another reason can be removed by hand.
    for kept in kept.iter().filter(|kept| kept.id.is_secret() && kept.remove.is_none()) {
        let Some(live) = scene.facts.live.get(&kept.id) else { continue };
        if live.body.str_at(&["metadata", "labels", marks::RETAINED_FOR]) != Some(name.as_str()) {
            let labels = BTreeMap::from([(marks::RETAINED_FOR.to_owned(), name.clone())]);
            let act = Act::Stamp { id: kept.id.clone(), version: "v1".into(), labels };
            graph.add(act, Expect::Uid(live.uid.clone(), None), []);
        }
    }
}

/// Claims of ours that carry no mark yet get it before the set goes that proves them ours.
pub(super) fn mark_claims(scene: &Scene<'_>, graph: &mut Graph) -> BTreeSet<Draft> {
    mark(scene, graph, |namespace, name, claim| scene.claim_owner(namespace, name, claim) == Owner::Ours)
}

/// The same for those on which a live set runs Pods that are no longer wanted: a claim that was deleted by hand and made
/// anew by Kubernetes has no mark.
pub(super) fn mark_left(scene: &Scene<'_>, graph: &mut Graph, set: &ObjectId, live: &Live) -> BTreeSet<Draft> {
    mark(scene, graph, |namespace, name, claim| {
        set.namespace.as_deref() == Some(namespace)
            && pods::wants_claim(set, &live.body, name)
            && scene.wanted.get(&ObjectId::claim(namespace, name)).is_none()
            && scene.claim_owner(namespace, name, claim) == Owner::Ours
    })
}

fn mark(scene: &Scene<'_>, graph: &mut Graph, is_meant: impl Fn(&str, &str, &Claim) -> bool) -> BTreeSet<Draft> {
    let release = &scene.intent.release;
    let mut steps = BTreeSet::new();
    for ((namespace, name), claim) in &scene.facts.claims {
        let is_marked = ownership::of_claim(claim, namespace, release) == Owner::Ours;
        if !is_marked && is_meant(namespace, name, claim) {
            let mut labels = BTreeMap::from([(marks::RELEASE.to_owned(), release.name.clone())]);
            if *namespace != release.namespace {
                labels.insert(marks::RELEASE_NAMESPACE.to_owned(), release.namespace.clone());
            }
            let act = Act::Stamp { id: ObjectId::claim(namespace, name), version: "v1".into(), labels };
            steps.insert(graph.add(act, Expect::Uid(claim.uid.clone(), None), []));
        }
    }
    steps
}
