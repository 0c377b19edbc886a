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

use super::fault::Fault;
use super::rejection::Rejection;
use super::requests::Requested;
use super::served;
use super::shared::Cluster;
use super::{read, write};
use route::{Route, Target};

/// Answers one request.
pub(super) async fn serve(
    cluster: Cluster,
    request: Request<kube::client::Body>,
) -> Result<Response<answer::Body>, BoxError> {
    let (parts, body) = request.into_parts();
    let body = body.collect_bytes().await?;
    let call = Call::new(&parts, body);
    let route = Route::parse(parts.uri.path());
    let fault = note(&cluster, &call, &parts, route.as_ref());
    match fault {
        Some(Fault::Internal) => return Ok(answer::refusal(&Rejection::internal("a fault was injected"))),
        Some(Fault::TooManyRequests(seconds)) => {
            return Ok(answer::refusal(&Rejection::too_many_requests(seconds)));
        }
        Some(Fault::ClosedBefore) => return Err(closed()),
        Some(Fault::ClosedAfter) | None => {}
    }
    let answered = route.ok_or_else(Rejection::no_such_path).and_then(|route| dispatch(&cluster, &call, route));
    if fault == Some(Fault::ClosedAfter) {
        return Err(closed());
    }
    Ok(answered.map_or_else(|rejection| answer::refusal(&rejection), Answer::into_response))
}

fn closed() -> BoxError {
    Box::new(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "connection reset by the sandbox"))
}

/// Writes the request into the log and takes the fault that waits for it.
fn note(cluster: &Cluster, call: &Call, parts: &http::request::Parts, route: Option<&Route>) -> Option<Fault> {
    let mut inside = cluster.lock();
    let kind = match route {
        Some(Route::Objects(target)) => {
            let found = served::by_plural(&inside.state, &target.group, &target.version, &target.plural);
            found.map_or_else(|| target.plural.clone(), |served| served.kind.kind.into_owned())
        }
        _ => String::new(),
    };
    let path = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    inside.requests.push(Requested { method: call.method.to_string(), path: path.replace("?&", "?"), kind });
    inside.faults.pop_front()
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
