//! What goes wrong on purpose: a script of faults that the requests of one client meet, one rule a fault.
//!
//! A script belongs to a client, as a bad connection and a dying process do: whoever looks at the same cluster
//! through another client is not disturbed. Faults lie under `kube::Client`, so the code above them is the one that
//! meets a real cluster.

mod faults;
mod rule;
mod script;

pub use faults::Faults;
pub(super) use rule::Met;
pub use rule::{Rule, When};
pub use script::parse;

/// What a request meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server fails: 500. Nothing was done.
    Internal,
    /// The object is said to be another than the one that was read: 409. Nothing was done.
    Conflict,
    /// The server has too much to do: 429 with `Retry-After` in seconds. Nothing was done.
    TooManyRequests(u32),
    /// An admission webhook of this name says no, with its reason. Nothing was done.
    Denied {
        /// As its configuration calls it.
        webhook: String,
        /// What it says.
        why: String,
    },
    /// The connection breaks before the request was read. Nothing was done.
    ClosedBefore,
    /// The connection breaks before the answer came. The request **was** carried out.
    ClosedAfter,
    /// No answer ever comes. Nothing was done.
    Hangs,
    /// The client's process ends before it sends the request: neither this one nor any later one arrives.
    CutOffBefore,
    /// The client's process ends before it hears the answer: the request was carried out, no later one arrives.
    CutOffAfter,
}
