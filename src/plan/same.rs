//! Whether two scalars mean the same to the API server.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::quantity;
use crate::object::{FieldPath, ObjectId};
use crate::schema::{Shape, Type};
use crate::yaml::{Node, Value};

/// Whether a wanted scalar is what is there already.
pub(super) fn same(id: &ObjectId, path: &FieldPath, wanted: &Node, live: &Node, kind: Option<Type>) -> bool {
    if wanted == live || is_settled(id, path, wanted) {
        return true;
    }
    match kind.map(|kind| (kind.shape(), kind.format())) {
        Some((Shape::Quantity, _)) => match (spelling(wanted), spelling(live)) {
            (Some(a), Some(b)) => a == b || quantity::compare(a, b) == Some(Ordering::Equal),
            _ => false,
        },
        Some((Shape::String, Some("byte"))) => match (bytes(wanted), bytes(live)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
        Some((Shape::String, _)) => spelling(wanted).is_some() && spelling(wanted) == spelling(live),
        _ => number(wanted).is_some() && number(wanted) == number(live),
    }
}

/// Fields that are wanted empty and that the server fills and then keeps: `patchAllocatedValues` in
/// `pkg/registry/core/service/strategy.go`.
fn is_settled(id: &ObjectId, path: &FieldPath, wanted: &Node) -> bool {
    id.is("", "Service") && wanted.as_str() == Some("") && *path == FieldPath::keys(&["spec", "clusterIP"])
}

fn spelling(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => text.known(),
        Value::Number(number) => Some(number.as_str()),
        _ => None,
    }
}

/// By value: 1 and 1.0 are one number in JSON.
fn number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Number(number) => Some(number.as_f64()),
        _ => None,
    }
}

/// Base64 is compared by what it says.
pub(super) fn bytes(node: &Node) -> Option<Vec<u8>> {
    let text: String = node.as_str()?.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}
