//! The fence: once the lock of the release is lost, no write leaves this process any more, not even another try.
//!
//! A write that passed it may still stand in a queue, or wait for its connection, when the process is stopped (SIGSTOP,
//! a machine that sleeps). So the lock is looked at again when the connection asks for the body: a request without its
//! body is none.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::{Frame, SizeHint};
use kube::client::Body;
use tokio::sync::watch;
use tokio::time::Instant;
use tower::BoxError;

use crate::cluster::lock::Standing;

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

/// Ends when it may be written, or when that is over. After the machine slept only a renewal tells.
pub(super) async fn pass(mut standing: watch::Receiver<Standing>) -> Result<(), LockLost> {
    let loss = Standing::wait_for_loss(standing.clone());
    let sure = standing.wait_for(|standing| !standing.is_doubtful(SystemTime::now()));
    tokio::select! {
        biased;
        _ = loss => Err(LockLost),
        // Without a holder any more there is nobody to renew it: what it said last counts.
        sure = sure => sure.map_or(Ok(()), |standing| standing.lost(Instant::now()).map_or(Ok(()), |_| Err(LockLost))),
    }
}

/// The body of a write, given out only while the lock is held.
struct Fenced {
    bytes: Option<Bytes>,
    pass: Pin<Box<dyn Future<Output = Result<(), LockLost>> + Send>>,
}

impl http_body::Body for Fenced {
    type Data = Bytes;
    type Error = LockLost;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, LockLost>>> {
        if self.bytes.is_none() {
            return Poll::Ready(None);
        }
        let passed = ready!(self.pass.as_mut().poll(cx));
        let bytes = self.bytes.take().unwrap_or_default();
        Poll::Ready(Some(passed.map(|()| Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// What a fenced body is made of.
#[derive(Clone)]
struct Content(Bytes, watch::Receiver<Standing>);

/// Makes the bodies of writes. Through a client, as kube makes a [`Body`] of another one only where that is an answer.
#[derive(Clone)]
pub(super) struct Bodies(kube::Client);

impl Bodies {
    pub(super) fn new() -> Self {
        let answer = tower::service_fn(|mut request: Request<Body>| async move {
            let Content(bytes, standing) = request.extensions_mut().remove().ok_or(LockLost)?;
            Ok::<_, BoxError>(Response::new(Fenced { bytes: Some(bytes), pass: Box::pin(pass(standing)) }))
        });
        Self(kube::Client::new(answer, ""))
    }

    /// A body that ends in [`LockLost`] when it is asked for too late.
    pub(super) async fn fenced(&self, bytes: Bytes, standing: watch::Receiver<Standing>) -> Result<Body, BoxError> {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Content(bytes, standing));
        Ok(self.0.send(request).await?.into_body())
    }
}
