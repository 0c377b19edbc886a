//! The second half: the plan, and what is said when it stops.

use crate::action::execution::{self, Ended, Events};
use crate::action::locking::give_back;
use crate::apply::{Execution, Stop, Work, unchanged};
use crate::cluster::Held;
use crate::diagnostic::{Diagnostic, Failure};
use crate::plan::{Act, Kept, Line, Plan, VolumeFate};
use crate::release::{Release, Status};

use super::Prepared;

/// A release that is gone, or all of it but its data.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Which release.
    pub release: Release,
    /// Whether volumes went too.
    pub purged: bool,
    /// Whether only leftovers were there.
    pub only_leftovers: bool,
    /// What was done to each object.
    pub lines: Vec<Line>,
    /// What stays.
    pub kept: Vec<Kept>,
    /// What became of each volume.
    pub volumes: Vec<VolumeFate>,
    /// What could not be known or done.
    pub notes: Vec<String>,
}

impl Prepared {
    /// Marks the release as going, carries out the plan, and gives the lock back. Ends early, cleanly, when it is asked
    /// to stop.
    ///
    /// # Errors
    /// The first fatal error, with what is left and what to do next. The release stays recorded as `uninstalling`.
    pub async fn carry_out(mut self, execution: &Execution, events: &Events, stop: &Stop) -> Result<Removed, Failure> {
        let held = self.held.take();
        let outcome = self.obey(execution, events, held.as_ref(), stop).await;
        give_back(held).await;
        outcome
    }

    pub(in crate::action) async fn obey(
        self,
        execution: &Execution,
        events: &Events,
        held: Option<&Held>,
        stop: &Stop,
    ) -> Result<Removed, Failure> {
        if let Some(failure) = stop.asked() {
            return Err(unchanged(failure));
        }
        if let Some(revision) = self.recorded {
            let usual = if self.purge { "uninstall, purging volumes" } else { "uninstall" };
            let what = self.sentence.as_deref().unwrap_or(usual);
            self.cluster.set_status(&self.release, revision, Status::Uninstalling, what).await?;
        }
        let work = Work { release: &self.release, plan: &self.plan, wanted: &[], mask: self.mask.now() };
        let ended = execution::run(&self.cluster, work, execution, events, held, stop).await;
        match ended {
            Ended::Done => Ok(self.outcome()),
            Ended::Early(unfinished, done) => Err(self.failed(unfinished.failure, done).await),
        }
    }

    fn outcome(self) -> Removed {
        let report = self.plan.report;
        Removed {
            release: self.release,
            purged: self.purge,
            only_leftovers: self.only_leftovers,
            lines: report.lines,
            kept: report.kept,
            volumes: report.volumes,
            notes: report.notes,
        }
    }

    async fn failed(&self, mut failure: Failure, done: usize) -> Failure {
        let why = self.mask.text(failure.diagnostics.first().map_or("failed", |first| first.message.as_str()));
        if let Some(revision) = self.recorded {
            let stored = self.cluster.set_status(&self.release, revision, Status::Uninstalling, &why).await;
            if let Err(failure) = stored {
                tracing::warn!("the failure could not be recorded: {failure}");
            }
        }
        let Release { name, namespace } = &self.release;
        let steps = self.plan.count();
        let purge = if self.purge { " --purge-volumes" } else { "" };
        if let Some(first) = failure.diagnostics.first_mut() {
            let told = std::mem::replace(first, Diagnostic::error(""));
            *first = told
                .note(format!("`{name}` is taken away in part: {done} of {steps} steps were done"))
                .hint(format!("to go on from here: `kchart uninstall {name} -n {namespace}{purge}`"));
            if is_about_a_job(&self.plan, &first.message) {
                let told = std::mem::replace(first, Diagnostic::error(""));
                *first = told.hint(format!(
                    "or without the Jobs that are to run before: `kchart uninstall {name} -n {namespace}{purge} --skip-jobs`"
                ));
            }
        }
        failure
    }
}

/// Whether a failure is one of a Job that runs before the release goes.
fn is_about_a_job(plan: &Plan, message: &str) -> bool {
    let jobs = plan.steps.iter().filter(|step| matches!(step.act, Act::Apply { .. } | Act::AwaitReady { .. }));
    jobs.filter_map(|step| step.act.id()).any(|id| message.contains(&format!("`{id}`")))
}
