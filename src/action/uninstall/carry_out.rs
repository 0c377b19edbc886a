//! The second half: the plan, and what is said when it ends early.

use std::collections::BTreeSet;

use crate::action::ending::{self, Aborted, Steps, Told};
use crate::action::execution::{self, Ended, Events};
use crate::action::locking::give_back;
use crate::apply::{Execution, Stop, Unfinished, Work};
use crate::cluster::Held;
use crate::diagnostic::{Diagnostic, Failure};
use crate::plan::{Act, Kept, Line, Plan, StepId, VolumeFate};
use crate::readiness::Cause;
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
    pub async fn carry_out(
        mut self,
        execution: &Execution,
        events: &Events,
        stop: &Stop,
    ) -> Result<Removed, Box<Aborted<Removed>>> {
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
    ) -> Result<Removed, Box<Aborted<Removed>>> {
        if let Err(failure) = ending::announce(execution.timeout, stop, self.mark()).await {
            let steps = Steps::none_of(&self.plan);
            return Err(Box::new(Aborted::before(failure, self.outcome(), steps)));
        }
        let work = Work { release: &self.release, plan: &self.plan, wanted: &[], mask: self.mask.now() };
        let ended = execution::run(&self.cluster, work, execution, events, held, stop).await;
        match ended {
            Ended::Done => Ok(self.outcome()),
            Ended::Early(unfinished, done) => {
                Err(Box::new(self.failed(unfinished, &done).await.wanting(self.outcome())))
            }
        }
    }

    /// Records that the release is being taken away, and by which steps.
    async fn mark(&self) -> Result<(), Failure> {
        let Some(revision) = self.recorded else { return Ok(()) };
        let usual = if self.purge { "uninstall, purging volumes" } else { "uninstall" };
        let what = self.sentence.as_deref().unwrap_or(usual);
        self.cluster.record_removal(&self.release, revision, what, &self.plan.summaries()).await
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

    /// Records why, and adds what is left and what to do next.
    async fn failed(&self, unfinished: Unfinished, done: &BTreeSet<StepId>) -> Aborted<()> {
        let record = async |why: &str, _: &[Cause]| match self.recorded {
            Some(revision) => self.cluster.set_status(&self.release, revision, Status::Uninstalling, why).await,
            None => Ok(()),
        };
        let tell = |first: Diagnostic, told: &Told| {
            let Release { name, namespace } = &self.release;
            let purge = if self.purge { " --purge-volumes" } else { "" };
            let again = format!("kchart uninstall {name} -n {namespace}{purge}");
            let first = first
                .note(format!("`{name}` is taken away in part: {}", told.progress))
                .hint(format!("to go on from here: `{again}`"));
            if is_about_a_job(&self.plan, &first.message) {
                first.hint(format!("or without the Jobs that are to run before: `{again} --skip-jobs`"))
            } else {
                first
            }
        };
        ending::early(unfinished, done, (&self.plan, &self.mask), record, tell).await
    }
}

/// Whether a failure is one of a Job that runs before the release goes.
fn is_about_a_job(plan: &Plan, message: &str) -> bool {
    let jobs = plan.steps.iter().filter(|step| matches!(step.act, Act::Apply { .. } | Act::AwaitReady { .. }));
    jobs.filter_map(|step| step.act.id()).any(|id| message.contains(&format!("`{id}`")))
}
