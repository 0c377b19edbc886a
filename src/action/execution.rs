//! Runs a plan for a workflow: counts what was done, and stops when asked.

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::apply::{self, Event, Execution, Stop, Unfinished, Work};
use crate::cluster::{Cluster, Held};
use crate::diagnostic::Class;

/// Where the events of a run go.
pub type Events = UnboundedSender<Event>;

/// How a run ended.
pub(super) enum Ended {
    /// All steps are done.
    Done,
    /// Not all: why, and how many were done.
    Early(Unfinished, usize),
}

pub(super) async fn run(
    cluster: &Cluster,
    work: Work<'_>,
    execution: &Execution,
    events: &Events,
    held: Option<&Held>,
    stop: &Stop,
) -> Ended {
    let (sender, mut receiver) = unbounded_channel();
    let (mut done, steps) = (0, work.plan.count());
    let counting = async {
        while let Some(event) = receiver.recv().await {
            done += usize::from(matches!(event, Event::Done { .. }));
            tracing::trace!("{event:?}");
            // Nobody watches any more: that stops nothing.
            let _ = events.send(event);
        }
    };
    let running = async {
        let result = apply::run(cluster, work, execution, &sender, held, stop).await;
        drop(sender);
        result
    };
    let (result, ()) = tokio::join!(running, counting);
    match result {
        Ok(()) => Ended::Done,
        Err(mut unfinished) => {
            let failure = &mut unfinished.failure;
            if let (Class::Interrupted, Some(first)) = (failure.class, failure.diagnostics.first_mut()) {
                first.message = format!("{} after {done} of {steps} steps", first.message);
            }
            Ended::Early(unfinished, done)
        }
    }
}
