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
