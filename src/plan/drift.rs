//! Drift: what somebody changed, in our fields, since the last revision applied them.
//!
//! Known only where the newest revision is in force: what one that failed wanted may never have been applied.

use std::collections::{BTreeMap, BTreeSet};

use super::same::same;
use super::scene::{Scene, generated};
use super::{Change, FieldDiff, Line, absence};
use crate::object::{FieldPath, Object, ObjectId, Segment};
use crate::release::Status;
use crate::schema::{self, Type};
use crate::yaml::{Node, Value};

/// The fields that drifted; an empty path is an object that is gone.
pub(super) fn drift(scene: &Scene<'_>, lines: &[Line]) -> BTreeSet<(ObjectId, FieldPath)> {
    let newest = scene.past.newest().filter(|newest| newest.status == Status::Deployed);
    let Some(newest) = newest else { return BTreeSet::new() };
    let before: BTreeMap<&ObjectId, &Object> = newest.objects.iter().map(|object| (&object.id, object)).collect();
    let mut drifted = BTreeSet::new();
    for line in lines {
        let Some(before) = before.get(&line.id) else { continue };
        match line.change {
            Change::Create if absence(before).is_some() => {}
            Change::Create => drifted.extend([(line.id.clone(), FieldPath::default())]),
            Change::Update | Change::Replace => {
                let root = schema::kind(&line.id.group, &before.version, &line.id.kind);
                let fields = line.fields.iter().filter(|field| is_drift(&line.id, field, &before.body, root));
                drifted.extend(fields.map(|field| (line.id.clone(), field.path.clone())));
            }
            Change::Delete | Change::Keep => {}
        }
    }
    drifted
}

/// Whether a field that differs from what is wanted differs from what was wanted, too.
fn is_drift(id: &ObjectId, field: &FieldDiff, before: &Node, root: Option<Type>) -> bool {
    let Some(before) = field.path.find(before).filter(|node| !node.is_null() && generated(node).is_none()) else {
        return false;
    };
    let is_same = |node: &Node| match (&node.value, &before.value) {
        (Value::Map(_) | Value::List(_), _) | (_, Value::Map(_) | Value::List(_)) => node.to_json() == before.to_json(),
        _ => same(id, &field.path, before, node, type_at(root, &field.path)),
    };
    let is_tree = matches!(before.value, Value::Map(_) | Value::List(_));
    match (&field.wanted, &field.live) {
        (Some(wanted), _) if is_same(wanted) => true,
        // Trees come back with the server's defaults: that they differ says nothing.
        (_, Some(live)) => !is_tree && !is_same(live),
        (_, None) => true,
    }
}

fn type_at(root: Option<Type>, path: &FieldPath) -> Option<Type> {
    path.0.iter().try_fold(root?, |kind, segment| match segment {
        Segment::Key(key) => kind.field(key).or_else(|| kind.values()),
        Segment::Index(_) | Segment::Item(_) | Segment::Member(_) => kind.items(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn of(before: &Json, live: Option<Json>, wanted: Option<Json>) -> bool {
        let id = ObjectId::namespaced("apps", "Deployment", "shop", "web");
        let path = FieldPath::keys(&["spec", "field"]);
        let node = |json: Option<Json>| json.as_ref().map(Node::from);
        let field = FieldDiff { path, live: node(live), wanted: node(wanted), secret: false };
        let before = Node::from(&json!({"spec": {"field": before}}));
        is_drift(&id, &field, &before, schema::kind("apps", "v1", "Deployment"))
    }

    #[test]
    fn what_differs_from_what_was_applied_is_drift_and_a_mere_change_is_none() {
        assert!(of(&json!(2), Some(json!(3)), Some(json!(2))), "put back");
        assert!(of(&json!(2), Some(json!(3)), Some(json!(4))), "changed by both");
        assert!(of(&json!(2), None, Some(json!(2))), "taken away");
        assert!(of(&json!([1]), Some(json!([1, 2])), Some(json!([1]))), "a list, put back");
        assert!(!of(&json!(2), Some(json!(2)), Some(json!(4))), "an upgrade");
        assert!(!of(&json!(null), Some(json!(2)), Some(json!(4))), "a new field");
        assert!(!of(&json!([{"a": 1}]), Some(json!([{"a": 1, "default": 0}])), Some(json!([]))), "a default");
    }
}
