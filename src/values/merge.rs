//! One tree of values over another: maps merge, everything else replaces, null deletes.

use crate::diagnostic::Diagnostic;
use crate::yaml::{Map, Node, Value};

/// `over` laid over `base`: maps merge, lists replace, null deletes.
///
/// Nulls of `base` that `over` does not touch stay: they declare a key without a value.
#[must_use]
pub fn merge(base: Node, over: Node) -> Node {
    lay(base, over, "", &mut Vec::new())
}

/// The same, with a warning where a map meets something else (Helm's `coalesceTablesFullKey`). `path` names the trees.
pub(super) fn lay(base: Node, over: Node, path: &str, warnings: &mut Vec<Diagnostic>) -> Node {
    let Node { value: Value::Map(over_map), origin, key } = over else {
        warn(&base, &over, path, warnings);
        return over;
    };
    let base = match base.value {
        Value::Map(base) => base,
        value => {
            let over = Node { value: Value::Map(Map::default()), origin, key };
            warn(&Node { value, ..base }, &over, path, warnings);
            Map::default()
        }
    };
    let mut map = base;
    for (name, over) in over_map {
        let path = join(path, &name);
        match map.get_mut(&name) {
            _ if over.is_null() => {
                map.shift_remove(&name);
            }
            Some(base) => *base = lay(std::mem::take(base), over, &path, warnings),
            None => {
                map.insert(name, without_nulls(over));
            }
        }
    }
    Node { value: Value::Map(map), origin, key }
}

/// `over` laid over `base`, where nulls stay: two layers that will meet defaults later.
pub(super) fn overlay(base: Node, over: Node) -> Node {
    match (base.value, over.value) {
        (Value::Map(mut map), Value::Map(over_map)) => {
            for (name, over) in over_map {
                let merged = match map.get_mut(&name) {
                    Some(base) => overlay(std::mem::take(base), over),
                    None => over,
                };
                map.insert(name, merged);
            }
            Node { value: Value::Map(map), origin: over.origin, key: over.key }
        }
        (_, value) => Node { value, origin: over.origin, key: over.key },
    }
}

/// What a null would have deleted is not there.
pub(super) fn without_nulls(mut node: Node) -> Node {
    if let Value::Map(map) = node.value {
        let kept = map.into_iter().filter(|(_, node)| !node.is_null());
        node.value = Value::Map(kept.map(|(name, node)| (name, without_nulls(node))).collect());
    }
    node
}

/// A path in values, as a template writes it.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn warn(base: &Node, over: &Node, path: &str, warnings: &mut Vec<Diagnostic>) {
    let is_map = |node: &Node| matches!(node.value, Value::Map(_));
    if !base.is_null() && !over.is_null() && is_map(base) != is_map(over) {
        let message = format!("`{path}` is {} by default and becomes {}", base.kind(), over.kind());
        warnings.push(Diagnostic::warning(message).at(over.origin.from).note_at("the default", base.origin.from));
    }
}
