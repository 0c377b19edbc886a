//! The fence: once the lock of the release is lost, no write leaves this process any more, not even another try.

use std::fmt;

use http::Method;
use http::request::Parts;

/// Mark on a request (an extension): it keeps the lock itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unfenced;

impl Unfenced {
    /// Marks a request.
    pub(crate) fn mark<T>(mut request: http::Request<T>) -> http::Request<T> {
        request.extensions_mut().insert(Self);
        request
    }
}

/// Why a write was not sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LockLost;

impl fmt::Display for LockLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lock of the release was lost")
    }
}

impl std::error::Error for LockLost {}

/// What a request has to do with the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fence {
    /// Nothing: it reads.
    Free,
    /// It may change something that the lock protects.
    Fenced,
    /// It keeps the lock itself.
    Keeper,
}

impl Fence {
    pub(super) fn of(request: &Parts) -> Self {
        if request.extensions.get::<Unfenced>().is_some() {
            Self::Keeper
        } else if matches!(request.method, Method::GET | Method::HEAD) {
            Self::Free
        } else {
            Self::Fenced
        }
    }
}
