//! Whether an object is ready, one small file per kind. Pure: judges what was read, reads nothing.
//!
//! Rules kept: a status that is older than the spec (`observedGeneration`) says nothing, so it is looked at first;
//! then the rules of kstatus (`cli-utils/pkg/kstatus/status`), and where kubectl and Helm wait for more (a Job until
//! it is complete, a load balancer until it has an address) theirs. Whether a wait is given up is not decided here:
//! [`Readiness::Failed`] only stands for what never heals by itself.

mod cause;
mod claim;
mod conditions;
mod crd;
mod daemonset;
mod deployment;
mod glance;
mod horizontal_pod_autoscaler;
mod job;
mod namespace;
mod pod;
mod replicaset;
mod service;
mod statefulset;

pub use cause::{Branch, Cause, Evidence, Log, LogWanted, Opener, Reason, Refusal, Wanted, explain, refusal};
pub use deployment::missed_deadline;
pub use glance::{Glance, glance};

use crate::object::ObjectId;
use crate::schema;
use crate::yaml::Node;

/// How far an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It works.
    Ready,
    /// Not yet, and why: "1 of 2 replicas available".
    Waiting(String),
    /// It will not become ready by itself.
    Failed(String),
}

impl Readiness {
    /// Why it is not ready; none when it is.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Ready => None,
            Self::Waiting(why) | Self::Failed(why) => Some(why),
        }
    }
}

/// What lies around an object and decides with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// When a Deployment's rollout missed its deadline, if it had done so before this run looked at it first
    /// ([`missed_deadline`]): its Pods may have healed since, so that is no reason to give up.
    pub missed_before: Option<&'a str>,
    /// Whether a claim's class binds it only when a Pod uses it (`volumeBindingMode: WaitForFirstConsumer`).
    pub waits_for_consumer: bool,
}

/// Whether an object of this kind may need time to become ready. What is only stored (a ConfigMap, a Role) is ready at
/// once, and a watch of it would be a request for nothing; of custom resources nobody knows.
pub fn takes_time(id: &ObjectId, version: &str, wanted: &Node) -> bool {
    match (id.group.as_str(), id.kind.as_str()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("batch", "Job")
        | ("", "Pod" | "ReplicationController" | "PersistentVolumeClaim")
        | ("autoscaling", "HorizontalPodAutoscaler")
        | ("apiregistration.k8s.io", "APIService")
        | ("apiextensions.k8s.io", "CustomResourceDefinition") => true,
        ("", "Service") => wanted.str_at(&["spec", "type"]) == Some("LoadBalancer"),
        (group, kind) => schema::kind(group, version, kind).is_none(),
    }
}

/// Judges a live object. Unknown kinds are ready when their conditions say so or when they have none.
pub fn judge(id: &ObjectId, live: &Node) -> Readiness {
    judge_with(id, live, Surroundings::default())
}

/// Judges a live object, with what lies around it: a claim that waits for its first consumer blocks nobody, and a
/// Deployment that failed before is waited for again.
pub fn judge_with(id: &ObjectId, live: &Node, around: Surroundings<'_>) -> Readiness {
    if live.at(&["metadata", "deletionTimestamp"]).is_some() {
        let going = || "it is being deleted".to_owned();
        return Readiness::Waiting(if id.is("", "Namespace") { namespace::going(live) } else { going() });
    }
    if let Some(stale) = stale(id, live) {
        return stale;
    }
    match (id.group.as_str(), id.kind.as_str()) {
        ("apps", "Deployment") => deployment::judge(live, around.missed_before),
        ("apps", "StatefulSet") => statefulset::judge(live),
        ("apps", "DaemonSet") => daemonset::judge(live),
        ("apps", "ReplicaSet") | ("", "ReplicationController") => replicaset::judge(live),
        ("batch", "Job") => job::judge(live),
        ("", "Pod") => pod::judge(live),
        ("", "PersistentVolumeClaim") => claim::judge(live, around.waits_for_consumer),
        ("", "Service") => service::judge(live),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => crd::judge(live),
        ("apiregistration.k8s.io", "APIService") => conditions::judge_by(live, "Available"),
        ("autoscaling", "HorizontalPodAutoscaler") => horizontal_pod_autoscaler::judge(live),
        // What a CronJob makes comes later. Many controllers never write an Ingress's address, so waiting for one could
        // last for ever. A budget that allows no disruption, or that covers nothing yet, is as it should be.
        ("batch", "CronJob") | ("networking.k8s.io", "Ingress") | ("policy", "PodDisruptionBudget") => Readiness::Ready,
        _ => conditions::judge(live),
    }
}

/// Whether the status is about an older spec. The workload controllers always write `observedGeneration`; so where
/// one of theirs has none yet, its controller has not seen it at all.
fn stale(id: &ObjectId, live: &Node) -> Option<Readiness> {
    let generation = live.at(&["metadata", "generation"]).and_then(Node::as_i64)?;
    let always =
        id.group == "apps" && matches!(id.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet");
    let observed = match live.at(&["status", "observedGeneration"]).and_then(Node::as_i64) {
        Some(observed) => observed,
        None if always => 0,
        None => return None,
    };
    (observed < generation).then(|| Readiness::Waiting("its controller has not seen the newest change yet".into()))
}

/// A number of the object; 0 where there is none, as the API leaves zeros out.
fn count(live: &Node, path: &[&str]) -> i64 {
    live.at(path).and_then(Node::as_i64).unwrap_or(0)
}

/// `spec.replicas`, which is 1 where it is left out.
fn wanted_replicas(live: &Node) -> i64 {
    live.at(&["spec", "replicas"]).and_then(Node::as_i64).unwrap_or(1)
}

/// "1 replica", "2 replicas".
fn replicas(number: i64) -> String {
    if number == 1 { "1 replica".into() } else { format!("{number} replicas") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_status_older_than_the_spec_says_nothing() {
        let id = ObjectId::namespaced("apps", "Deployment", "shop", "web");
        let ready = json!({"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "observedGeneration": 1});
        let old = Node::from(&json!({"metadata": {"generation": 2}, "spec": {"replicas": 1}, "status": ready}));
        assert!(matches!(judge(&id, &old), Readiness::Waiting(why) if why.contains("newest change")));
        let unseen = Node::from(&json!({"metadata": {"generation": 1}, "spec": {"replicas": 0}}));
        assert!(matches!(judge(&id, &unseen), Readiness::Waiting(_)), "no controller has looked at it");
        let seen = Node::from(&json!({"metadata": {"generation": 1}, "spec": {"replicas": 1}, "status": ready}));
        assert_eq!(judge(&id, &seen), Readiness::Ready);
    }

    #[test]
    fn kinds_that_have_nothing_to_wait_for_are_ready_once_their_controller_has_seen_them() {
        let no = json!([{"type": "DisruptionAllowed", "status": "False", "reason": "SyncFailed"},
            {"type": "Ready", "status": "False"}]);
        for (group, kind) in [("batch", "CronJob"), ("networking.k8s.io", "Ingress"), ("policy", "PodDisruptionBudget")]
        {
            let id = ObjectId::namespaced(group, kind, "shop", "web");
            let live = |observed: i64| {
                Node::from(&json!({"metadata": {"generation": 2}, "spec": {"suspend": true},
                    "status": {"observedGeneration": observed, "conditions": no}}))
            };
            assert_eq!(judge(&id, &live(2)), Readiness::Ready, "{kind}");
            assert!(matches!(judge(&id, &live(1)), Readiness::Waiting(_)), "{kind}");
        }
    }

    #[test]
    fn only_what_may_need_time_is_waited_for() {
        let balanced = Node::from(&json!({"spec": {"type": "LoadBalancer"}}));
        for (group, version, kind, expected) in [
            ("apps", "v1", "ReplicaSet", true),
            ("autoscaling", "v2", "HorizontalPodAutoscaler", true),
            ("cert-manager.io", "v1", "Certificate", true),
            ("gateway.networking.k8s.io", "v1", "Gateway", true),
            ("", "v1", "ConfigMap", false),
            ("batch", "v1", "CronJob", false),
            ("networking.k8s.io", "v1", "Ingress", false),
            ("rbac.authorization.k8s.io", "v1", "Role", false),
            ("", "v1", "Service", false),
        ] {
            let id = ObjectId::namespaced(group, kind, "shop", "x");
            assert_eq!(takes_time(&id, version, &Node::map()), expected, "{kind}");
        }
        assert!(takes_time(&ObjectId::namespaced("", "Service", "shop", "x"), "v1", &balanced));
    }

    #[test]
    fn what_is_being_deleted_is_not_ready() {
        let id = ObjectId::namespaced("", "ConfigMap", "shop", "web");
        let live = Node::from(&json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}));
        assert_eq!(judge(&id, &live), Readiness::Waiting("it is being deleted".into()));
        assert_eq!(judge(&id, &Node::from(&json!({"metadata": {}}))), Readiness::Ready);
    }
}
