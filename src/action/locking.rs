//! Keeps other runs away from a release while a workflow works on it.

use std::time::Duration;

use crate::apply::Stop;
use crate::cluster::{Cluster, Held, Holder};
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::release::Release;

/// How to get the lock of a release.
pub struct Locking<'a> {
    /// Who we are, for those who wait.
    pub holder: Holder,
    /// How long to wait for another run.
    pub patience: Duration,
    /// Ends the waiting.
    pub stop: Stop,
    /// Hears who is waited for, and whose lock was taken over.
    pub tell: &'a dyn Fn(&str),
}

impl Locking<'_> {
    /// Takes the lock; the namespace must be there.
    pub(super) async fn take(&self, cluster: &Cluster, release: &Release) -> Result<Held, Failure> {
        let stopped = async {
            self.stop.wait().await;
        };
        let held = cluster.lock(release, &self.holder, self.patience, stopped, self.tell).await?;
        held.ok_or_else(|| self.stop.asked().map_or_else(|| unchanged(nobody()), unchanged))
    }
}

/// Stopped before anything was done.
pub(super) fn unchanged(mut failure: Failure) -> Failure {
    if let Some(first) = failure.diagnostics.first_mut() {
        first.message.push_str(" before anything was changed");
    }
    failure
}

fn nobody() -> Failure {
    Failure::new(Class::Interrupted, Diagnostic::error("interrupted"))
}
