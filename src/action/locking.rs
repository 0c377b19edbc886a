//! Keeps other runs away from a release while a workflow works on it, and hears who wants it to stop.

use std::future::Future;
use std::time::Duration;

use tokio::time::sleep;

use crate::apply::{Stop, unchanged};
use crate::cluster::{Cluster, Held, Holder};
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::release::Release;

/// How long the requests that take a lock may take to end when the run is to stop: what they made is given back.
const GRACE: Duration = Duration::from_secs(3);

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
    /// Reads; broken off at once when it is asked to stop.
    pub(super) async fn reading<T>(&self, reading: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            failure = self.stop.wait() => Err(unchanged(failure)),
            done = reading => done,
        }
    }

    /// Takes the lock, after `before`, which makes its namespace.
    pub(super) async fn take(
        &self,
        cluster: &Cluster,
        release: &Release,
        before: impl Future<Output = Result<(), Failure>>,
    ) -> Result<Held, Failure> {
        let stopped = async {
            self.stop.wait().await;
        };
        let taking = async {
            before.await?;
            let held = cluster.lock(release, &self.holder, self.patience, stopped, self.tell).await?;
            held.ok_or_else(|| unchanged(self.stop.asked().unwrap_or_else(nobody)))
        };
        let hung = async {
            let failure = self.stop.wait().await;
            sleep(GRACE).await;
            failure
        };
        tokio::select! {
            held = taking => held,
            failure = hung => Err(unanswered(failure)),
        }
    }

    /// Takes the lock and looks again what is there; the lock is given back when that fails.
    pub(super) async fn take_and_look<T>(
        &self,
        cluster: &Cluster,
        release: &Release,
        look: impl Future<Output = Result<T, Failure>>,
    ) -> Result<(Held, T), Failure> {
        let held = self.take(cluster, release, async { Ok(()) }).await?;
        match self.reading(look).await {
            Ok(found) => Ok((held, found)),
            Err(failure) => {
                held.release().await;
                Err(failure)
            }
        }
    }
}

/// Gives a lock back that was held for what is done now, however that ended.
pub(super) async fn give_back(held: Option<Held>) {
    if let Some(held) = held {
        held.release().await;
    }
}

/// The server does not say whether the lock was made.
fn unanswered(failure: Failure) -> Failure {
    let mut failure = unchanged(failure);
    if let Some(first) = failure.diagnostics.first_mut() {
        let note = "the server did not answer; a lock that it made meanwhile is replaced by the next run that waits";
        *first = std::mem::replace(first, Diagnostic::error("")).note(note);
    }
    failure
}

fn nobody() -> Failure {
    Failure::new(Class::Interrupted, Diagnostic::error("interrupted"))
}
