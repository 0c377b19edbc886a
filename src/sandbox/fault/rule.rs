//! Which request meets a fault.

use std::time::Duration;

use super::Fault;

/// A request, as far as rules care.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Met<'a> {
    /// HTTP method, in capital letters.
    pub(in crate::sandbox) method: &'a str,
    /// Kind of the objects.
    pub(in crate::sandbox) kind: &'a str,
    /// Whether it changes an object of a chart: neither a Lease, nor a Secret that kchart keeps its own books in.
    pub(in crate::sandbox) is_step: bool,
}

/// A fault, and when it is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which requests meet it.
    pub when: When,
    /// What they meet.
    pub fault: Fault,
    /// None: one request alone. Else each request from that one on, for so long on the runtime's clock.
    pub lasting: Option<Duration>,
}

/// The first request that meets a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// The request of this number; the client's first one is 1.
    Request(usize),
    /// The step of this number: requests that change an object of a chart are counted alone.
    Step(usize),
    /// The first one of this method, and of this kind if there is one: `PATCH`, `Secret`.
    First {
        /// HTTP method, in capital letters.
        method: String,
        /// Kind of the objects.
        kind: Option<String>,
    },
}

impl Rule {
    /// A fault that the request of this number meets.
    pub fn at(request: usize, fault: Fault) -> Self {
        Self { when: When::Request(request), fault, lasting: None }
    }
}

impl When {
    /// Whether it is this request, after so many requests and steps, this one included.
    pub(super) fn is(&self, requests: usize, steps: usize, met: Met<'_>) -> bool {
        match self {
            Self::Request(wanted) => requests == *wanted,
            Self::Step(wanted) => met.is_step && steps == *wanted,
            Self::First { method, kind } => {
                met.method == method && kind.as_ref().is_none_or(|wanted| met.kind == wanted)
            }
        }
    }
}
