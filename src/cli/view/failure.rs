//! Messages, painted.

use crate::action::Reading;
use crate::diagnostic::{self, Diagnostic};

/// A message with its places, ready to be written. What is known to be secret is masked.
pub(in crate::cli) fn paint(diagnostic: &Diagnostic, reading: &Reading, color: bool) -> String {
    let mask = reading.mask.now();
    let mut diagnostic = diagnostic.clone();
    for span in diagnostic.span.iter_mut().chain(diagnostic.notes.iter_mut().filter_map(|note| note.span.as_mut())) {
        span.hidden |= mask.hides_place(span.place);
    }
    diagnostic::paint(&diagnostic, &reading.sources, &|text| reading.mask.text(text), color)
}
