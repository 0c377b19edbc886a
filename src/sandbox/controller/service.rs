//! Services: one `EndpointSlice` each, with the Pods behind it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::owned::{controller_reference, is_over, is_ready};
use super::{News, edit, is_going, make, uid};
use crate::sandbox::json;
use crate::sandbox::seed::NODE;
use crate::sandbox::state::{Key, State, kinds};

pub(super) fn run(state: &mut State, news: &News) {
    for key in concerned(state, news) {
        let Some(service) = state.get(&key).cloned() else { continue };
        if is_going(&service) || json::texts(&service, &["spec", "selector"]).next().is_none() {
            continue;
        }
        let Some(slice) = slice_of(state, &key, &service) else { continue };
        let endpoints: Vec<Value> = behind(state, &service).filter(|pod| !is_over(pod)).map(endpoint).collect();
        let ports: Vec<Value> = json::list(&service, &["spec", "ports"]).iter().map(port).collect();
        edit(state, &slice, |slice| {
            json::set(slice, &["endpoints"], endpoints);
            json::set(slice, &["ports"], ports);
        });
    }
}

/// The Services that the news are about: they, their slices, or Pods behind them were written.
fn concerned(state: &State, news: &News) -> BTreeSet<Key> {
    let mut found = news.workloads(state, &kinds::SERVICE);
    for change in news.changes().filter(|change| change.key.kind == kinds::POD) {
        let pods = [&change.before, &change.after];
        let services = state.within(&kinds::SERVICE, &change.key.at.namespace);
        let selecting = services.filter(|service| pods.into_iter().flatten().any(|pod| is_behind(service, pod)));
        found.extend(selecting.filter_map(|service| Key::of(service)));
    }
    found
}

/// Whether a Service selects a Pod.
fn is_behind(service: &Value, pod: &Value) -> bool {
    json::texts(service, &["spec", "selector"])
        .all(|(name, value)| json::text(pod, &["metadata", "labels", name]) == Some(value))
}

/// The slice of a Service; made if it is missing.
fn slice_of(state: &mut State, key: &Key, service: &Value) -> Option<Key> {
    if let Some(slice) = state.index.owned(uid(service)).find(|owned| owned.kind == kinds::SLICE) {
        return Some(slice.clone());
    }
    let name = format!("{}-{}", key.at.name, state.clock.suffix());
    let made = json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": name, "namespace": key.at.namespace,
            "labels": {"kubernetes.io/service-name": key.at.name,
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
            "ownerReferences": [controller_reference(service)]},
        "endpoints": [], "ports": []});
    make(state, made)
}

/// The Pods that a Service selects.
pub(super) fn behind<'a>(state: &'a State, service: &'a Value) -> impl Iterator<Item = &'a Value> {
    let namespace = json::text(service, &["metadata", "namespace"]).unwrap_or_default();
    state.within(&kinds::POD, namespace).map(|pod| &**pod).filter(|pod| is_behind(service, pod))
}

fn endpoint(pod: &Value) -> Value {
    let field = |path: &[&str]| json::get(pod, path).cloned().unwrap_or_default();
    let ready = is_ready(pod);
    json!({"addresses": [field(&["status", "podIP"])], "nodeName": NODE,
        "conditions": {"ready": ready, "serving": ready, "terminating": is_going(pod)},
        "targetRef": {"kind": "Pod", "name": field(&["metadata", "name"]), "namespace": field(&["metadata", "namespace"]),
            "uid": field(&["metadata", "uid"])}})
}

fn port(port: &Value) -> Value {
    let field = |name: &str| port.get(name).cloned().unwrap_or_default();
    // A named target port is looked up in each Pod; the Service's own number stands for it here.
    let number = Some(field("targetPort")).filter(Value::is_number).unwrap_or_else(|| field("port"));
    json!({"name": port.get("name").cloned().unwrap_or_else(|| "".into()), "port": number, "protocol": field("protocol")})
}
