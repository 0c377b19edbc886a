//! Origins of values that a template puts somewhere.

use crate::diagnostic::Place;
use crate::yaml::{Node, Value};

/// `node` put at `at`. What already stands in a template (a literal, an argument that another partial put in place)
/// keeps that place: it is where the author wrote it.
pub(super) fn put(mut node: Node, at: Place) -> Node {
    put_at(&mut node, at);
    node
}

fn put_at(node: &mut Node, at: Place) {
    let stands_in_template = node.origin.at.is_known() && node.origin.at != node.origin.from;
    if !stands_in_template {
        node.origin = node.origin.through(at);
    }
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| put_at(item, at)),
        Value::Map(map) => map.values_mut().for_each(|value| put_at(value, at)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
    }
}
