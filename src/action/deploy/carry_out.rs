//! The second half: the record, the plan, and what is said when it stops.

use std::collections::BTreeMap;

use crate::action::execution::{self, Ended, Events};
use crate::action::locking::give_back;
use crate::apply::{Execution, Stop, Unfinished, Work, unchanged};
use crate::cluster::Held;
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::object::marks::rotation_secret;
use crate::plan::{Change, Hazard, Kept};
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
    pub async fn carry_out(mut self, execution: &Execution, events: &Events, stop: &Stop) -> Result<Deployed, Failure> {
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
    ) -> Result<Deployed, Failure> {
        if let Some(failure) = stop.asked() {
            return Err(unchanged(failure));
        }
        if let Some(failure) = self.conflicts() {
            return Err(failure);
        }
        let release = &self.record.release;
        // Without a lock nobody has made the namespace yet.
        self.cluster.put_record(&self.record, self.create_namespace && held.is_none()).await?;
        let ended = execution::run(&self.cluster, self.work(), execution, events, held, stop).await;
        if let Ended::Early(unfinished, done) = ended {
            let failure = self.failed(unfinished, done).await;
            let undoes = self.undoes(&failure);
            return Err(if undoes { self.undo(failure, execution, events, held, stop).await } else { failure });
        }
        if self.history_max > 0 {
            // The revision is in force; a history that is too long is no reason to say otherwise.
            if let Err(failure) = self.cluster.trim_history(release, self.history_max).await {
                tracing::warn!("the history of `{}` could not be trimmed: {failure}", release.name);
            }
        }
        Ok(self.outcome(false))
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
    async fn failed(&self, unfinished: Unfinished, done: usize) -> Failure {
        let Unfinished { mut failure, causes } = unfinished;
        let Release { name, namespace } = &self.record.release;
        let revision = self.record.revision;
        let why = self.mask.text(failure.diagnostics.first().map_or("failed", |first| first.message.as_str()));
        let causes: Vec<Cause> =
            causes.into_iter().map(|cause| cause.masked(&|text: &str| self.mask.text(text))).collect();
        let stored = self.cluster.record_failure(&self.record.release, revision, &why, &causes).await;
        let (steps, undoes) = (self.plan.count(), self.undoes(&failure));
        if let Some(first) = failure.diagnostics.first_mut() {
            let recorded = match stored {
                Ok(()) => "is recorded as failed",
                Err(_) => "is still recorded as unfinished",
            };
            let mut told = std::mem::replace(first, Diagnostic::error(""));
            told = told.note(format!(
                "revision {revision} of `{name}` {recorded}; {done} of its {steps} steps were done{}",
                if undoes { "" } else { ", and stay" }
            ));
            for rotated in &self.plan.report.rotated {
                let holder = rotation_secret(&rotated.key.secret);
                told = told.note(format!(
                    "if Secret `{holder}` is there, the rotation of `{}` is not over: it holds the old and the new value, \
                     and the next deployment goes on with it",
                    rotated.key
                ));
            }
            if !undoes && failure.class != Class::Locked {
                let again = match self.making {
                    Making::Rollback(to) => format!("{}: it goes on from here", by_hand(name, namespace, Some(to))),
                    _ => "run the same command again: it goes on from here".to_owned(),
                };
                let again = match failure.class {
                    Class::Interrupted => again,
                    _ => format!("when the cause is removed, {again}"),
                };
                told = told.hint(again);
                told = match self.making {
                    Making::Install => told.hint(format!(
                        "or take it away: `kchart uninstall {name} -n {namespace}` (volumes and what opens them are kept)"
                    )),
                    Making::Upgrade => {
                        told.hint(format!("or go back to what worked: {}", by_hand(name, namespace, None)))
                    }
                    Making::Rollback(_) | Making::Rotation => told,
                };
            }
            *first = told;
        }
        failure
    }
}
