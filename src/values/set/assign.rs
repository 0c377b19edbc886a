//! Puts a value at a path of a tree, making maps and lists on the way.

use super::path::{Path, Step};
use crate::diagnostic::{Diagnostic, Origin, Place};
use crate::yaml::{Map, Node, Value};

/// Sets the value; what stands on the way must be what the path says, or null, or nothing.
pub(super) fn assign(tree: &mut Node, path: &Path, value: Node) -> Result<(), Diagnostic> {
    let mut node = tree;
    let mut key_place = Place::NOWHERE;
    for (position, (step, place)) in path.iter().enumerate() {
        let origin = Origin::value(*place);
        if node.is_null() {
            node.value = match step {
                Step::Key(_) => Value::Map(Map::default()),
                Step::Index(_) => Value::List(Vec::new()),
            };
            node.origin = origin;
        }
        let (kind, at) = (node.kind(), node.origin.from);
        node = match (step, &mut node.value) {
            (Step::Key(key), Value::Map(map)) => {
                key_place = *place;
                map.entry(key.clone()).or_insert_with(|| null(origin))
            }
            (Step::Index(index), Value::List(items)) => {
                key_place = Place::NOWHERE;
                while items.len() <= *index {
                    items.push(null(origin));
                }
                &mut items[*index]
            }
            (step, _) => {
                let wanted = if matches!(step, Step::Key(_)) { "a map" } else { "a list" };
                return Err(Diagnostic::error(format!("`{}` is {kind}, not {wanted}", shown(&path[..position])))
                    .at(*place)
                    .note_at("set here", at));
            }
        };
    }
    *node = Node { key: key_place, ..value };
    Ok(())
}

fn null(origin: Origin) -> Node {
    Node::with(Value::Null, origin)
}

fn shown(path: &[(Step, Place)]) -> String {
    let mut out = String::new();
    for (step, _) in path {
        match step {
            Step::Key(key) => out = crate::values::merge::join(&out, key),
            Step::Index(index) => out = format!("{out}[{index}]"),
        }
    }
    out
}
