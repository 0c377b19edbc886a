//! The goal Deployed as steps: what waits for what, what is awaited, what is written into the ledger when.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::{Standing, hashing};
use super::deploy::{Decided, Decisions};
use super::edges::{Until, Waits};
use super::graph::{Draft, Graph};
use super::ledger_writes::{Around, LedgerWrites};
use super::order::{self, Users};
use super::rotation::Rotating;
use super::scene::Scene;
use super::takedown::takedown;
use super::{
    Act, Change, Deletion, Expect, Known, LedgerDraft, Live, Refusal, Step, jobs, pods, reclaim, remove, unblock,
};
use crate::object::{Object, ObjectId, marks};
use crate::readiness;
use crate::release::Status;

/// The steps of one wanted object.
#[derive(Default)]
struct Own {
    /// After these it is as it is wanted.
    applied: BTreeSet<Draft>,
    /// After this it is ready, where that is awaited.
    ready: Option<Draft>,
}

/// Makes the decisions steps.
pub(super) fn steps(scene: &Scene<'_>, decisions: Decisions<'_>) -> Result<Vec<Step>, Vec<Refusal>> {
    let mut graph = Graph::default();
    let Decisions { mut objects, waits, known, drafts, seen_ready, news, lacks_more, leaving, rotations, abandoned } =
        decisions;
    let mut own: Vec<Own> = objects.iter_mut().map(|decided| change(scene, &mut graph, decided, &known)).collect();
    for (decided, own) in objects.iter().zip(&mut own) {
        for (id, pod) in unblock::in_the_way(scene, &decided.object, &decided.verdict) {
            let act = Act::Delete { id: id.clone(), version: pod.version.clone(), deletion: Deletion::Background };
            let expect = Expect::Uid(pod.uid.clone(), None);
            // Not before the template is right again: its controller makes the Pod anew at once.
            let deleted = graph.add(act, expect, own.applied.iter().copied());
            own.applied.insert(deleted);
        }
    }
    for (decided, own) in objects.iter().zip(&own).filter(|(decided, _)| pods::is_set(&decided.object.id)) {
        let Some(live) = decided.verdict.live.filter(|_| !own.applied.is_empty()) else { continue };
        let marked = remove::mark_left(scene, &mut graph, &decided.object.id, live);
        for step in &own.applied {
            graph.edges(*step, marked.iter().copied());
        }
    }
    let applied: Vec<BTreeSet<Draft>> = own.iter().map(|own| own.applied.clone()).collect();
    let rotating: Vec<Rotating<'_, '_>> = rotations
        .iter()
        .map(|rotation| Rotating::begin(scene, &mut graph, &objects, &applied, &known, rotation))
        .collect();

    let is_other = !graph.all().is_empty() || !leaving.delete.is_empty();
    let remembers = news || (lacks_more && is_other);
    // The one under which the hashes of the drafts are made: the ledger may be gone when they are written, if all that it
    // knew is forgotten.
    let key = hashing(scene).key;
    let swapped: BTreeSet<Draft> = rotating.iter().flat_map(Rotating::swapped).collect();
    let objects_in_order: Vec<&Object> = objects.iter().map(|decided| &*decided.object).collect();
    let around = Around { objects: &objects_in_order, waits: &waits, applied: &applied };
    let written = if news {
        // What opens a claim from now on is written down when it does.
        let opens = |draft: &LedgerDraft| {
            let of_it = rotating.iter().filter(|rotating| rotating.opens(draft));
            of_it.flat_map(Rotating::swapped).collect()
        };
        LedgerWrites::add(&mut graph, &around, drafts, &key, opens)
    } else {
        LedgerWrites::default()
    };

    let await_for: BTreeSet<usize> =
        waits.iter().flatten().filter(|(_, until)| **until == Until::Ready).map(|(to, _)| *to).collect();
    let users = order::users(objects.iter().map(|decided| (&decided.object.id, &decided.object.body)));
    let mut gates: Vec<[BTreeSet<Draft>; 2]> = vec![Default::default(); waits.len()];
    for at in order::sorted(&waits) {
        let mut before = BTreeSet::new();
        for (to, until) in &waits[at] {
            before.extend(gates[*to][usize::from(*until == Until::Ready)].iter().copied());
        }
        if at >= objects.len() {
            let before = graph.joined(before);
            gates[at] = [before.clone(), before];
            continue;
        }
        // The ledger knows the claims before anything writes to them.
        before.extend(written.before(at));
        let decided = &objects[at];
        for step in own[at].applied.clone() {
            graph.edges(step, before.iter().copied());
        }
        // Who waits for an object that stays as it is waits for what that one would have waited for.
        let applied = if own[at].applied.is_empty() { graph.joined(before) } else { own[at].applied.clone() };
        if is_awaited(scene, decided, await_for.contains(&at), &users) {
            let act = Act::AwaitReady { id: decided.object.id.clone(), version: decided.object.version.clone() };
            let ready = graph.add(act, Expect::Nothing, graph.last_of(applied.iter().copied()));
            own[at].ready = Some(ready);
            if jobs::remembers(scene, &decided.object, decided.verdict.change, decided.verdict.live) {
                let act = Act::Ran { job: decided.object.id.clone(), revision: scene.intent.revision };
                graph.add(act, Expect::Nothing, [ready]);
            }
        }
        let ready = own[at].ready.map_or_else(|| applied.clone(), |ready| BTreeSet::from([ready]));
        gates[at] = [applied, ready];
    }
    // A claim may bind only when its Pods are scheduled.
    for (at, decided) in objects.iter().enumerate() {
        if let (Some(ready), Some(users)) = (own[at].ready, users.get(&decided.object.id)) {
            for user in users {
                graph.edges(ready, own[*user].applied.clone());
            }
        }
    }
    let applied: Vec<BTreeSet<Draft>> = gates.into_iter().map(|[applied, _]| applied).collect();
    let steps: Vec<(BTreeSet<Draft>, Option<Draft>)> = own.iter().map(|own| (own.applied.clone(), own.ready)).collect();
    for (rotation, rotating) in rotations.iter().zip(&rotating) {
        let waits = rotation.job().into_iter().flat_map(|at| waits[at].keys().copied());
        rotating.connect(&mut graph, waits, &applied, &steps);
    }
    last(&mut graph, &objects, &own, &waits);
    if !abandoned.is_empty() {
        forget(&mut graph, abandoned, &objects, &own, &swapped);
    }
    for switched in reclaim::switched(scene) {
        switched.restore(&mut graph);
    }

    let applies: BTreeSet<Draft> = own.iter().flat_map(|own| own.applied.iter().copied()).collect();
    let mut applied = graph.last_of(applies);
    for (id, live) in leaving.delete.iter().filter(|(id, _)| pods::is_set(id)) {
        applied.extend(remove::mark_left(scene, &mut graph, id, live));
    }
    takedown(&mut graph, &leaving.delete, &leaving.own_kinds, applied);
    if remembers && !scene.intent.options.no_wait && !seen_ready.is_empty() {
        let ready = graph.last_of(own.iter().filter_map(|own| own.ready).chain(written.all()));
        graph.add(Act::Remember { claims: seen_ready, key }, Expect::Nothing, ready);
    }
    let all = graph.last_of(graph.all());
    for rotating in &rotating {
        rotating.end(&mut graph, &objects, &all);
    }
    let all = graph.last_of(graph.all());
    graph.add(Act::Finish { status: Status::Deployed }, Expect::Nothing, all);
    graph.into_steps().map_err(|circle| vec![super::circular(&circle, &scene.wanted.objects)])
}

/// The ledger forgets volumes that were given up, before what opens them changes: else it would say that it still does.
fn forget(graph: &mut Graph, uids: Vec<String>, objects: &[Decided<'_>], own: &[Own], swapped: &BTreeSet<Draft>) {
    let forgotten = graph.add(Act::Forget { uids }, Expect::Nothing, []);
    let secrets = objects.iter().zip(own).filter(|(decided, _)| decided.object.id.is_secret());
    let steps: BTreeSet<Draft> = secrets.flat_map(|(_, own)| own.applied.iter().copied()).collect();
    for step in steps.union(swapped) {
        graph.edge(*step, forgotten);
    }
}

/// The steps that make one object what it shall be.
fn change(
    scene: &Scene<'_>,
    graph: &mut Graph,
    decided: &mut Decided<'_>,
    known: &BTreeMap<String, super::KnownValue>,
) -> Own {
    let mut own = Own::default();
    let object = &decided.object;
    let expect = match decided.verdict.live {
        // The record's namespace is made before the first step.
        None if object.id == ObjectId::cluster("", "Namespace", &scene.intent.release.namespace) => Expect::Nothing,
        None => Expect::Absent,
        Some(live) => Expect::Uid(live.uid.clone(), None),
    };
    if matches!(decided.standing, Some(Standing::Kept | Standing::Marked)) {
        own.applied = keep_claim(scene, graph, decided);
        return own;
    }
    if let (Some(deletion), Some(live)) = (decided.verdict.replace, decided.verdict.live) {
        own.applied = replace(scene, graph, object, live, deletion);
        return own;
    }
    let mut after = None;
    let mut expect_main = expect.clone();
    if let Some(generation) = decided.generation.take() {
        let names: BTreeSet<&str> =
            generation.keys.values().flat_map(crate::yaml::Text::generated_keys).map(|key| key.name.as_str()).collect();
        let known = known.iter().filter(|(name, _)| names.contains(name.as_str()));
        let known = known.map(|(name, value)| (name.clone(), value.clone())).collect();
        let act = Act::Generate { secret: generation.secret, keys: generation.keys, known };
        if expect == Expect::Absent {
            // By then it is there, and nobody knows its uid yet.
            expect_main = Expect::Nothing;
        }
        after = Some(graph.add(act, expect, []));
    }
    let done = if matches!(decided.verdict.change, Change::Create | Change::Update) {
        let act = Act::Apply {
            object: object.clone().into_owned(),
            force: scene.intent.options.force_conflicts || decided.verdict.force,
            adopt_from: decided.verdict.adopt_from.clone(),
        };
        Some(graph.add(act, expect_main, after))
    } else {
        after
    };
    own.applied.extend(done.into_iter().chain(after));
    own
}

/// A claim that stays gets the release's mark where it lacks it, and more room where more is wanted.
fn keep_claim(scene: &Scene<'_>, graph: &mut Graph, decided: &Decided<'_>) -> BTreeSet<Draft> {
    let object = &decided.object;
    let namespace = object.id.namespace.clone().unwrap_or_default();
    let claim = scene.claim(&namespace, &object.id.name);
    let expect = claim.map_or(Expect::Nothing, |claim| Expect::Uid(claim.uid.clone(), None));
    let mut steps = BTreeSet::new();
    if decided.standing == Some(Standing::Marked) {
        let labels = [marks::RELEASE, marks::RELEASE_NAMESPACE]
            .into_iter()
            .filter_map(|mark| Some((mark.to_owned(), object.label(mark)?.to_owned())))
            .collect();
        let act = Act::Stamp { id: object.id.clone(), version: object.version.clone(), labels };
        steps.insert(graph.add(act, expect.clone(), []));
    }
    if let Some(size) = decided.grows_to.clone() {
        steps.insert(graph.add(Act::Expand { claim: object.id.clone(), size }, expect, []));
    }
    steps
}

/// Deletes the very object that is there and makes it again when it is gone.
fn replace(scene: &Scene<'_>, graph: &mut Graph, object: &Object, live: &Live, deletion: Deletion) -> BTreeSet<Draft> {
    // The set proves whose its claims are: while it is away their marks have to.
    let marked = if pods::is_set(&object.id) { remove::mark_claims(scene, graph) } else { BTreeSet::new() };
    let act = Act::Delete { id: object.id.clone(), version: live.version.clone(), deletion };
    let deleted = graph.add(act, Expect::Uid(live.uid.clone(), None), marked);
    let act = Act::AwaitGone { id: object.id.clone(), version: live.version.clone(), uid: Some(live.uid.clone()) };
    let gone = graph.add(act, Expect::Nothing, [deleted]);
    let act =
        Act::Apply { object: object.clone(), force: scene.intent.options.force_conflicts, adopt_from: Vec::new() };
    BTreeSet::from([deleted, gone, graph.add(act, Expect::Absent, [gone])])
}

/// Whether readiness of an object is awaited: of what has something to wait for, unless nobody wants to wait; of
/// whatever others wait for, always.
fn is_awaited(scene: &Scene<'_>, decided: &Decided<'_>, others_wait: bool, users: &Users) -> bool {
    let id = &decided.object.id;
    if id.is("apiextensions.k8s.io", "CustomResourceDefinition") {
        return decided.verdict.change != Change::Keep;
    }
    if jobs::is_job(id) && decided.verdict.live.is_none() && decided.verdict.change == Change::Keep {
        return false; // it ran before, or runs at the end
    }
    if others_wait {
        return true;
    }
    let waits = !scene.intent.options.no_wait;
    waits
        && readiness::takes_time(id, &decided.object.version, &decided.object.body)
        && (!id.is_claim() || will_bind(scene, decided, users))
}

/// Whether a claim will be bound by itself or by those that mount it. A class that is not known may wait for a
/// consumer.
fn will_bind(scene: &Scene<'_>, decided: &Decided<'_>, users: &Users) -> bool {
    let id = &decided.object.id;
    let claim = scene.claim(id.namespace.as_deref().unwrap_or_default(), &id.name);
    if claim.is_some_and(|claim| claim.bound) {
        return false;
    }
    if users.contains_key(id) {
        return true;
    }
    let Known::Yes(classes) = &scene.facts.classes else { return false };
    let class = match decided.object.body.str_at(&["spec", "storageClassName"]) {
        Some(name) => classes.get(name),
        None => classes.values().find(|class| class.default),
    };
    class.is_some_and(|class| !class.waits_for_consumer)
}

/// What steps into the requests for others comes after all of them, ready if that is awaited; but for those that wait for
/// it themselves.
fn last(graph: &mut Graph, objects: &[Decided<'_>], own: &[Own], waits: &Waits) {
    let mut late: BTreeSet<usize> =
        (0..objects.len()).filter(|at| order::intercepts(&objects[*at].object.id)).collect();
    let webhooks: Vec<usize> = late.iter().copied().collect();
    for at in order::sorted(waits) {
        if waits[at].keys().any(|to| late.contains(to)) {
            late.insert(at);
        }
    }
    let others = (0..objects.len()).filter(|at| !late.contains(at));
    let steps = others.flat_map(|at| own[at].applied.iter().copied().chain(own[at].ready));
    let before = graph.joined(graph.last_of(steps));
    for step in webhooks.iter().flat_map(|at| own[*at].applied.iter().copied()) {
        graph.edges(step, before.iter().copied());
    }
}
