//! Runs a plan for a workflow: notes what was done, and stops when asked.

use std::collections::BTreeSet;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::apply::{self, Event, Execution, Stop, Unfinished, Work};
use crate::cluster::{Cluster, Held};
use crate::diagnostic::Class;
use crate::plan::StepId;

/// Where the events of a run go.
pub type Events = UnboundedSender<Event>;

/// How a run ended.
pub(super) enum Ended {
    /// All steps are done.
    Done,
    /// Not all: why, and which were done.
    Early(Unfinished, BTreeSet<StepId>),
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
    let (mut done, steps) = (BTreeSet::new(), work.plan.count());
    let noting = async {
        while let Some(event) = receiver.recv().await {
            if let Event::Done { step, .. } = event {
                done.insert(step);
            }
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
    let (result, ()) = tokio::join!(running, noting);
    match result {
        Ok(()) => Ended::Done,
        Err(mut unfinished) => {
            let failure = &mut unfinished.failure;
            if let (Class::Interrupted, Some(first)) = (failure.class, failure.diagnostics.first_mut()) {
                first.message = format!("{} after {} of {steps} steps", first.message, done.len());
            }
            Ended::Early(unfinished, done)
        }
    }
}
