//! A panic is a bug: it is told without the panic's own message, which may hold values.

use std::sync::{Mutex, PoisonError};

/// Where the last panic happened: a place in kchart's own source.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Replaces the process's panic hook by one that only remembers the place.
pub(super) fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
}

/// What is said of a panic.
pub(super) fn message() -> String {
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    let place = place.map(|place| format!(" (at {place})")).unwrap_or_default();
    format!("error: this is a bug in kchart{place}\nhint: please report it, with the command and this line\n")
}
