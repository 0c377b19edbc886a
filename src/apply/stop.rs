//! Asks a run to stop cleanly: no step begins any more, writes that are under way end, waits are broken off.

use std::future::pending;

use tokio::sync::watch;

use crate::diagnostic::{Class, Diagnostic, Failure};

/// Hears when the run shall stop, and from whom: "SIGTERM".
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Option<&'static str>>);

impl Stop {
    /// Stops as soon as the channel says who wants it.
    pub fn new(asked: watch::Receiver<Option<&'static str>>) -> Self {
        Self(asked)
    }

    /// Nobody ever asks.
    pub fn never() -> Self {
        Self(watch::channel(None).1)
    }

    /// The failure that it is to be stopped, if it was asked already.
    pub fn asked(&self) -> Option<Failure> {
        self.0.borrow().map(interrupted)
    }

    /// Ends when it is asked to stop.
    pub async fn wait(&self) -> Failure {
        let mut asked = self.0.clone();
        match asked.wait_for(Option::is_some).await.ok().and_then(|by| *by) {
            Some(by) => interrupted(by),
            None => pending().await,
        }
    }
}

/// What is told of a run that was stopped before it had changed anything.
pub fn unchanged(mut failure: Failure) -> Failure {
    if let Some(first) = failure.diagnostics.first_mut() {
        first.message.push_str(": nothing was changed");
    }
    failure
}

/// What is told of a run that somebody stopped: "SIGINT".
pub fn interrupted(by: &'static str) -> Failure {
    Failure::new(Class::Interrupted, Diagnostic::error(format!("interrupted by {by}")))
}
