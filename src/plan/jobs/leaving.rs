//! Jobs that run before the workloads of a release go (`before-uninstall`).

use std::collections::BTreeSet;

use super::{Outcome, waits_for_the_end};
use crate::manifest::Manifest;
use crate::object::Object;
use crate::plan::edges::placed;
use crate::plan::graph::{Draft, Graph};
use crate::plan::ownership::Owner;
use crate::plan::scene::Scene;
use crate::plan::{Act, Change, Deletion, Expect, Line, Live, order};
use crate::release::Past;

/// The steps that are gone through before anything goes.
#[derive(Default)]
pub(in crate::plan) struct Parting {
    /// After these all Jobs have come to their end.
    pub(in crate::plan) ended: BTreeSet<Draft>,
    /// The Jobs for the report.
    pub(in crate::plan) lines: Vec<Line>,
}

/// The Jobs of the revision in force, or of the newest one, that are to run when the release goes.
pub(in crate::plan) fn parting(past: &Past) -> Manifest {
    let record = past.deployed().or_else(|| past.newest());
    let jobs = record.into_iter().flat_map(|record| &record.objects).filter(|object| waits_for_the_end(object));
    Manifest { objects: jobs.cloned().collect(), ..Manifest::default() }
}

impl Parting {
    /// Adds the steps for the Jobs that the scene wants; with `skip` they only go, where they are there.
    pub(in crate::plan) fn plan(scene: &Scene<'_>, graph: &mut Graph, skip: bool) -> Self {
        let mut parting = Self::default();
        let jobs = &scene.wanted.objects;
        let waits = order::waits_among(&placed(jobs));
        let mut ended: Vec<BTreeSet<Draft>> = vec![BTreeSet::new(); jobs.len()];
        for at in order::sorted(&waits) {
            let job = &jobs[at];
            let live = scene.facts.live.get(&job.id);
            if live.is_some_and(|live| scene.owner(&job.id, live) != Owner::Ours) {
                continue; // somebody else's, and told of elsewhere
            }
            let before = waits[at].keys().flat_map(|to| ended[*to].iter().copied()).collect();
            let (steps, change) = one(graph, job, live, &before, skip);
            ended[at] = steps;
            if let Some((change, why)) = change {
                let why = Some(why.to_owned());
                parting.lines.push(Line { id: job.id.clone(), change, why, fields: Vec::new() });
            }
        }
        parting.ended = graph.last_of(ended.into_iter().flatten());
        parting
    }
}

type Told = Option<(Change, &'static str)>;

/// The steps of one Job: away with a run that failed, the run, its end, and the Job goes. One that has completed did so
/// in an uninstall that stopped later.
fn one(
    graph: &mut Graph,
    job: &Object,
    live: Option<&Live>,
    before: &BTreeSet<Draft>,
    skip: bool,
) -> (BTreeSet<Draft>, Told) {
    let outcome = live.map(Outcome::of);
    let delete = |graph: &mut Graph, expect: Expect, after: BTreeSet<Draft>| {
        let act = Act::Delete { id: job.id.clone(), version: job.version.clone(), deletion: Deletion::Foreground };
        graph.add(act, expect, after)
    };
    let uid = live.map(|live| Expect::Uid(live.uid.clone(), None));
    if skip || outcome == Some(Outcome::Complete) {
        let Some(uid) = uid else { return (before.clone(), None) };
        return (BTreeSet::from([delete(graph, uid, before.clone())]), Some((Change::Delete, "is not run again")));
    }
    let mut after = before.clone();
    if let (Some(Outcome::Failed), Some(live)) = (outcome, live) {
        let deleted = delete(graph, Expect::Uid(live.uid.clone(), None), after);
        let act = Act::AwaitGone { id: job.id.clone(), version: job.version.clone(), uid: Some(live.uid.clone()) };
        after = BTreeSet::from([graph.add(act, Expect::Nothing, [deleted])]);
    }
    if outcome != Some(Outcome::Running) {
        let act = Act::Apply { object: job.clone(), force: false, adopt_from: Vec::new() };
        after = BTreeSet::from([graph.add(act, Expect::Absent, after)]);
    }
    let act = Act::AwaitReady { id: job.id.clone(), version: job.version.clone() };
    let ready = graph.add(act, Expect::Nothing, after);
    // By its name: the uid of a run that is yet to begin is known to nobody. No other object can have taken it.
    let deleted = delete(
        graph,
        uid.filter(|_| outcome == Some(Outcome::Running)).unwrap_or(Expect::Nothing),
        BTreeSet::from([ready]),
    );
    (BTreeSet::from([deleted]), Some((Change::Create, "runs to its end before the rest goes")))
}
