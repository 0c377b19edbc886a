//! The executor: runs a plan's steps as their order allows, waits, and tells what happens. Decides nothing.

mod event;

pub use event::Event;

use std::time::Duration;

use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::plan::Plan;
use crate::release::Release;

/// How to run a plan.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Total time for waiting.
    pub timeout: Duration,
    /// At most so many requests at once.
    pub concurrency: usize,
}

/// Runs a plan. Events go to `events` as they happen; a closed receiver stops nothing.
///
/// # Errors
/// The first fatal error, after the running steps have ended.
pub async fn run(
    _cluster: &Cluster,
    _release: &Release,
    _plan: &Plan,
    _execution: &Execution,
    _events: &tokio::sync::mpsc::UnboundedSender<Event>,
) -> Result<(), Failure> {
    todo!("apply room")
}
