//! Which request meets a fault.

use std::time::Duration;

use super::Fault;

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
    pub(super) fn is(&self, number: usize, method: &str, kind: &str) -> bool {
        match self {
            Self::Request(wanted) => number == *wanted,
            Self::First { method: wanted, kind: of } => {
                method == wanted && of.as_ref().is_none_or(|wanted| kind == wanted)
            }
        }
    }
}
