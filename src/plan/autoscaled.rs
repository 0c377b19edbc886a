//! Workloads that an autoscaler scales: their `replicas` are not the chart's.
//!
//! Left out while we alone own the field, the server would set it back to 1; sent with another value than the
//! autoscaler's, it is a conflict. So it is sent with its live value until somebody else owns it, then left out.

use std::collections::BTreeSet;

use super::Facts;
use super::managed::Managed;
use super::references::references;
use super::scene::Scene;
use crate::object::{FieldPath, Object, ObjectId, marks};
use crate::release::Past;
use crate::yaml::Node;

/// Settles the `replicas` of all workloads that an autoscaler of the manifest names, or one that is not the release's.
pub(super) fn settle(objects: &mut [Object], past: &Past, facts: &Facts) {
    let Scaled { now: scaled, before } = Scaled::new(objects, past);
    for object in objects.iter_mut() {
        let Some(live) = facts.live.get(&object.id) else { continue };
        let Some(count) = live.body.at(&["spec", "replicas"]) else { continue };
        let FieldPath(path) = replicas();
        let managed = Managed::of(&live.body);
        // An autoscaler that the release no longer wants leaves its mark behind, and is no reason.
        let is_scaled = scaled.contains(&object.id) || (managed.is_autoscaled(&path) && !before.contains(&object.id));
        if !is_scaled || object.body.at(&["spec", "replicas"]).is_none() && !scaled.contains(&object.id) {
            continue;
        }
        if managed.also(marks::MANAGER, &path).is_some() {
            if object.body.at(&["spec"]).and_then(Node::as_map).is_some() {
                object.body.map_at_mut(&["spec"]).shift_remove("replicas");
            }
        } else if managed.owns(marks::MANAGER, &path) {
            object.body.set(&["spec"], "replicas", count.value.clone());
        }
    }
}

/// The workloads that the release's own autoscalers name.
pub(super) struct Scaled {
    /// Those that are wanted.
    now: BTreeSet<ObjectId>,
    /// Those of stored revisions.
    before: BTreeSet<ObjectId>,
}

impl Scaled {
    /// Reads them from what is wanted and what was.
    pub(super) fn new(wanted: &[Object], past: &Past) -> Self {
        Self { now: scaled(wanted), before: past.records.iter().flat_map(|record| scaled(&record.objects)).collect() }
    }
}

/// Whether the release's own autoscaler of a workload goes: what it set last is the chart's again.
pub(super) fn is_freed(scene: &Scene<'_>, object: &Object, managed: &Managed<'_>) -> bool {
    managed.is_autoscaled(&replicas().0)
        && !scene.scaled.now.contains(&object.id)
        && scene.scaled.before.contains(&object.id)
}

/// Whether a path is that of the replicas.
pub(super) fn is_replicas(path: Option<&FieldPath>) -> bool {
    path == Some(&replicas())
}

fn replicas() -> FieldPath {
    FieldPath::keys(&["spec", "replicas"])
}

/// The workloads that the autoscalers among some objects name.
fn scaled(objects: &[Object]) -> BTreeSet<ObjectId> {
    let autoscalers = objects.iter().filter(|object| object.id.is("autoscaling", "HorizontalPodAutoscaler"));
    autoscalers.flat_map(|object| references(&object.id, &object.body)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::plan::Live;

    fn object(kind: &str, group: &str, json: &serde_json::Value) -> Object {
        let id = ObjectId::namespaced(group, kind, "lab", "web");
        Object { id, version: "v1".into(), body: Node::from(json), secret: BTreeSet::new() }
    }

    fn replicas_beside(managers: &[&str]) -> Option<i64> {
        let owned = |manager: &&str| serde_json::json!({"manager": manager, "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}});
        let fields: Vec<_> = managers.iter().map(owned).collect();
        let live = Live {
            version: "v1".into(),
            uid: "u".into(),
            resource_version: "1".into(),
            body: Node::from(&serde_json::json!({"metadata": {"managedFields": fields}, "spec": {"replicas": 5}})),
        };
        let target = serde_json::json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
        let scaler = serde_json::json!({"spec": {"scaleTargetRef": target}});
        let mut objects = [
            object("Deployment", "apps", &serde_json::json!({"spec": {"replicas": 1}})),
            object("HorizontalPodAutoscaler", "autoscaling", &scaler),
        ];
        let facts = Facts { live: BTreeMap::from([(objects[0].id.clone(), live)]), ..Facts::default() };
        settle(&mut objects, &Past::default(), &facts);
        objects[0].body.at(&["spec", "replicas"]).and_then(Node::as_i64)
    }

    #[test]
    fn the_live_value_is_sent_until_somebody_else_owns_it() {
        assert_eq!(replicas_beside(&["kchart"]), Some(5));
        assert_eq!(replicas_beside(&["kchart", "kube-controller-manager"]), None);
        assert_eq!(replicas_beside(&["kube-controller-manager"]), None);
    }
}
