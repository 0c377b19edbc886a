//! What goes wrong on purpose.

/// A fault that one request meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server fails: 500. Nothing was done.
    Internal,
    /// The server has too much to do: 429 with `Retry-After` in seconds. Nothing was done.
    TooManyRequests(u32),
    /// The connection breaks before the request was read. Nothing was done.
    ClosedBefore,
    /// The connection breaks before the answer came. The request **was** carried out.
    ClosedAfter,
}
