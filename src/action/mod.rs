//! One workflow per file: what a verb does, without its words and colours.
//!
//! A workflow returns a typed outcome or a [`Failure`](crate::diagnostic::Failure); what it read and found on the way
//! is in a [`Reading`]. Those that change a cluster come in two halves, so that a plan can be shown, or asked about,
//! between deciding and doing: `prepare` sends no write request, the lock is taken and what was read is read again if
//! another run was at work, `carry_out` obeys the plan and gives the lock back.

#[cfg(test)]
mod conversation;
pub mod deploy;
mod ending;
mod execution;
pub mod get;
pub mod history;
pub mod list;
mod locking;
mod name;
#[cfg(test)]
mod ordeal;
#[cfg(test)]
mod ordinary;
mod planning;
mod reading;
mod rendering;
mod rights;
pub mod rollback;
pub mod rotate;
mod source;
pub mod status;
pub mod stored;
mod target;
pub mod template;
pub mod uninstall;
pub mod volumes;

pub use ending::{Aborted, Steps};
pub use execution::Events;
pub use locking::Locking;
pub use reading::{Giving, Progress, Reader, Reading, Remark, SharedMask};
pub use source::{Loaded, Source};
pub use target::{Place, Target};
