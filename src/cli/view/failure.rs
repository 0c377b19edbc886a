//! Messages, painted.

use crate::action::Reading;
use crate::diagnostic::{self, Diagnostic};

/// A message with its places, ready to be written. What is known to be secret is masked.
pub(in crate::cli) fn paint(diagnostic: &Diagnostic, reading: &Reading, color: bool) -> String {
    diagnostic::paint(diagnostic, &reading.sources, &|text| reading.mask.text(text), color)
}
