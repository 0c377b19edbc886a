//! The causes below an error.

use std::error::Error;

/// An error and everything below it.
pub(crate) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    let causes = std::iter::from_fn(move || {
        let this = next?;
        next = this.source();
        Some(this)
    });
    // The bound stands against sources that go in a circle.
    causes.take(16)
}

/// The deepest cause in its own words, as a fragment: those above it only say that something failed.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> String {
    let last = chain(error).last().map(ToString::to_string).unwrap_or_default();
    // `Connection refused (os error 111)`: the number tells nobody anything.
    let text = last.split(" (os error ").next().unwrap_or_default();
    let mut chars = text.trim().trim_end_matches('.').chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
