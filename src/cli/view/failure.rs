//! Messages, painted.

use crate::action::Reading;
use crate::diagnostic::{Diagnostic, Severity};

/// A message with its places, ready to be written. Secrets are masked.
pub(in crate::cli) fn paint(diagnostic: &Diagnostic, reading: &Reading, _color: bool) -> String {
    let mut text = match diagnostic.severity {
        Severity::Error => format!("error: {}\n", diagnostic.message),
        Severity::Warning => format!("warning: {}\n", diagnostic.message),
    };
    if let Some(span) = diagnostic.span {
        text.push_str(&format!("  --> {}\n", reading.sources.name(span.place)));
    }
    for note in &diagnostic.notes {
        text.push_str(&format!("  = {}\n", note.text));
    }
    for hint in &diagnostic.hints {
        text.push_str(&format!("hint: {hint}\n"));
    }
    text
}
