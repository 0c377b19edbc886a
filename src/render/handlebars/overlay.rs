//! Structure laid over structure: what `merge` and `extra` do.

use crate::yaml::{Map, Node, Value};

/// `over` laid over `base`: maps merge, lists whose items all have a `name` merge by it, null deletes, all else
/// replaces.
pub(super) fn overlay(base: Node, over: Node) -> Node {
    match (base.value, over.value) {
        (Value::Map(mut map), Value::Map(over)) => {
            lay_over(&mut map, over);
            Node { value: Value::Map(map), origin: base.origin, key: base.key }
        }
        (Value::List(items), Value::List(more)) if named(&items) && named(&more) => {
            let value = Value::List(by_name(items, more));
            Node { value, origin: base.origin, key: base.key }
        }
        (_, value) => Node { value, origin: over.origin, key: over.key },
    }
}

fn lay_over(map: &mut Map, over: Map) {
    for (key, value) in over {
        if value.is_null() {
            map.shift_remove(&key);
        } else if let Some(slot) = map.get_mut(&key) {
            *slot = overlay(std::mem::take(slot), value);
        } else {
            map.insert(key, value);
        }
    }
}

fn named(items: &[Node]) -> bool {
    !items.is_empty() && items.iter().all(|item| item.str_at(&["name"]).is_some())
}

fn by_name(mut items: Vec<Node>, more: Vec<Node>) -> Vec<Node> {
    for item in more {
        match items.iter_mut().find(|old| old.str_at(&["name"]) == item.str_at(&["name"])) {
            Some(old) => *old = overlay(std::mem::take(old), item),
            None => items.push(item),
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_and_named_lists_merge_all_else_is_replaced_and_null_deletes() {
        let base = json!({
            "a": {"x": 1, "y": 2}, "gone": true, "args": ["a", "b"],
            "containers": [{"name": "main", "image": "i"}],
        });
        let over = json!({
            "a": {"y": 3}, "gone": null, "args": ["c"],
            "containers": [{"name": "side", "image": "s"}, {"name": "main", "tty": true}],
        });
        let merged = overlay(Node::from(&base), Node::from(&over)).to_json();
        assert_eq!(
            merged,
            json!({
                "a": {"x": 1, "y": 3}, "args": ["c"],
                "containers": [{"name": "main", "image": "i", "tty": true}, {"name": "side", "image": "s"}],
            })
        );
    }
}
