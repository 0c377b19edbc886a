//! Runs a plan for a workflow: counts what was done, and stops when asked.

use std::future::Future;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::apply::{self, Event, Execution};
use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::plan::Plan;
use crate::release::Release;

/// Where the events of a run go.
pub type Events = UnboundedSender<Event>;

/// How a run ended.
pub(super) enum Ended {
    /// All steps are done.
    Done,
    /// Not all: why, and how many were done.
    Early(Failure, usize),
}

pub(super) async fn run(
    cluster: &Cluster,
    release: &Release,
    plan: &Plan,
    execution: &Execution,
    events: &Events,
    stop: impl Future<Output = ()>,
) -> Ended {
    let (sender, mut receiver) = unbounded_channel();
    let mut done = 0;
    let counting = async {
        while let Some(event) = receiver.recv().await {
            done += usize::from(matches!(event, Event::Done { .. }));
            tracing::trace!("{event:?}");
            // Nobody watches any more: that stops nothing.
            let _ = events.send(event);
        }
    };
    let running = async {
        let result = apply::run(cluster, release, plan, execution, &sender, stop).await;
        drop(sender);
        result
    };
    let (result, ()) = tokio::join!(running, counting);
    match result {
        Ok(()) => Ended::Done,
        Err(failure) => Ended::Early(failure, done),
    }
}
