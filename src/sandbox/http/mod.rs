//! The HTTP surface: a request comes in, is looked up by its path, and is answered.

mod answer;
mod call;
mod discovery;
mod query;
mod route;

use std::sync::Arc;

use http::{Method, Request, Response};
use tower::BoxError;

pub(super) use answer::Answer;
pub(super) use call::{Aim, Call};

use super::fault::{Fault, Faults, Met};
use super::rejection::Rejection;
use super::requests::Requested;
use super::served;
use super::shared::Cluster;
use super::{json, read, write};
use route::{Route, Target};

/// Answers one request, unless it meets a fault.
pub(super) async fn serve(
    cluster: Cluster,
    faults: Faults,
    request: Request<kube::client::Body>,
) -> Result<Response<answer::Body>, BoxError> {
    let (parts, body) = request.into_parts();
    let body = body.collect_bytes().await?;
    let call = Call::new(&parts, body);
    let route = Route::parse(parts.uri.path());
    let kind = kind(&cluster, route.as_ref());
    let path = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let requested = Requested { method: call.method.to_string(), path: path.replace("?&", "?"), kind };
    let is_step = requested.is_write() && !is_bookkeeping(&call, route.as_ref(), &requested.kind);
    let fault = faults.meet(Met { method: &requested.method, kind: &requested.kind, is_step });
    if fault == Some(Fault::CutOffBefore) {
        return over(&faults).await;
    }
    cluster.lock().requests.push(requested);
    let refused = match &fault {
        Some(Fault::Internal) => Rejection::internal("a fault was injected"),
        Some(Fault::Conflict) => Rejection::injected_conflict(),
        Some(Fault::TooManyRequests(seconds)) => Rejection::too_many_requests(*seconds),
        Some(Fault::Denied { webhook, why }) => Rejection::denied(webhook, why),
        Some(Fault::ClosedBefore) => return Err(closed()),
        Some(Fault::Hangs) => {
            faults.hang();
            return std::future::pending().await;
        }
        Some(Fault::ClosedAfter | Fault::CutOffBefore | Fault::CutOffAfter) | None => {
            let answered = route.ok_or_else(Rejection::no_such_path).and_then(|route| dispatch(&cluster, &call, route));
            return match fault {
                Some(Fault::ClosedAfter) => Err(closed()),
                Some(Fault::CutOffAfter) => over(&faults).await,
                _ => Ok(answered.map_or_else(|rejection| answer::refusal(&rejection), Answer::into_response)),
            };
        }
    };
    Ok(answer::refusal(&refused))
}

fn closed() -> BoxError {
    Box::new(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "connection reset by the sandbox"))
}

/// The client's process ended: nobody hears an answer any more.
async fn over<T>(faults: &Faults) -> T {
    faults.cut();
    std::future::pending().await
}

/// The kind that a request is about; empty for discovery and the like.
fn kind(cluster: &Cluster, route: Option<&Route>) -> String {
    match route {
        Some(Route::Objects(target)) => {
            let inside = cluster.lock();
            let found = served::by_plural(&inside.state, &target.group, &target.version, &target.plural);
            found.map_or_else(|| target.plural.clone(), |served| served.kind.kind.into_owned())
        }
        _ => String::new(),
    }
}

/// Whether a request is about a lock, or about what kchart stores of a release, and not about an object of a chart.
fn is_bookkeeping(call: &Call, route: Option<&Route>, kind: &str) -> bool {
    let Some(Route::Objects(target)) = route else { return false };
    let named = |name: &str| name.starts_with("kchart.");
    let of_body = || call.json().is_ok_and(|body| json::text(&body, &["metadata", "name"]).is_some_and(named));
    kind == "Lease" || (kind == "Secret" && target.name.as_deref().map_or_else(of_body, named))
}

fn dispatch(cluster: &Cluster, call: &Call, route: Route) -> Result<Answer, Rejection> {
    match route {
        Route::Objects(target) => objects(cluster, call, target),
        _ if call.method != Method::GET => Err(Rejection::no_such_method()),
        Route::Version => Ok(discovery::version()),
        Route::Health => Ok(Answer::Text("ok".to_owned())),
        Route::Core => cluster.read(|inside| Ok(discovery::root(&inside.state, true, &call.accept))),
        Route::Groups => cluster.read(|inside| Ok(discovery::root(&inside.state, false, &call.accept))),
        Route::Group(name) => cluster.read(|inside| discovery::group(&inside.state, &name)),
        Route::Resources { group, version } => {
            cluster.read(|inside| discovery::resources(&inside.state, &group, &version))
        }
    }
}

fn objects(cluster: &Cluster, call: &Call, target: Target) -> Result<Answer, Rejection> {
    if target.group == "authorization.k8s.io" {
        return read::review::answer(call, &target.plural);
    }
    let found =
        cluster.read(|inside| Ok(served::by_plural(&inside.state, &target.group, &target.version, &target.plural)))?;
    let Some(served) = found else {
        return Err(cluster.read(|inside| Ok(discovery::nothing_at(&inside.state, &target.group)))?);
    };
    if target.namespace.is_some() && !served.namespaced {
        return Err(Rejection::no_such_path());
    }
    let aim = Aim { served, namespace: target.namespace, subresource: target.subresource };
    match (&call.method, target.name) {
        (&Method::GET, None) if call.query.is_on("watch") => read::watch::open(Arc::clone(cluster), call, aim),
        (&Method::GET, None) => cluster.read(|inside| read::list::answer(inside, call, &aim)),
        (&Method::GET, Some(name)) if call.query.is_on("watch") => {
            read::watch::open_one(Arc::clone(cluster), call, aim, &name)
        }
        (&Method::GET, Some(name)) => cluster.read(|inside| read::one(&inside.state, call, &aim, &name)),
        (method, name) => {
            cluster.write(call.dry_run(), |state| write::answer(state, call, &aim, method, name.as_deref()))
        }
    }
}
