//! The log of requests that tests look at. Bodies are never kept: they hold Secrets.

use std::fmt;

/// One request as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    /// HTTP method.
    pub method: String,
    /// Path with its query.
    pub path: String,
    /// Kind of the objects it is about; empty for discovery and the like.
    pub kind: String,
}

impl Requested {
    /// Whether it changes something: any method but GET, a dry run and an access review aside.
    pub fn is_write(&self) -> bool {
        self.method != "GET" && !self.path.contains("dryRun=") && !self.kind.ends_with("AccessReview")
    }
}

impl fmt::Display for Requested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
