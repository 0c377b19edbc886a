//! Exit codes: stable, documented, shown by `kchart help`.

use crate::diagnostic::Class;

/// Done.
pub const DONE: u8 = 0;
/// The cluster refused, an apply failed, there is no such release, the release exists already.
pub const FAILED: u8 = 1;
/// Changes are pending; only with `--detailed-exitcode`.
pub const PENDING: u8 = 2;
/// The chart, the values or the manifest is wrong.
pub const INPUT: u8 = 3;
/// Not ready, or a volume not gone, in time.
pub const NOT_READY: u8 = 4;
/// Refused to protect data.
pub const REFUSED: u8 = 5;
/// The release is locked by another run.
pub const LOCKED: u8 = 6;
/// The command line is wrong (`EX_USAGE` of sysexits.h).
pub const USAGE: u8 = 64;
/// A bug in kchart (`EX_SOFTWARE`).
pub const BUG: u8 = 70;
/// Stopped by a signal.
pub const INTERRUPTED: u8 = 130;

/// Every exit code with its meaning, as help shows it.
pub const MEANINGS: [(u8, &str); 10] = [
    (DONE, "done"),
    (FAILED, "failed: the cluster refused, no such release, or the release exists already"),
    (PENDING, "changes are pending (only with --detailed-exitcode)"),
    (INPUT, "the chart, the values or the manifest is wrong"),
    (NOT_READY, "not ready, or a volume not gone, in time"),
    (REFUSED, "refused to protect data"),
    (LOCKED, "the release is locked by another run"),
    (USAGE, "the command line is wrong"),
    (BUG, "a bug in kchart"),
    (INTERRUPTED, "interrupted"),
];

/// What an exit code means.
pub fn meaning(code: u8) -> &'static str {
    MEANINGS.iter().find(|(known, _)| *known == code).map_or("failed", |(_, meaning)| meaning)
}

/// The epilogue of `kchart help`.
pub fn help() -> String {
    let lines = MEANINGS.iter().map(|(code, meaning)| format!("  {code:>3}  {meaning}"));
    std::iter::once("Exit codes:".to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

/// The exit code of a failure.
pub fn code(class: Class) -> u8 {
    match class {
        Class::Failed => FAILED,
        Class::Input => INPUT,
        Class::NotReady => NOT_READY,
        Class::Refused => REFUSED,
        Class::Locked => LOCKED,
        Class::Usage => USAGE,
        Class::Bug => BUG,
        Class::Interrupted => INTERRUPTED,
    }
}
