//! What lies around an object that is not ready: its Pods, its events, the class of its claim.

use std::collections::BTreeMap;

use kube::core::params::ListParams;
use serde_json::Value as Json;

use super::errors::Doing;
use super::kinds::Kind;
use super::{Cluster, read};
use crate::diagnostic::Failure;
use crate::plan::{Class, Known};
use crate::yaml::{Node, Value};

impl Cluster {
    /// The Pods that a workload selects; none where they can't be read, which is no reason to say less about the rest.
    pub(crate) async fn pods_of(&self, namespace: &str, workload: &Node) -> Vec<Node> {
        let Some(selector) = selector(workload) else { return Vec::new() };
        let params = ListParams::default().labels(&selector);
        let listing = self.list(&Kind::core("Pod", "pods", true), Some(namespace), &params).await;
        listing.map(|listing| listing.items.iter().map(Node::from).collect()).unwrap_or_default()
    }

    /// The last warning among the events of an object: `FailedMount: MountVolume.SetUp failed …`.
    pub(crate) async fn last_warning(&self, namespace: Option<&str>, uid: &str) -> Option<String> {
        let params = ListParams::default().fields(&format!("involvedObject.uid={uid},type=Warning"));
        // Events of cluster-scoped objects are kept in `default`.
        let namespace = namespace.unwrap_or("default");
        let listing = self.list(&Kind::core("Event", "events", true), Some(namespace), &params).await.ok()?;
        let last = listing.items.iter().max_by_key(|event| (when(event), version(event)))?;
        let text = |key: &str| last.get(key).and_then(Json::as_str).unwrap_or_default();
        let words: Vec<&str> = text("message").split_whitespace().collect();
        let message = words.join(" ");
        Some(format!("{}: {}", text("reason"), message.trim_end_matches(['.', ':'])))
    }

    /// The storage classes, if they may be read.
    pub(crate) async fn classes(&self) -> Result<Known<BTreeMap<String, Class>>, Failure> {
        let kind = Kind::new("storage.k8s.io", "v1", "StorageClass", "storageclasses", false);
        match self.list(&kind, None, &ListParams::default()).await {
            Ok(listing) => Ok(Known::Yes(listing.items.into_iter().filter_map(read::class).collect())),
            Err(fault) if fault.is_forbidden() || fault.is_not_found() => {
                Ok(Known::No("storage classes may not be read".into()))
            }
            Err(fault) => Err(self.failure(&fault, &Doing::with("list", "the storage classes"))),
        }
    }
}

/// When an event last happened, as text: RFC 3339 in UTC sorts by time.
fn when(event: &Json) -> String {
    let places = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"];
    places.iter().find_map(|place| event.pointer(place).and_then(Json::as_str)).unwrap_or_default().to_owned()
}

/// The resource version of an event as a number: of two events of the same second the later write is the last.
fn version(event: &Json) -> u64 {
    let version = event.pointer("/metadata/resourceVersion").and_then(Json::as_str);
    version.and_then(|version| version.parse().ok()).unwrap_or(0)
}

/// The label selector of a workload, as the API takes it in a query; none when it selects nothing.
fn selector(workload: &Node) -> Option<String> {
    let selector = workload.at(&["spec", "selector"])?;
    let labels = selector.get("matchLabels").and_then(Node::as_map);
    let mut terms: Vec<String> =
        labels.into_iter().flatten().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    for expression in selector.list_at(&["matchExpressions"]) {
        let key = expression.str_at(&["key"])?;
        let values: Vec<&str> = expression.list_at(&["values"]).iter().filter_map(Node::as_str).collect();
        terms.push(match expression.str_at(&["operator"])? {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "Exists" => key.to_owned(),
            "DoesNotExist" => format!("!{key}"),
            _ => return None,
        });
    }
    // A ReplicationController's selector is the labels themselves.
    if terms.is_empty()
        && let Value::Map(map) = &selector.value
    {
        terms.extend(map.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))));
    }
    (!terms.is_empty()).then(|| terms.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn selectors_become_queries() {
        for (spec, expected) in [
            (json!({"selector": {"matchLabels": {"app": "web", "tier": "x"}}}), Some("app=web,tier=x")),
            (
                json!({"selector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b", "c"]},
                    {"key": "d", "operator": "DoesNotExist"}]}}),
                Some("a in (b,c),!d"),
            ),
            (json!({"selector": {"app": "web"}}), Some("app=web")),
            (json!({"selector": {}}), None),
            (json!({}), None),
        ] {
            assert_eq!(selector(&Node::from(&json!({"spec": spec}))).as_deref(), expected, "{spec}");
        }
    }

    #[test]
    fn the_last_event_is_the_last_seen() {
        let old = json!({"lastTimestamp": "2026-01-01T00:00:09Z"});
        let new = json!({"lastTimestamp": null, "eventTime": "2026-01-01T00:00:10.000000Z"});
        assert!(when(&new) > when(&old));
    }
}
