//! One message: what, where, why, and what to do next.

use super::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Shown; the verb goes on.
    Warning,
    /// The verb stops.
    Error,
}

/// A second place or a sentence that belongs to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A lower-case fragment: "set here", "included from here", or a whole sentence.
    pub text: String,
    /// Where, if it is about a place.
    pub span: Option<Span>,
}

/// A message with its places. Text is a lower-case fragment without a full stop; identifiers stand in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// Where it is wrong.
    pub span: Option<Span>,
    /// More places and facts, in the order they are shown.
    pub notes: Vec<Note>,
    /// What to do: near misses, commands.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// An error without a place (yet).
    pub fn error(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), span: None, notes: Vec::new(), hints: Vec::new() }
    }

    /// A warning without a place (yet).
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// Points at a place; a place that nobody wrote is left out.
    #[must_use]
    pub fn at(mut self, span: impl Into<Span>) -> Self {
        let span = span.into();
        self.span = span.place.is_known().then_some(span);
        self
    }

    /// Adds a sentence.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note { text: text.into(), span: None });
        self
    }

    /// Adds a second place; left out when nobody wrote it or when it is the first place again. It is painted with its
    /// line, or as a mere name when the span has the width 0 ("included from").
    #[must_use]
    pub fn note_at(mut self, text: impl Into<String>, span: impl Into<Span>) -> Self {
        let span = span.into();
        if span.place.is_known() && self.span.is_none_or(|first| first.place != span.place) {
            self.notes.push(Note { text: text.into(), span: Some(span) });
        }
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }
}
