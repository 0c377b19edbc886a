//! Values during evaluation: most are borrowed from the values tree, few are made by functions.

use std::rc::Rc;

use crate::yaml::{Node, Value};

/// A value, borrowed or made. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) enum Held<'v> {
    /// Part of the context or of a template.
    Borrowed(&'v Node),
    /// Made by a function.
    Made(Rc<Node>),
}

impl Held<'_> {
    /// The value.
    pub(super) fn node(&self) -> &Node {
        match self {
            Self::Borrowed(node) => node,
            Self::Made(node) => node,
        }
    }

    /// A value that a function made.
    pub(super) fn made(node: Node) -> Self {
        Self::Made(Rc::new(node))
    }

    /// The part of it that `find` finds.
    pub(super) fn part(&self, find: impl FnOnce(&Node) -> Option<&Node>) -> Option<Self> {
        match self {
            Self::Borrowed(node) => find(node).map(Held::Borrowed),
            Self::Made(node) => find(node).map(|part| Self::made(part.clone())),
        }
    }

    /// The tree, copied only if somebody else holds it too.
    pub(super) fn into_node(self) -> Node {
        match self {
            Self::Borrowed(node) => node.clone(),
            Self::Made(node) => Rc::unwrap_or_clone(node),
        }
    }

    /// Whether a condition takes it for true: not null, false, 0, nor an empty string, list or map.
    pub(super) fn is_true(&self, include_zero: bool) -> bool {
        match &self.node().value {
            Value::Null => false,
            Value::Bool(value) => *value,
            Value::Number(number) => include_zero || number.as_f64() != 0.0,
            Value::Text(text) => !text.parts().is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Map(map) => !map.is_empty(),
        }
    }
}

/// One step of a path: a key of a map, or a number in a list.
pub(super) fn step<'n>(node: &'n Node, segment: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(map) => map.get(segment),
        Value::List(items) => items.get(segment.parse::<usize>().ok()?),
        _ => None,
    }
}
