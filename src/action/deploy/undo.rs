//! The way back after a failure: to the revision in force, or, of a first install, workloads away and data kept.
//!
//! The failure stays the outcome: what came of the way back is added to it. A run that is killed on the way back leaves
//! an unfinished revision like any other: the next run goes on from there.

use crate::action::execution::Events;
use crate::action::{Reading, stored, uninstall};
use crate::apply::{Event, Execution, Stop};
use crate::cluster::Held;
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::plan::{Kept, Options, Rotate};
use crate::release::{Past, Record, Revision};

use super::{Making, Prepared, rollback_to, settle};

impl Prepared {
    /// Whether a failure is followed by the way back. Who interrupts wants the run to end, and who lost the lock may not
    /// write any more.
    pub(super) fn undoes(&self, failure: &Failure) -> bool {
        self.rollback_on_failure && !matches!(failure.class, Class::Interrupted | Class::Locked)
    }

    /// Goes back. Returns the failure, with what came of that.
    pub(super) async fn undo(
        &self,
        failure: Failure,
        execution: &Execution,
        events: &Events,
        held: Option<&Held>,
        stop: &Stop,
    ) -> Failure {
        let past = match self.cluster.past(self.release()).await {
            Ok(past) => past,
            Err(other) => return beside(failure, "it could not be gone back", other),
        };
        match past.deployed().cloned() {
            Some(record) => self.back(record, past, failure, (execution, events, held, stop)).await,
            None => self.away(past, failure, (execution, events, held, stop)).await,
        }
    }

    /// Back to the revision in force.
    async fn back(&self, record: Record, past: Past, failure: Failure, run: Run<'_>) -> Failure {
        let (execution, events, held, stop) = run;
        let to = record.revision;
        // Nobody watches any more: that stops nothing.
        let _ = events.send(Event::RollingBack { to });
        let mut reading = Reading { mask: self.mask.clone(), ..Reading::default() };
        let description = format!("{}, as revision {} failed", rollback_to(to), self.revision());
        // What was accepted for the new revision counts for the way back, too.
        let options = Options { adopt: Vec::new(), rotate: Rotate::Nothing, ..self.options.clone() };
        let making = Making::Rollback(to);
        let draft = stored::draft(record, making, &past, options, self.history_max, Some(description), &mut reading);
        let outcome = match settle(self.cluster.clone(), past, draft, &mut reading).await {
            Ok(prepared) => Box::pin(prepared.obey(execution, events, held, stop)).await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        match outcome {
            Ok(deployed) => told(failure, |first| {
                first
                    .note(format!("it was rolled back to revision {to}, as revision {}", deployed.revision))
                    .hint("when the cause is removed, run the same command again")
            }),
            Err(other) => beside(failure, &format!("the rollback to revision {to} failed too"), other),
        }
    }

    /// Takes a first install away; its data and its record stay.
    async fn away(&self, past: Past, failure: Failure, run: Run<'_>) -> Failure {
        let (execution, events, held, stop) = run;
        let _ = events.send(Event::TakingAway);
        let why = self.mask.text(failure.diagnostics.first().map_or("", |first| first.message.as_str()));
        let sentence = format!("install failed and was taken away: {why}");
        let release = self.release().clone();
        let outcome = match uninstall::after_failure(&self.cluster, release, &past, &self.mask, sentence).await {
            Ok(prepared) => prepared.obey(execution, events, held, stop).await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        match outcome {
            Ok(removed) => told(failure, |first| {
                first
                    .note(format!("the install was taken away again{}", kept(&removed.kept)))
                    .hint("when the cause is removed, run the same command again")
            }),
            Err(other) => beside(failure, "taking the install away failed too", other),
        }
    }
}

/// What a way back is run with.
type Run<'a> = (&'a Execution, &'a Events, Option<&'a Held>, &'a Stop);

fn kept(kept: &[Kept]) -> String {
    if kept.is_empty() {
        return String::new();
    }
    let names: Vec<String> = kept.iter().map(|kept| format!("`{}`", kept.id)).collect();
    format!("; {} stay, and the next install uses them", names.join(", "))
}

/// The failure with something added to its first message. What lived then is no longer there to be looked at.
fn told(mut failure: Failure, add: impl FnOnce(Diagnostic) -> Diagnostic) -> Failure {
    if let Some(first) = failure.diagnostics.first_mut() {
        first.hints.retain(|hint| !hint.starts_with("`kubectl describe "));
        *first = add(std::mem::replace(first, Diagnostic::error("")));
    }
    failure
}

/// The failure, and below it why the way back ended.
fn beside(failure: Failure, what: &str, other: Failure) -> Failure {
    let mut failure = told(failure, |first| first.note(format!("{what}: see below")));
    failure.diagnostics.extend(other.diagnostics);
    failure
}

/// Says where the way back leads.
pub(super) fn by_hand(name: &str, namespace: &str, to: Option<Revision>) -> String {
    let to = to.map(|to| format!(" {to}")).unwrap_or_default();
    format!("`kchart rollback {name}{to} -n {namespace}`")
}
