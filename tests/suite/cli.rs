//! The command line as a user types it: help, usage, exit codes, errors.

#![expect(clippy::needless_raw_string_hashes, reason = "snapbox writes goldens this way")]

mod as_seen;
mod bad_input;
mod causes;
mod definitions;
mod diff;
mod embedded;
mod failed;
mod help;
mod jobs;
#[cfg(unix)]
mod lock;
mod printed;
mod replaced;
mod rollback;
mod rotation;
mod schemas;
#[cfg(unix)]
mod stopped;
mod story;
mod taken_over;
mod trouble;
mod unfinished;
mod usage;
pub(crate) mod volumes;
