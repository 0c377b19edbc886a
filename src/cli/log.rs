//! What `-v` shows: tracing, to standard error, through a mask.
//!
//! `-v` is what kchart does, `-vv` its requests too, `-vvv` all that kchart itself can tell. Lines of the HTTP layers
//! below kube (hyper, rustls) are never shown: they hold bodies. A subscriber holds for one run only, on the thread
//! that runs it, so that two runs in one process do not mix.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::output::Output;
use super::session::Session;
use crate::action::SharedMask;

/// Which lines are shown at which `-v`.
fn filter(verbose: u8) -> &'static str {
    match verbose {
        0 => "off",
        1 => "off,kchart=info",
        2 => "off,kchart=debug,kube=debug,kube_client=debug",
        _ => "off,kchart=trace,kube=debug,kube_client=debug,kube_runtime=debug",
    }
}

/// Runs `work` with logging as wanted; without `-v` no subscriber is set at all.
pub(super) fn with<T>(verbose: u8, lines: Lines, work: impl FnOnce() -> T) -> T {
    if verbose == 0 {
        return work();
    }
    let color = lines.output.color();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter(verbose)))
        .with_writer(lines)
        .with_ansi(color)
        .finish();
    tracing::subscriber::with_default(subscriber, work)
}

/// Where log lines go: each is searched for known secrets first.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    output: Output,
    mask: SharedMask,
}

impl Lines {
    pub(super) fn new(session: &Session) -> Self {
        Self { output: session.err.clone(), mask: session.reading.mask.clone() }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: self, bytes: Vec::new() }
    }
}

/// One line, written when it is whole: a secret cut in two would not be found.
pub(super) struct Line<'a> {
    lines: &'a Lines,
    bytes: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let line = self.lines.mask.text(&String::from_utf8_lossy(&self.bytes));
        // A log line that nobody can read stops nothing.
        let _ = self.lines.output.text(&line);
    }
}
