//! What lies around an object that is not ready: its Pods, their logs, events, claims and classes.
//!
//! Rules kept: what can't be read is left out, for a missing right is no reason to say less about the rest; nothing
//! here is waited for long, because the time for waiting is over when it is asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::{join, join_all};
use kube::core::params::{GetParams, ListParams};
use kube::core::subresource::LogParams;

use super::errors::Doing;
use super::kinds::Kind;
use super::{Cluster, read};
use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::plan::{Class, Known};
use crate::readiness::{Evidence, Log, LogWanted};
use crate::yaml::{Node, Value};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Lines that are read of each log; what is secret is masked in them before they are cut further.
const LINES: i64 = 40;
/// Bytes that are read of each log.
const BYTES: i64 = 64 * 1024;

impl Cluster {
    /// Gathers what there is to know about an object that is not ready, in three rounds at most.
    pub(crate) async fn evidence(&self, id: &ObjectId, live: Option<&Node>) -> Evidence {
        let mut evidence = Evidence { live: live.cloned(), ..Evidence::default() };
        let (Some(namespace), Some(live)) = (id.namespace.as_deref(), live) else {
            if let Some(live) = live {
                // Events of cluster-scoped objects are kept in `default`.
                evidence.events = self.events("default", live.str_at(&["metadata", "uid"]).unwrap_or_default()).await;
            }
            return evidence;
        };
        if id.is("", "Pod") {
            evidence.pods.push(live.clone());
        } else if has_pods(id) {
            let sets = async {
                if id.is("apps", "Deployment") { self.selected(&sets(), namespace, live).await } else { Vec::new() }
            };
            (evidence.pods, evidence.sets) = join(self.selected(&pods(), namespace, live), sets).await;
        }
        let wanted = evidence.wanted(id);
        let (claims, classes) = if wanted.claims.is_empty() {
            (Vec::new(), None)
        } else {
            let claims = join_all(wanted.claims.iter().map(|name| self.claim(namespace, name)));
            let (claims, classes) = join(claims, self.all_classes()).await;
            (claims.into_iter().flatten().collect(), classes)
        };
        let claimed = claims.iter().filter_map(|claim| claim.str_at(&["metadata", "uid"])).map(str::to_owned);
        let mut about: Vec<String> =
            wanted.events_of.iter().cloned().chain(claimed).filter(|uid| !uid.is_empty()).collect();
        about.sort();
        about.dedup();
        let events = join_all(about.iter().map(|uid| self.events(namespace, uid)));
        let logs = join_all(wanted.logs.iter().map(|log| self.log(namespace, log)));
        let (events, logs) = join(events, logs).await;
        evidence.events = events.into_iter().flatten().collect();
        evidence.logs = logs.into_iter().flatten().collect();
        (evidence.claims, evidence.classes) = (claims, classes);
        evidence
    }

    /// How often the Pods of a workload that is waited for are looked at.
    pub(crate) fn glance(&self) -> Duration {
        self.shared.pace.glance
    }

    /// The last warning among the events of an object: `FailedMount: MountVolume.SetUp failed …`.
    pub(crate) async fn last_warning(&self, namespace: Option<&str>, uid: &str) -> Option<String> {
        let events = self.events(namespace.unwrap_or("default"), uid).await;
        Evidence::last_warning(&events)
    }

    /// The objects that a workload selects.
    async fn selected(&self, kind: &Kind, namespace: &str, workload: &Node) -> Vec<Node> {
        let Some(selector) = selector(workload) else { return Vec::new() };
        self.nodes(kind, Some(namespace), &ListParams::default().labels(&selector)).await.unwrap_or_default()
    }

    /// The events about an object.
    async fn events(&self, namespace: &str, uid: &str) -> Vec<Node> {
        let params = ListParams::default().fields(&format!("involvedObject.uid={uid}"));
        self.nodes(&Kind::core("Event", "events", true), Some(namespace), &params).await.unwrap_or_default()
    }

    async fn all_classes(&self) -> Option<Vec<Node>> {
        self.nodes(&classes(), None, &ListParams::default()).await
    }

    async fn claim(&self, namespace: &str, name: &str) -> Option<Node> {
        let id = ObjectId::claim(namespace, name);
        let requests = Kind::core("PersistentVolumeClaim", "persistentvolumeclaims", true).requests_for(&id);
        let asked = self.call(requests.get(name, &GetParams::default()), Some(&id));
        let reply = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
        Some(Node::from(&reply.json))
    }

    async fn log(&self, namespace: &str, log: &LogWanted) -> Option<Log> {
        let mut text = self.log_of(namespace, log, log.previous).await?;
        if text.trim().is_empty() && log.has_ended && !log.previous {
            text = self.log_of(namespace, log, true).await.unwrap_or(text);
        }
        Some(Log { pod: log.pod.clone(), container: log.container.clone(), text })
    }

    async fn log_of(&self, namespace: &str, log: &LogWanted, previous: bool) -> Option<String> {
        let id = ObjectId::namespaced("", "Pod", namespace, &log.pod);
        let params = LogParams {
            container: Some(log.container.clone()),
            previous,
            tail_lines: Some(LINES),
            limit_bytes: Some(BYTES),
            ..LogParams::default()
        };
        let draft = pods().requests_for(&id).logs(&log.pod, &params);
        tokio::time::timeout(PATIENCE, self.text(draft, Some(&id))).await.ok()?.ok()
    }

    async fn nodes(&self, kind: &Kind, namespace: Option<&str>, params: &ListParams) -> Option<Vec<Node>> {
        let listing = tokio::time::timeout(PATIENCE, self.list(kind, namespace, params)).await.ok()?.ok()?;
        Some(listing.items)
    }

    /// The storage classes, if they may be read.
    pub(crate) async fn classes(&self) -> Result<Known<BTreeMap<String, Class>>, Failure> {
        match self.list(&classes(), None, &ListParams::default()).await {
            Ok(listing) => Ok(Known::Yes(listing.items.iter().map(Node::to_json).filter_map(read::class).collect())),
            Err(fault) if fault.is_forbidden() || fault.is_not_found() => {
                Ok(Known::No("storage classes may not be read".into()))
            }
            Err(fault) => Err(self.failure(&fault, &Doing::with("list", "the storage classes"))),
        }
    }
}

fn pods() -> Kind {
    Kind::core("Pod", "pods", true)
}

fn sets() -> Kind {
    Kind::new("apps", "v1", "ReplicaSet", "replicasets", true)
}

fn classes() -> Kind {
    Kind::new("storage.k8s.io", "v1", "StorageClass", "storageclasses", false)
}

/// Whether a kind makes Pods by its selector.
fn has_pods(id: &ObjectId) -> bool {
    id.pod_template().is_some() && !id.is("", "Pod") && !id.is("batch", "CronJob")
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
}
