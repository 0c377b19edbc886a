//! The way of a request: a cap on how many are under way, a time limit, retries, and what is learned on the way.
//!
//! All of it lies in one tower Service over a finished client, so that a real cluster and the sandbox get the very
//! same treatment.

mod cause;
mod courier;
mod fence;
mod notice;
mod pace;
mod retry;
mod warning;

pub(crate) use cause::{chain, reason};
pub(crate) use courier::{About, Attempts, Courier, Repeatable};
pub(crate) use fence::{LockLost, Unfenced};
pub use notice::Notice;
pub(crate) use notice::Notices;
pub(crate) use pace::Pace;
pub(crate) use retry::VERDICTS;
