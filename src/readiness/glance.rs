//! A glance at the Pods of a workload that is waited for: what they do right now, and whether waiting can help at all.

use super::cause::{Evidence, Weight, pod_finding};
use super::conditions::condition;
use crate::object::{FieldPath, ObjectId, Segment};
use crate::yaml::{Node, Value};

/// What a glance shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Glance {
    /// Nothing worth telling.
    Nothing,
    /// What one of its Pods does: "web-0: pulling its image".
    Busy(String),
    /// A Pod that never will start, of the revision that is wanted.
    Hopeless(String),
}

/// Looks at those of `pods` that a workload selects.
pub fn glance<'a>(id: &ObjectId, workload: &Node, pods: impl Iterator<Item = &'a Node>) -> Glance {
    let own = pods.filter(|pod| selects(workload, pod) && pod.at(&["metadata", "deletionTimestamp"]).is_none());
    let newest = newest(own.collect());
    let known = Evidence::default();
    let name = |pod: &Node| pod.str_at(&["metadata", "name"]).unwrap_or_default().to_owned();
    let found = newest.iter().filter_map(|pod| Some((pod_finding(pod, &known)?, name(pod))));
    let worst = found.max_by(|(a, first), (b, second)| a.weight.cmp(&b.weight).then_with(|| second.cmp(first)));
    if let Some((found, name)) = worst {
        let hopeless =
            found.weight == Weight::Final && found.path_in(id).is_some_and(|path| is_wanted(workload, &newest, &path));
        return if hopeless {
            Glance::Hopeless(found.sentence)
        } else {
            Glance::Busy(format!("{name}: {}", found.sentence))
        };
    }
    let mut stages: Vec<(String, &str)> = newest.iter().filter_map(|pod| Some((name(pod), stage(pod)?))).collect();
    stages.sort();
    stages.first().map_or(Glance::Nothing, |(name, stage)| Glance::Busy(format!("{name}: {stage}")))
}

/// Whether the workload still wants what a Pod has at this path: else a newer Pod is on its way.
fn is_wanted(workload: &Node, pods: &[&Node], path: &FieldPath) -> bool {
    let wanted = path.find(workload).and_then(Node::as_str);
    // Below the template the Pod's own path is the same.
    let spec = path.0.iter().rposition(|segment| *segment == Segment::Key("spec".to_owned()));
    let own = spec.map(|at| FieldPath(path.0[at..].to_vec()));
    own.is_some_and(|own| pods.iter().any(|pod| wanted.is_some() && own.find(pod).and_then(Node::as_str) == wanted))
}

/// The Pods of the revision that was begun last: by the hash that their controllers write on them.
fn newest(pods: Vec<&Node>) -> Vec<&Node> {
    let hash = |pod: &Node| {
        let label = |name| pod.str_at(&["metadata", "labels", name]).map(str::to_owned);
        label("pod-template-hash").or_else(|| label("controller-revision-hash"))
    };
    let created = |pod: &&&Node| pod.str_at(&["metadata", "creationTimestamp"]).unwrap_or_default().to_owned();
    let last = pods.iter().max_by_key(created).map(|pod| hash(pod));
    pods.into_iter().filter(|pod| Some(hash(pod)) == last).collect()
}

/// How far a Pod is on its way; none when it is ready or at its end.
pub(super) fn stage(pod: &Node) -> Option<&'static str> {
    if condition(pod, "Ready").is_some_and(|ready| ready.is_true()) {
        return None;
    }
    match pod.str_at(&["status", "phase"]) {
        Some("Succeeded" | "Failed") => None,
        Some("Running") => Some("running, not ready yet"),
        _ if !condition(pod, "PodScheduled").is_some_and(|scheduled| scheduled.is_true()) => Some("waiting for a node"),
        _ => Some(starting(pod)),
    }
}

/// What the kubelet does with a Pod that has a node: volumes and network first (`PodReadyToStartContainers`, beta since
/// 1.29), then init containers, then images.
fn starting(pod: &Node) -> &'static str {
    let runs =
        |list: &str| pod.list_at(&["status", list]).iter().any(|status| status.at(&["state", "running"]).is_some());
    match condition(pod, "PodReadyToStartContainers") {
        Some(set_up) if !set_up.is_true() => "getting its volumes and network",
        _ if runs("initContainerStatuses") => "running its init containers",
        _ if runs("containerStatuses") => "running, not ready yet",
        _ => "pulling its image",
    }
}

/// Whether a workload's label selector selects a Pod (`metav1.LabelSelector`; that of a ReplicationController is the
/// labels themselves). An empty one selects nothing: no workload has one.
fn selects(workload: &Node, pod: &Node) -> bool {
    let Some(selector) = workload.at(&["spec", "selector"]) else { return false };
    let label = |name: &str| pod.str_at(&["metadata", "labels", name]);
    let expressions = selector.list_at(&["matchExpressions"]);
    let labels = match (selector.get("matchLabels"), &selector.value) {
        (Some(labels), _) => labels.as_map(),
        (None, Value::Map(map)) if expressions.is_empty() => Some(map),
        _ => None,
    };
    if labels.is_none_or(|map| map.is_empty()) && expressions.is_empty() {
        return false;
    }
    labels.into_iter().flatten().all(|(name, value)| value.as_str().is_some_and(|value| label(name) == Some(value)))
        && expressions.iter().all(|expression| {
            let has = expression.str_at(&["key"]).and_then(label);
            let listed =
                has.is_some_and(|has| expression.list_at(&["values"]).iter().any(|value| value.as_str() == Some(has)));
            match expression.str_at(&["operator"]) {
                Some("In") => listed,
                Some("NotIn") => !listed,
                Some("Exists") => has.is_some(),
                Some("DoesNotExist") => has.is_none(),
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn web() -> (ObjectId, Node) {
        let containers = json!([{"name": "app", "image": "Web:9"}]);
        let live = json!({"spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"spec": {"containers": containers}}}});
        (ObjectId::namespaced("apps", "Deployment", "shop", "web"), Node::from(&live))
    }

    fn pod(name: &str, hash: &str, created: &str, status: &Json) -> Node {
        let labels = json!({"app": "web", "pod-template-hash": hash});
        Node::from(&json!({"metadata": {"name": name, "labels": labels, "creationTimestamp": created},
            "spec": {"containers": [{"name": "app", "image": "Web:9"}]}, "status": status}))
    }

    fn conditions(list: &[(&str, &str)]) -> Json {
        list.iter().map(|(kind, status)| json!({"type": kind, "status": status})).collect()
    }

    #[test]
    fn what_a_pod_does_is_told() {
        let (id, live) = web();
        let invalid = json!([{"name": "app", "state": {"waiting": {"reason": "InvalidImageName"}}}]);
        let pulling = json!([{"name": "app", "state": {"waiting": {"reason": "ContainerCreating"}}}]);
        let placed = ("PodScheduled", "True");
        for (status, expected) in [
            (json!({}), Glance::Busy("web-1: waiting for a node".into())),
            (
                json!({"conditions": conditions(&[placed, ("PodReadyToStartContainers", "False")])}),
                Glance::Busy("web-1: getting its volumes and network".into()),
            ),
            (
                json!({"conditions": conditions(&[placed, ("PodReadyToStartContainers", "True")]), "containerStatuses": pulling}),
                Glance::Busy("web-1: pulling its image".into()),
            ),
            (
                json!({"phase": "Running", "conditions": conditions(&[placed])}),
                Glance::Busy("web-1: running, not ready yet".into()),
            ),
            (json!({"phase": "Running", "conditions": conditions(&[placed, ("Ready", "True")])}), Glance::Nothing),
            (
                json!({"conditions": conditions(&[placed]), "containerStatuses": invalid}),
                Glance::Hopeless("image `Web:9` of container `app` has no valid name".into()),
            ),
        ] {
            let pods = [pod("web-1", "a", "2026-01-01T00:00:00Z", &status)];
            assert_eq!(glance(&id, &live, pods.iter()), expected, "{status}");
        }
    }

    #[test]
    fn only_the_newest_revision_and_what_is_still_wanted_count() {
        let (id, live) = web();
        let invalid = json!({"conditions": conditions(&[("PodScheduled", "True")]),
            "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "InvalidImageName"}}}]});
        let old = pod("web-1", "a", "2026-01-01T00:00:00Z", &invalid);
        let new = pod("web-2", "b", "2026-01-01T00:00:09Z", &json!({}));
        assert_eq!(glance(&id, &live, [&old, &new].into_iter()), Glance::Busy("web-2: waiting for a node".into()));
        let mut changed = live;
        changed.set(
            &["spec", "template", "spec"],
            "containers",
            Node::from(&json!([{"name": "app", "image": "web:10"}])).value,
        );
        let busy = Glance::Busy("web-1: image `Web:9` of container `app` has no valid name".into());
        assert_eq!(glance(&id, &changed, [&old].into_iter()), busy, "a Pod with another image is on its way");
    }

    #[test]
    fn selectors_select() {
        let labelled = Node::from(&json!({"metadata": {"labels": {"app": "web", "tier": "x"}}}));
        for (selector, expected) in [
            (json!({"matchLabels": {"app": "web"}}), true),
            (json!({"matchLabels": {"app": "other"}}), false),
            (json!({"app": "web"}), true),
            (json!({}), false),
            (json!({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["x"]}]}), true),
            (json!({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["x"]}]}), false),
            (json!({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "no", "operator": "Exists"}]}), false),
        ] {
            assert_eq!(
                selects(&Node::from(&json!({"spec": {"selector": selector}})), &labelled),
                expected,
                "{selector}"
            );
        }
    }
}
