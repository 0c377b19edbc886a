//! How a run that changes something ends early: it records why, says how far it came, and what to do next.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::SharedMask;
use crate::apply::{Stop, Unfinished, unanswered, unchanged};
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::plan::{Plan, StepId};
use crate::readiness::Cause;
use crate::release::StepSummary;

/// How long a request beside the steps may take when the time is up already, or when the run is to stop.
const GRACE: Duration = Duration::from_secs(10);

/// A run that ended early. Nothing secret can be read in its causes.
#[derive(Debug)]
pub struct Aborted<T> {
    /// What to tell.
    pub failure: Failure,
    /// What it was to bring about.
    pub wanted: T,
    /// Why objects are not ready, by object.
    pub causes: Vec<Cause>,
    /// How far it came.
    pub steps: Steps,
}

/// How far a run came.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// How many steps it was to do.
    pub planned: usize,
    /// Those that were not done, in the order of the plan.
    pub left: Vec<StepSummary>,
}

impl<T> From<Box<Aborted<T>>> for Failure {
    fn from(aborted: Box<Aborted<T>>) -> Self {
        aborted.failure
    }
}

impl Aborted<()> {
    /// A run that did all its steps and failed all the same.
    pub(super) fn after(failure: Failure, plan: &Plan) -> Self {
        let steps = Steps { planned: plan.count(), left: Vec::new() };
        Self { failure, wanted: (), causes: Vec::new(), steps }
    }
}

impl<T> Aborted<T> {
    /// A run that ended before its first step.
    pub(super) fn before(failure: Failure, wanted: T, steps: Steps) -> Self {
        Self { failure, wanted, causes: Vec::new(), steps }
    }
}

impl Steps {
    /// None of a plan's.
    pub(super) fn none_of(plan: &Plan) -> Self {
        Self::of(plan, &BTreeSet::new())
    }

    fn of(plan: &Plan, done: &BTreeSet<StepId>) -> Self {
        Self { planned: plan.count(), left: plan.left(done) }
    }

    /// "3 of 8 steps were done".
    fn words(&self) -> String {
        let Self { planned, left } = self;
        format!("{} of {planned} steps were done", planned - left.len())
    }
}

/// The write that says what is about to be done. Cut off when the time is up, and soon after the run is to stop.
pub(super) async fn announce(
    time: Duration,
    stop: &Stop,
    announcing: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    if let Some(failure) = stop.asked() {
        return Err(unchanged(failure));
    }
    let time = time.max(GRACE);
    let hung = async {
        let mut failure = stop.wait().await;
        sleep(GRACE).await;
        if let Some(first) = failure.diagnostics.first_mut() {
            let note = "the server did not answer; what was to be done may be recorded, nothing else was changed";
            *first = std::mem::replace(first, Diagnostic::error("")).note(note);
        }
        failure
    };
    tokio::select! {
        done = timeout(time, announcing) => done.unwrap_or_else(|_| Err(unanswered("storing what is to be done", time))),
        failure = hung => Err(failure),
    }
}

/// What is known of an early end when it is told.
pub(super) struct Told {
    /// Whether it is recorded.
    pub(super) is_recorded: bool,
    /// "3 of 8 steps were done".
    pub(super) progress: String,
    /// What kind of end it is.
    pub(super) class: Class,
}

/// For runs that have no record.
pub(super) async fn unrecorded(_: &str, _: &[Cause]) -> Result<(), Failure> {
    Ok(())
}

/// Records why a run ended early, by `record`, and completes the first message, by `tell`.
pub(super) async fn early(
    unfinished: Unfinished,
    done: &BTreeSet<StepId>,
    (plan, mask): (&Plan, &SharedMask),
    record: impl AsyncFnOnce(&str, &[Cause]) -> Result<(), Failure>,
    tell: impl FnOnce(Diagnostic, &Told) -> Diagnostic,
) -> Aborted<()> {
    let Unfinished { mut failure, causes } = unfinished;
    let masked = |text: &str| mask.text(text);
    let why = masked(failure.diagnostics.first().map_or("failed", |first| first.message.as_str()));
    let causes: Vec<Cause> = causes.into_iter().map(|cause| cause.masked(&masked)).collect();
    let steps = Steps::of(plan, done);
    let recorded = timeout(GRACE, record(&why, &causes)).await;
    let recorded = recorded.unwrap_or_else(|_| Err(unanswered("recording the outcome", GRACE)));
    if let Err(failure) = &recorded {
        tracing::warn!("the failure could not be recorded: {failure}");
    }
    let told = Told { is_recorded: recorded.is_ok(), progress: steps.words(), class: failure.class };
    if let Some(first) = failure.diagnostics.first_mut() {
        *first = tell(std::mem::replace(first, Diagnostic::error("")), &told);
    }
    Aborted { failure, wanted: (), causes, steps }
}

impl Aborted<()> {
    /// With what it was to bring about.
    pub(super) fn wanting<T>(self, wanted: T) -> Aborted<T> {
        let Self { failure, causes, steps, wanted: () } = self;
        Aborted { failure, wanted, causes, steps }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::sync::watch;
    use tokio::time::Instant;

    use super::*;

    /// Announces to a server that never answers; what is told, and when.
    async fn unheard(time: Duration, stop: &Stop) -> (Failure, Duration) {
        let begun = Instant::now();
        let failure = announce(time, stop, pending()).await.unwrap_err();
        (failure, begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn an_announcement_without_an_answer_ends_with_the_time() {
        for (time, ends, words) in [(60, 60, "1 min"), (0, 10, "10 s")] {
            let (failure, took) = unheard(Duration::from_secs(time), &Stop::never()).await;
            let told = format!("the API server gave no answer within {words}, while storing what is to be done");
            assert_eq!((failure.class, failure.to_string()), (Class::Failed, told));
            let ends = Duration::from_secs(ends);
            assert!(took >= ends && took < ends + Duration::from_millis(10), "{took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn somebody_who_asks_to_stop_during_it_waits_ten_seconds_at_most() {
        let (asking, asked) = watch::channel(None);
        let stop = Stop::new(asked);
        let asks = async {
            sleep(Duration::from_secs(5)).await;
            asking.send_replace(Some("SIGINT"));
        };
        let ((failure, took), ()) = tokio::join!(unheard(Duration::from_secs(60), &stop), asks);
        assert_eq!((failure.class, failure.to_string()), (Class::Interrupted, "interrupted by SIGINT".to_owned()));
        assert!(failure.diagnostics[0].notes[0].text.contains("may be recorded"), "{failure:?}");
        let ends = Duration::from_secs(15);
        assert!(took >= ends && took < ends + Duration::from_millis(10), "{took:?}");
    }
}
