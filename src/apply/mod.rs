//! The executor: runs a plan's steps as their order allows, waits, and tells what happens. Decides nothing.
//!
//! Rules kept: a step begins as soon as all before it are done; after the first fatal error, when it is asked to stop
//! or when the lock is lost, none begins any more, writes that are under way end, waits are broken off. Nothing runs on
//! after the future is dropped: what was sent by then is what the record says may have been done.

mod concealed;
mod event;
mod lingering;
mod not_ready;
mod order;
mod perform;
mod stop;
mod together;
mod unanswered;
mod wait;

pub use event::Event;
pub use stop::{Stop, interrupted, unchanged};
pub use unanswered::unanswered;

use std::collections::BTreeMap;
use std::future::pending;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OnceCell, Semaphore, mpsc, watch};
use tokio::time::{Instant, timeout};

use self::concealed::Concealed;
use self::order::Order;
use self::together::together;
use crate::cluster::{Applied, Cluster, FreshValues, Held, Notice, Watches};
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::object::{Mask, Object, ObjectId};
use crate::plan::{Known, Plan, Reclaim, StepId};
use crate::readiness::{Cause, Opener};
use crate::release::Release;

/// How long writes that are under way may take to end when the run is to stop, and those that begin when the time is up
/// already.
const GRACE: Duration = Duration::from_secs(10);

/// How to run a plan.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Total time: waits end with it, and writes that have no answer by then.
    pub timeout: Duration,
    /// At most so many requests at once.
    pub concurrency: usize,
}

/// A run and what its steps share.
struct Run<'a> {
    cluster: &'a Cluster,
    release: &'a Release,
    /// Checked before each write.
    lock: Option<&'a Held>,
    events: &'a UnboundedSender<Event>,
    /// When the time is up.
    deadline: Instant,
    timeout: Duration,
    /// Writes that may be under way.
    writes: Semaphore,
    watches: Watches,
    fresh: FreshValues,
    /// What was applied: whatever is older is no news of it.
    applied: Mutex<BTreeMap<ObjectId, Applied>>,
    /// Volumes whose policy is to be restored if a later step fails.
    switched: Mutex<Vec<(String, Reclaim)>>,
    classes: OnceCell<Known<BTreeMap<String, crate::plan::Class>>>,
    /// Turns true when waits are to break off.
    stop: watch::Sender<bool>,
    concealed: Concealed,
    /// The objects as they are wanted: messages point to the lines that wrote their fields.
    wanted: &'a [Object],
    /// What opens which claim.
    openers: &'a [Opener],
    /// Why objects are not ready.
    causes: Mutex<Vec<Cause>>,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Work<'a> {
    /// For which release.
    pub release: &'a Release,
    /// The steps.
    pub plan: &'a Plan,
    /// The objects as they are wanted, also those that no step changes.
    pub wanted: &'a [Object],
    /// What nothing that is told may show, beside what the objects say themselves.
    pub mask: Mask,
}

/// A run that ended before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// What to tell.
    pub failure: Failure,
    /// Why objects are not ready, by object; nothing secret can be read in them.
    pub causes: Vec<Cause>,
}

/// How a step ended without being done.
enum Ended {
    /// It failed; nothing else makes sense any more.
    Failed(Failure),
    /// What it waited for did not come in time. Other waits end at the same moment by themselves.
    Late(Failure),
    /// It was broken off because another step failed.
    Stopped,
}

impl Ended {
    /// A wait that can't succeed any more.
    fn hopeless(diagnostic: Diagnostic) -> Self {
        Self::Failed(Failure::new(Class::NotReady, diagnostic))
    }

    /// A wait whose time is up.
    fn late(diagnostic: Diagnostic) -> Self {
        Self::Late(Failure::new(Class::NotReady, diagnostic))
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Runs a plan, under the lock if there is one. Events go to `events` as they happen; a closed receiver stops nothing.
/// When it is asked to stop, or the lock is lost, no step begins any more.
///
/// # Errors
/// The first fatal error (or [`Class::Interrupted`], [`Class::Locked`]), after the running steps have ended, and what
/// they ended with.
pub async fn run(
    cluster: &Cluster,
    work: Work<'_>,
    execution: &Execution,
    events: &UnboundedSender<Event>,
    lock: Option<&Held>,
    stop: &Stop,
) -> Result<(), Unfinished> {
    let Work { release, plan, wanted, mask } = work;
    let concurrency = execution.concurrency.max(1);
    cluster.limit(concurrency);
    let (notices, mut heard) = mpsc::unbounded_channel();
    cluster.listen(notices);
    let run = Run {
        cluster,
        release,
        lock,
        events,
        deadline: Instant::now() + execution.timeout,
        timeout: execution.timeout,
        writes: Semaphore::new(concurrency),
        watches: Watches::new(cluster),
        fresh: FreshValues::default(),
        applied: Mutex::default(),
        switched: Mutex::default(),
        classes: OnceCell::new(),
        stop: watch::channel(false).0,
        concealed: Concealed::new(plan, wanted, mask),
        wanted,
        openers: &plan.report.openers,
        causes: Mutex::default(),
    };
    run.tell(Event::Started { steps: plan.count() });

    let mut order = Order::new(&plan.steps);
    let mut running = FuturesUnordered::new();
    let mut failures: Vec<Failure> = stop.asked().into_iter().collect();
    let mut over = pin!(over(lock, stop));
    let mut is_over = !failures.is_empty();
    let mut cut_off = None;
    loop {
        if failures.is_empty() {
            running.extend(order.startable().filter_map(|id| plan.steps.get(id)).map(|step| run.perform(step)));
        }
        if running.is_empty() {
            break;
        }
        tokio::select! {
            failure = &mut over, if !is_over => {
                is_over = true;
                cut_off = Some(Instant::now() + GRACE);
                run.stop.send_replace(true);
                run.tell(Event::Stopping { why: failure.to_string() });
                failures.push(failure);
            }
            Some(notice) = heard.recv() => run.tell(run.noticed(notice)),
            Some((step, outcome)) = running.next() => match outcome {
                Ok(change) => {
                    run.tell(Event::Done { step, id: id_of(plan, step), change });
                    order.done(step);
                }
                Err(ended) => failures.extend(run.ended(plan, step, ended)),
            },
            () = until(cut_off) => break,
        }
    }
    while let Ok(notice) = heard.try_recv() {
        run.tell(run.noticed(notice));
    }
    let mut causes = std::mem::take(&mut *run.causes.lock().unwrap_or_else(PoisonError::into_inner));
    causes.sort_by_key(|cause| (cause.reason.may_follow(), cause.object.clone()));
    match together(failures, &causes) {
        // Whoever asks to stop during the last step comes too late: all is done, and recorded as that.
        _ if order.is_done() => Ok(()),
        None => Ok(()),
        Some(failure) => {
            let failure = run.restore(failure).await;
            Err(Unfinished { failure, causes })
        }
    }
}

/// Ends when the run must end before its end.
async fn over(lock: Option<&Held>, stop: &Stop) -> Failure {
    let lost = async {
        match lock {
            Some(lock) => lock.lost().await,
            None => pending().await,
        }
    };
    tokio::select! {
        failure = lost => failure,
        failure = stop.wait() => failure,
    }
}

impl Run<'_> {
    fn tell(&self, event: Event) {
        // Nobody watches any more: that stops nothing.
        let _ = self.events.send(event);
    }

    fn noticed(&self, notice: Notice) -> Event {
        match notice {
            Notice::Warning(text) => Event::Warning { text: self.concealed.text(&text) },
            Notice::Retrying { id, why } => Event::Retrying { id, why: self.concealed.text(&why) },
        }
    }

    /// Tells that a step ended early; its failure, if it has one of its own.
    fn ended(&self, plan: &Plan, step: StepId, ended: Ended) -> Option<Failure> {
        let (failure, stops) = match ended {
            Ended::Stopped => return None,
            Ended::Failed(failure) => (failure, true),
            Ended::Late(failure) => (failure, false),
        };
        let failure = self.concealed.failure(failure);
        if stops {
            self.stop.send_replace(true);
        }
        self.tell(Event::Failed { step, id: id_of(plan, step), why: failure.to_string() });
        Some(failure)
    }

    /// Gives volumes whose policy was switched for a purge their policy back, now that the purge has stopped.
    async fn restore(&self, mut failure: Failure) -> Failure {
        let switched = std::mem::take(&mut *self.switched.lock().unwrap_or_else(PoisonError::into_inner));
        for (volume, policy) in switched {
            let restored = timeout(GRACE, self.cluster.restore_reclaim(&volume, policy)).await;
            let restored = restored.unwrap_or_else(|_| Err(unanswered("restoring its reclaim policy", GRACE)));
            if let Err(other) = restored {
                let message = format!("volume `{volume}` still has the reclaim policy Delete: {other}");
                let hint = format!(
                    "`kubectl patch pv {volume} -p '{{\"spec\":{{\"persistentVolumeReclaimPolicy\":\"{policy:?}\"}}}}'` restores it"
                );
                failure.diagnostics.push(Diagnostic::warning(message).hint(hint));
            }
        }
        failure
    }
}

/// Ends at that time; never without one.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => pending().await,
    }
}

fn id_of(plan: &Plan, step: StepId) -> Option<ObjectId> {
    plan.steps.get(step).and_then(|step| step.act.id())
}

#[cfg(test)]
mod tests;
