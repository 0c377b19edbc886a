//! Carries one request: waits for a free slot, sends it, tries again where that is safe.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use kube::client::Body;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};
use tower::{BoxError, Service};

use super::fence::{self, Bodies, Fence};
use super::notice::Notices;
use super::pace::Pace;
use super::{retry, warning};
use crate::cluster::lock::Standing;
use crate::object::ObjectId;

/// Mark on a request (an extension): sending it twice does no harm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeatable;

/// Mark on a request: the object that it is about.
#[derive(Clone, Debug)]
pub(crate) struct About(pub(crate) ObjectId);

/// Mark on a response: how often its request was sent. More than once means that an earlier try may have worked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempts(pub(crate) u32);

/// How many requests may be under way at once, watches aside (DESIGN section 10).
const SLOTS: usize = 16;

/// How a request is to go.
#[derive(Clone, Copy)]
struct Way {
    /// Its answer has no end of its own.
    streams: bool,
    fence: Fence,
}

/// The tower Service through which all requests go.
#[derive(Clone)]
pub(crate) struct Courier {
    client: kube::Client,
    shared: Arc<Shared>,
}

struct Shared {
    pace: Pace,
    slots: RwLock<Arc<Semaphore>>,
    notices: Arc<Notices>,
    /// Whether the server ever answered: one that never did is not there, one that did is restarting.
    reached: AtomicBool,
    /// How the lock of the release stands, while there is one.
    lock: RwLock<Option<watch::Receiver<Standing>>>,
    bodies: Bodies,
}

impl Courier {
    pub(crate) fn new(client: kube::Client, notices: Arc<Notices>, pace: Pace) -> Self {
        let slots = RwLock::new(Arc::new(Semaphore::new(SLOTS)));
        let (reached, lock) = (AtomicBool::new(false), RwLock::default());
        let bodies = Bodies::new();
        Self { client, shared: Arc::new(Shared { pace, slots, notices, reached, lock, bodies }) }
    }

    /// Changes how many requests may be under way at once; those under way are not counted anew.
    pub(crate) fn limit(&self, slots: usize) {
        *self.shared.slots.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Semaphore::new(slots.max(1)));
    }

    /// From now on no write leaves when this lock is lost; none lifts the fence.
    pub(crate) fn fence(&self, lock: Option<watch::Receiver<Standing>>) {
        *self.shared.lock.write().unwrap_or_else(PoisonError::into_inner) = lock;
    }

    fn standing(&self) -> Option<watch::Receiver<Standing>> {
        self.shared.lock.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One try: the response, and its body once more. What does not stream is read to its end here, so that the slot
    /// and the time limit cover the body too.
    async fn once(&self, head: Parts, body: Bytes, way: Way) -> Result<(Response<Body>, Bytes), BoxError> {
        let slots = Arc::clone(&self.shared.slots.read().unwrap_or_else(PoisonError::into_inner));
        // What keeps the lock must not wait for those that it is kept for.
        let _slot = if way.fence == Fence::Keeper { None } else { Some(slots.acquire().await?) };
        let Some(standing) = self.standing().filter(|_| way.fence == Fence::Fenced) else {
            return self.exchange(Request::from_parts(head, Body::from(body)), way.streams).await;
        };
        fence::pass(standing.clone()).await?;
        let body = self.shared.bodies.fenced(body, standing.clone()).await?;
        // The loss first: what is on its way is cut off.
        tokio::select! {
            biased;
            _ = Standing::wait_for_loss(standing) => Err(fence::LockLost.into()),
            outcome = self.exchange(Request::from_parts(head, body), way.streams) => outcome,
        }
    }

    async fn exchange(&self, request: Request<Body>, streams: bool) -> Result<(Response<Body>, Bytes), BoxError> {
        let limit = self.shared.pace.request;
        let exchange = async {
            let response = self.client.send(request).await.map_err(unwrapped)?;
            if streams && response.status().is_success() {
                return Ok((response, Bytes::new()));
            }
            let (parts, body) = response.into_parts();
            let bytes = body.collect_bytes().await.map_err(unwrapped)?;
            Ok((Response::from_parts(parts, Body::from(bytes.clone())), bytes))
        };
        timeout(limit, exchange).await.unwrap_or_else(|_| {
            let seconds = limit.as_secs();
            Err(std::io::Error::new(std::io::ErrorKind::TimedOut, format!("no answer within {seconds} s")).into())
        })
    }

    async fn carry(self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let (parts, body) = request.into_parts();
        let body: Bytes = body.collect_bytes().await?;
        let repeatable = retry::is_repeatable(&parts);
        let way = Way { streams: streams(&parts), fence: Fence::of(&parts) };
        let begun = Instant::now();
        let mut attempts = 1;
        loop {
            let sent = Instant::now();
            let outcome = self.once(parts.clone(), body.clone(), way).await;
            log(&parts, outcome.as_ref().map(|(response, _)| response.status()), sent.elapsed());
            let (why, asked) = match &outcome {
                Ok((response, body)) => {
                    self.shared.reached.store(true, Ordering::Relaxed);
                    for text in warning::texts(response.headers()) {
                        self.shared.notices.warn(text);
                    }
                    (retry::by_status(response.status(), body, repeatable), retry::asked(response.headers()))
                }
                Err(error) => {
                    let reached = self.shared.reached.load(Ordering::Relaxed);
                    (retry::by_error(error.as_ref(), repeatable, reached), None)
                }
            };
            let pause = retry::pause(&self.shared.pace, attempts + 1, begun.elapsed(), asked, dice());
            let (Some(why), Some(pause)) = (why, pause) else {
                return outcome.map(|(mut response, _)| {
                    response.extensions_mut().insert(Attempts(attempts));
                    response
                });
            };
            let about = parts.extensions.get::<About>().map(|About(id)| id.clone());
            self.shared.notices.retrying(about, why);
            sleep(pause).await;
            attempts += 1;
        }
    }
}

impl Service<Request<Body>> for Courier {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    /// Always ready: a request waits for its slot on its own way, so that none holds up the queue of the client.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().carry(request))
    }
}

/// The error below kube's own wrapping, so that the outer client wraps it once and not twice.
fn unwrapped(error: kube::Error) -> BoxError {
    match error {
        kube::Error::Service(inner) => inner,
        kube::Error::HyperError(inner) => inner.into(),
        other => other.into(),
    }
}

/// A line of the log. Paths and queries hold names, never content; bodies and headers are not logged.
fn log(request: &Parts, outcome: Result<StatusCode, &BoxError>, took: Duration) {
    let (method, path) = (&request.method, &request.uri);
    match outcome {
        Ok(status) => tracing::debug!("{method} {path}: {} in {} ms", status.as_u16(), took.as_millis()),
        Err(error) => tracing::debug!("{method} {path}: {error} after {} ms", took.as_millis()),
    }
}

/// Whether the answer has no end of its own: a watch, a followed log.
fn streams(request: &Parts) -> bool {
    let query = request.uri.query().unwrap_or_default();
    query.split('&').any(|pair| matches!(pair, "watch=true" | "watch=1" | "follow=true" | "follow=1"))
}

/// A random number for the jitter; without randomness there is none, which is no reason to fail.
fn dice() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::cluster::wire::Notice;

    /// A client whose server answers with the next status of a list (0 breaks the connection) and counts.
    fn scripted(statuses: &[u16]) -> (kube::Client, Arc<AtomicUsize>) {
        let script = Arc::new(Mutex::new(std::collections::VecDeque::from(statuses.to_vec())));
        let sent = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&sent);
        let service = tower::service_fn(move |_: Request<Body>| {
            count.fetch_add(1, Ordering::SeqCst);
            let status = script.lock().unwrap().pop_front().unwrap_or(200);
            async move {
                if status == 0 {
                    return Err(BoxError::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset)));
                }
                let response = Response::builder().status(status).header("warning", r#"299 - "old API""#);
                Ok(response.body(Body::empty()).unwrap())
            }
        });
        (kube::Client::new(service, "default"), sent)
    }

    async fn ask(statuses: &[u16], request: http::request::Builder) -> (Result<u16, String>, usize, Vec<Notice>) {
        let (client, sent) = scripted(statuses);
        let notices = Arc::new(Notices::default());
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        notices.listen(sender);
        let courier = Courier::new(client, notices, Pace::at_once());
        let answer = courier.carry(request.body(Body::empty()).unwrap()).await;
        let mut heard = Vec::new();
        while let Ok(notice) = receiver.try_recv() {
            heard.push(notice);
        }
        (answer.map(|r| r.status().as_u16()).map_err(|e| e.to_string()), sent.load(Ordering::SeqCst), heard)
    }

    #[tokio::test]
    async fn reads_survive_a_busy_server_and_a_broken_connection() {
        let (answer, sent, heard) = ask(&[429, 0, 503, 200], Request::get("/x")).await;
        assert_eq!((answer, sent), (Ok(200), 4));
        let retries = heard.iter().filter(|notice| matches!(notice, Notice::Retrying { .. })).count();
        assert_eq!(retries, 3);
        assert_eq!(heard.iter().filter(|notice| matches!(notice, Notice::Warning(_))).count(), 1, "once each");
    }

    #[tokio::test]
    async fn what_may_have_worked_is_not_sent_again() {
        let (answer, sent, _) = ask(&[503], Request::post("/x")).await;
        assert_eq!((answer, sent), (Ok(503), 1));
        let (answer, sent, _) = ask(&[0], Request::post("/x")).await;
        assert!(answer.is_err());
        assert_eq!(sent, 1);
        let (answer, sent, _) = ask(&[429, 201], Request::post("/x")).await;
        assert_eq!((answer, sent), (Ok(201), 2), "a 429 was not carried out");
        let (answer, sent, _) = ask(&[503, 201], Request::post("/x").extension(Repeatable)).await;
        assert_eq!((answer, sent), (Ok(201), 2));
    }

    #[tokio::test]
    async fn a_server_that_stays_broken_is_given_up() {
        let (answer, sent, _) = ask(&[500; 20], Request::get("/x")).await;
        assert_eq!((answer, sent), (Ok(500), 8));
    }

    #[tokio::test]
    async fn no_more_requests_are_under_way_than_allowed() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (under_way, highest) = (Arc::clone(&now), Arc::clone(&most));
        let service = tower::service_fn(move |_: Request<Body>| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, BoxError>(Response::new(Body::empty()))
            }
        });
        let courier = Courier::new(kube::Client::new(service, "default"), Arc::default(), Pace::at_once());
        courier.limit(3);
        let requests = (0..30).map(|_| courier.clone().carry(Request::get("/x").body(Body::empty()).unwrap()));
        futures::future::try_join_all(requests).await.unwrap();
        assert_eq!((highest.load(Ordering::SeqCst), under_way.load(Ordering::SeqCst)), (3, 0));
    }

    /// The lock is lost while a write stands in the connection's queue, whose task wakes up before any other.
    #[tokio::test(start_paused = true)]
    async fn what_waits_for_its_connection_is_not_written_when_the_lock_is_lost() {
        for (pass, written) in [(Duration::from_secs(12), Some("content")), (Duration::from_secs(13), None)] {
            let (queue, mut queued) = tokio::sync::mpsc::unbounded_channel();
            let service = tower::service_fn(move |request: Request<Body>| {
                queue.send(request.into_body()).unwrap();
                std::future::pending::<Result<Response<Body>, BoxError>>()
            });
            let courier = Courier::new(kube::Client::new(service, "default"), Arc::default(), Pace::at_once());
            let held = Duration::from_secs(13);
            let until_wall = std::time::SystemTime::now() + held;
            let held = Standing::Held { until: Instant::now() + held, until_wall, trouble: None };
            let (_holder, standing) = watch::channel(held);
            courier.fence(Some(standing));
            let request = Request::patch("/x").extension(Repeatable).body(Body::from(b"content".to_vec())).unwrap();
            let sending = tokio::spawn(courier.carry(request));
            let body = queued.recv().await.unwrap();
            assert_eq!(http_body::Body::size_hint(&body).exact(), Some(7), "its length is known");
            tokio::time::advance(pass).await;
            let read = body.collect_bytes().await;
            assert_eq!(read.as_deref().ok(), written.map(str::as_bytes));
            if written.is_none() {
                let error = sending.await.unwrap().unwrap_err();
                assert!(error.is::<fence::LockLost>(), "{error}");
            }
        }
    }
}
