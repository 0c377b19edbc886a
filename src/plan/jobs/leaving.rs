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
use crate::release::{Past, Status};

/// The steps that are gone through before anything goes, and what is left to do when all else is gone.
#[derive(Default)]
pub(in crate::plan) struct Parting {
    /// After these all Jobs have come to their end.
    pub(in crate::plan) ended: BTreeSet<Draft>,
    /// The Jobs for the report.
    pub(in crate::plan) lines: Vec<Line>,
    /// The deletions of Jobs that have come to their end: the last thing, as a run that is cut off before must find them.
    deletions: Vec<(Act, Expect)>,
}

/// The Jobs of the revision in force, or of the newest one, that are to run when the release goes; none of one that is
/// gone already.
pub(in crate::plan) fn parting(past: &Past) -> Manifest {
    let newest = past.newest().filter(|newest| newest.status != Status::Uninstalled);
    let record = past.deployed().or(newest);
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
            let told;
            (ended[at], told) = parting.one(scene, graph, job, live, before, skip);
            if let Some((change, why)) = told {
                let why = Some(why.to_owned());
                parting.lines.push(Line { id: job.id.clone(), change, why, fields: Vec::new() });
            }
        }
        parting.ended = graph.last_of(ended.into_iter().flatten());
        parting
    }

    /// The steps of one Job: away with a run that failed, the run, its end. One that has completed did so in an uninstall
    /// that stopped later, and so did one of which the record says that it ran.
    fn one(
        &mut self,
        scene: &Scene<'_>,
        graph: &mut Graph,
        job: &Object,
        live: Option<&Live>,
        before: BTreeSet<Draft>,
        skip: bool,
    ) -> (BTreeSet<Draft>, Told) {
        let outcome = live.map(Outcome::of);
        let delete =
            || Act::Delete { id: job.id.clone(), version: job.version.clone(), deletion: Deletion::Foreground };
        let uid = live.map(|live| Expect::Uid(live.uid.clone(), None));
        let ran = outcome == Some(Outcome::Complete) || scene.past.newest().is_some_and(|it| it.ran.contains(&job.id));
        if skip || ran {
            let Some(uid) = uid else { return (before, None) };
            let told = Some((Change::Delete, "is not run again"));
            if ran {
                self.deletions.push((delete(), uid));
                return (before, told);
            }
            return (BTreeSet::from([graph.add(delete(), uid, before)]), told);
        }
        let mut after = before;
        if let (Some(Outcome::Failed), Some(live)) = (outcome, live) {
            let deleted = graph.add(delete(), Expect::Uid(live.uid.clone(), None), after);
            let act = Act::AwaitGone { id: job.id.clone(), version: job.version.clone(), uid: Some(live.uid.clone()) };
            after = BTreeSet::from([graph.add(act, Expect::Nothing, [deleted])]);
        }
        if outcome != Some(Outcome::Running) {
            let act = Act::Apply { object: job.clone(), force: false, adopt_from: Vec::new() };
            after = BTreeSet::from([graph.add(act, Expect::Absent, after)]);
        }
        let act = Act::AwaitReady { id: job.id.clone(), version: job.version.clone() };
        let ready = graph.add(act, Expect::Nothing, after);
        let act = Act::Ran { job: job.id.clone(), revision: scene.intent.revision };
        let noted = graph.add(act, Expect::Nothing, [ready]);
        // By its name: the uid of a run that is yet to begin is known to nobody. No other object can have taken it.
        let expect = uid.filter(|_| outcome == Some(Outcome::Running)).unwrap_or(Expect::Nothing);
        self.deletions.push((delete(), expect));
        (BTreeSet::from([noted]), Some((Change::Create, "runs to its end before the rest goes")))
    }

    /// Adds the deletions of the Jobs, after all other steps.
    pub(in crate::plan) fn clear(&mut self, graph: &mut Graph) {
        let all = graph.last_of(graph.all());
        for (act, expect) in self.deletions.drain(..) {
            graph.add(act, expect, all.iter().copied());
        }
    }
}

type Told = Option<(Change, &'static str)>;
