//! SIGINT and SIGTERM: the first asks to stop cleanly, the second leaves at once.
//!
//! Until a verb turns to a cluster, the system ends the process at the first signal. While the verb only reads, it is
//! dropped at the first one: nothing was changed by then. From the lock on the verb hears of it itself, and ends what is
//! under way.

use std::future::{Future, pending};

use tokio::sync::watch;

use crate::apply::{Stop, interrupted, unchanged};
use crate::diagnostic::{Class, Diagnostic, Failure};

/// Signals that asked this process to stop.
#[derive(Debug)]
pub(super) struct Signals {
    first: watch::Sender<Option<&'static str>>,
    second: watch::Sender<bool>,
    /// Whether the verb ends by itself at the first one.
    is_handed_over: watch::Sender<bool>,
}

impl Default for Signals {
    fn default() -> Self {
        let (first, second) = (watch::channel(None).0, watch::channel(false).0);
        Self { first, second, is_handed_over: watch::channel(false).0 }
    }
}

impl Signals {
    /// From now on signals no longer end the process.
    pub(super) fn listen(&self) {
        if let Some(mut signals) = arrivals() {
            let (first, second) = (self.first.clone(), self.second.clone());
            tokio::spawn(async move {
                first.send_replace(Some(signals.next().await));
                signals.next().await;
                second.send_replace(true);
            });
        }
    }

    /// From now on the verb ends by itself when it hears of the first signal.
    pub(super) fn hand_over(&self) -> Stop {
        self.is_handed_over.send_replace(true);
        Stop::new(self.first.subscribe())
    }

    /// Ends when the verb is to be dropped: at the first signal while it only reads, else at the second.
    pub(super) fn leaving(&self) -> impl Future<Output = Failure> + use<> {
        let (mut first, mut second) = (self.first.subscribe(), self.second.subscribe());
        let is_handed_over = self.is_handed_over.subscribe();
        async move {
            let by = first.wait_for(Option::is_some).await.ok().and_then(|by| *by);
            if let Some(by) = by.filter(|_| !*is_handed_over.borrow()) {
                return unchanged(interrupted(by));
            }
            if second.wait_for(|second| *second).await.is_err() {
                return pending().await;
            }
            let diagnostic = Diagnostic::error("left at once, at the second signal")
                .note("what was under way may have been done or not; the record says what was to be done")
                .hint("run the same command again: it goes on from there");
            Failure::new(Class::Interrupted, diagnostic)
        }
    }
}

#[cfg(unix)]
struct Arrivals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
fn arrivals() -> Option<Arrivals> {
    use tokio::signal::unix::{SignalKind, signal};
    Some(Arrivals {
        interrupt: signal(SignalKind::interrupt()).ok()?,
        terminate: signal(SignalKind::terminate()).ok()?,
    })
}

#[cfg(unix)]
impl Arrivals {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
struct Arrivals;

#[cfg(not(unix))]
fn arrivals() -> Option<Arrivals> {
    Some(Arrivals)
}

#[cfg(not(unix))]
impl Arrivals {
    async fn next(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            Err(_) => pending().await,
        }
    }
}
