//! What ends a verb before its end.

use super::Diagnostic;

/// Whose fault it is, and so which exit code (`cli::exit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The cluster refused, an apply failed, there is no such release.
    Failed,
    /// The chart, the values or the manifest is wrong.
    Input,
    /// Not ready, or a volume not gone, in time.
    NotReady,
    /// Refused to protect data.
    Refused,
    /// The release is locked by another run.
    Locked,
    /// The command line is wrong.
    Usage,
    /// A bug in kchart.
    Bug,
    /// Stopped by a signal.
    Interrupted,
}

/// The end of a verb: a class and what to tell the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .diagnostics.first().map_or("failed", |first| first.message.as_str()))]
pub struct Failure {
    /// Decides the exit code.
    pub class: Class,
    /// At least one error, the most important first.
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// A failure with one message.
    pub fn new(class: Class, diagnostic: Diagnostic) -> Self {
        Self { class, diagnostics: vec![diagnostic] }
    }

    /// The chart, the values or the manifest is wrong.
    pub fn input(diagnostics: Vec<Diagnostic>) -> Self {
        Self { class: Class::Input, diagnostics }
    }

    /// The cluster refused, or there is no such thing.
    pub fn failed(diagnostic: Diagnostic) -> Self {
        Self::new(Class::Failed, diagnostic)
    }
}

impl From<Vec<Diagnostic>> for Failure {
    /// Messages of the pure stages are about what the user wrote.
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::input(diagnostics)
    }
}
