//! The second half: the record, the plan, and what is said when it ends early.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::ending::{self, Aborted, Steps, Told};
use crate::action::execution::{self, Ended, Events};
use crate::action::locking::give_back;
use crate::apply::{Execution, Stop, Unfinished, Work};
use crate::cluster::Held;
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::object::marks::rotation_secret;
use crate::plan::{Change, Hazard, Kept, Rotated, Stage, StepId};
use crate::readiness::Cause;
use crate::release::{ChartSummary, Release, Revision};

use super::undo::by_hand;
use super::{Making, Prepared};

/// A revision in force.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// Which release.
    pub release: Release,
    /// The revision in force.
    pub revision: Revision,
    /// Its chart.
    pub chart: Option<ChartSummary>,
    /// What was made.
    pub making: Making,
    /// Whether nothing had to be done.
    pub unchanged: bool,
    /// How many objects were changed how.
    pub changes: BTreeMap<Change, usize>,
    /// What an earlier install left and this one uses again: claims, and what opens them.
    pub found: Vec<Kept>,
    /// What stays although the release no longer wants it.
    pub kept: Vec<Kept>,
    /// What may be dangerous.
    pub hazards: Vec<Hazard>,
    /// The chart's notes.
    pub notes: Option<String>,
}

impl Prepared {
    /// Stores the record, carries out the plan, and gives the lock back. Ends early, cleanly, when it is asked to stop.
    ///
    /// # Errors
    /// The first fatal error, with what is left and what to do next. The revision is recorded as failed.
    pub async fn carry_out(
        mut self,
        execution: &Execution,
        events: &Events,
        stop: &Stop,
    ) -> Result<Deployed, Box<Aborted<Deployed>>> {
        if self.unchanged {
            if self.seen.stale
                && let Err(failure) = self.cluster.put_right(&self.record.release).await
            {
                // It is read as it should be written.
                tracing::warn!("the history of `{}` could not be put right: {failure}", self.record.release.name);
            }
            return Ok(self.outcome(true));
        }
        let held = self.held.take();
        let outcome = Box::pin(self.obey(execution, events, held.as_ref(), stop)).await;
        give_back(held).await;
        outcome
    }

    pub(super) async fn obey(
        self,
        execution: &Execution,
        events: &Events,
        held: Option<&Held>,
        stop: &Stop,
    ) -> Result<Deployed, Box<Aborted<Deployed>>> {
        if let Err(failure) = self.begin(execution, held, stop).await {
            let steps = Steps::none_of(&self.plan);
            return Err(Box::new(Aborted::before(failure, self.outcome(false), steps)));
        }
        let ended = execution::run(&self.cluster, self.work(), execution, events, held, stop).await;
        if let Ended::Early(unfinished, done) = ended {
            let mut aborted = self.failed(unfinished, &done).await;
            if self.undoes(&aborted.failure) {
                aborted.failure = self.undo(aborted.failure, execution, events, held, stop).await;
            }
            return Err(Box::new(aborted.wanting(self.outcome(false))));
        }
        if self.history_max > 0 {
            // The revision is in force; a history that is too long is no reason to say otherwise.
            let release = &self.record.release;
            if let Err(failure) = self.cluster.trim_history(release, self.history_max).await {
                tracing::warn!("the history of `{}` could not be trimmed: {failure}", release.name);
            }
        }
        Ok(self.outcome(false))
    }

    /// Stores the record.
    async fn begin(&self, execution: &Execution, held: Option<&Held>, stop: &Stop) -> Result<(), Failure> {
        if let Some(failure) = self.conflicts() {
            return Err(failure);
        }
        // Without a lock nobody has made the namespace yet.
        let storing = self.cluster.put_record(&self.record, self.create_namespace && held.is_none());
        ending::announce(execution.timeout, stop, storing).await
    }

    fn work(&self) -> Work<'_> {
        Work { release: &self.record.release, plan: &self.plan, wanted: &self.record.objects, mask: self.mask.now() }
    }

    fn outcome(self, unchanged: bool) -> Deployed {
        let mut changes = BTreeMap::new();
        for line in &self.plan.report.lines {
            *changes.entry(line.change).or_insert(0) += 1;
        }
        Deployed {
            release: self.record.release,
            revision: self.record.revision,
            chart: self.record.chart,
            making: self.making,
            unchanged,
            changes,
            found: if unchanged { Vec::new() } else { self.plan.report.found },
            kept: self.plan.report.kept,
            hazards: self.plan.report.hazards,
            notes: self.record.notes,
        }
    }

    /// Records the failure, and why objects are not ready, and adds what is left and what to do next.
    async fn failed(&self, unfinished: Unfinished, done: &BTreeSet<StepId>) -> Aborted<()> {
        let (release, revision) = (&self.record.release, self.record.revision);
        let undoes = self.undoes(&unfinished.failure);
        let record =
            async |why: &str, causes: &[Cause]| self.cluster.record_failure(release, revision, why, causes).await;
        let tell = |first: Diagnostic, told: &Told| {
            let recorded = if told.is_recorded { "is recorded as failed" } else { "is still recorded as unfinished" };
            let stay = if undoes { "" } else { ", and stay" };
            let first =
                first.note(format!("revision {revision} of `{}` {recorded}; {}{stay}", release.name, told.progress));
            let first = self.rotations(first);
            if undoes || told.class == Class::Locked { first } else { self.what_next(first, told.class) }
        };
        ending::early(unfinished, done, (&self.plan, &self.mask), record, tell).await
    }

    /// Where both values of a credential are that was to be rotated.
    fn rotations(&self, first: Diagnostic) -> Diagnostic {
        let Release { name, namespace } = &self.record.release;
        self.plan.report.rotated.iter().fold(first, |first, rotated| {
            let first = first.hint(give_up(rotated, name, namespace));
            first.note(format!(
                "if Secret `{}` is there, the rotation of `{}` is not over: it holds the old and the new value, and the \
                 next deployment goes on with it",
                rotation_secret(&rotated.key.secret),
                rotated.key
            ))
        })
    }

    /// How to go on, and what to do instead.
    fn what_next(&self, first: Diagnostic, class: Class) -> Diagnostic {
        let Release { name, namespace } = &self.record.release;
        let again = match self.making {
            Making::Rollback(to) => format!("{}: it goes on from here", by_hand(name, namespace, Some(to))),
            _ => "run the same command again: it goes on from here".to_owned(),
        };
        let first = first.hint(match class {
            Class::Interrupted => again,
            _ => format!("when the cause is removed, {again}"),
        });
        match self.making {
            Making::Install => first.hint(format!(
                "or take it away: `kchart uninstall {name} -n {namespace}` (volumes and what opens them are kept)"
            )),
            Making::Upgrade => first.hint(format!("or go back to what worked: {}", by_hand(name, namespace, None))),
            Making::Rollback(_) | Making::Rotation { .. } => first,
        }
    }
}

/// How a rotation that can't be ended is given up.
fn give_up(rotated: &Rotated, name: &str, namespace: &str) -> String {
    let command = format!("kchart credentials rotate {name} {} -n {namespace} --abort", rotated.key);
    match rotated.stage {
        Stage::New | Stage::Ended => format!("or give the rotation up: `{command}`"),
        Stage::GivenUp => format!("or give it up without its Job, and keep both values: `{command} --skip-jobs`"),
    }
}
