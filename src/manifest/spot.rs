//! A place in an object while it is checked: the node, its type and the way to it; and what was found there.

use super::typed::Typed;
use crate::diagnostic::{Diagnostic, Place, Span};
use crate::object::FieldPath;
use crate::yaml::{Node, Value};

/// What the checks found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// A node on the way through an object.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) node: &'a Node,
    pub(super) typed: Typed<'a>,
    pub(super) step: Step<'a>,
    pub(super) up: Option<&'a Spot<'a>>,
}

/// How a node hangs on the one above.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Spot<'a> {
    /// An object.
    pub(super) fn root(node: &'a Node, typed: Typed<'a>) -> Self {
        Self { node, typed, step: Step::Root, up: None }
    }

    /// An entry of this map.
    pub(super) fn key<'b>(&'b self, key: &'b str, node: &'b Node, typed: Typed<'b>) -> Spot<'b> {
        Spot { node, typed, step: Step::Key(key), up: Some(self) }
    }

    /// An item of this list.
    pub(super) fn index<'b>(&'b self, index: usize, node: &'b Node, typed: Typed<'b>) -> Spot<'b> {
        Spot { node, typed, step: Step::Index(index), up: Some(self) }
    }

    /// The key that holds it; that of the list for items.
    pub(super) fn name(&self) -> &'a str {
        match (self.step, self.up) {
            (Step::Key(key), _) => key,
            (Step::Index(_), Some(up)) => up.name(),
            _ => "",
        }
    }

    /// Whether it is an entry of one of these maps of the object.
    pub(super) fn is_entry_of(&self, maps: &[&str]) -> bool {
        let above = |up: &Spot<'_>| up.up.is_some_and(|root| root.up.is_none()) && maps.contains(&up.name());
        matches!(self.step, Step::Key(_)) && self.up.is_some_and(above)
    }

    /// Visits every leaf below, without types.
    pub(super) fn leaves(&self, visit: &mut dyn FnMut(&Spot<'_>)) {
        match &self.node.value {
            Value::Map(map) => {
                map.iter().for_each(|(key, child)| self.key(key, child, Typed::Anything).leaves(visit));
            }
            Value::List(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(index, child)| self.index(index, child, Typed::Anything).leaves(visit));
            }
            _ => visit(self),
        }
    }

    /// This spot and those above, upwards.
    pub(super) fn upwards(&self) -> impl Iterator<Item = &Spot<'a>> {
        std::iter::successors(Some(self), |spot| spot.up)
    }

    /// The way from the root.
    pub(super) fn path(&self) -> FieldPath {
        let above = self.up.map(Spot::path).unwrap_or_default();
        match self.step {
            Step::Root => above,
            Step::Key(key) => above.key(key),
            Step::Index(index) => above.index(index),
        }
    }

    /// An error about the value here.
    pub(super) fn error(&self, message: impl Into<String>) -> Diagnostic {
        self.place(at_value(Diagnostic::error(message), self.node))
    }

    /// An error about the key that holds the value here.
    pub(super) fn error_at_key(&self, message: impl Into<String>) -> Diagnostic {
        self.place(at_key(Diagnostic::error(message), self.name(), self.node))
    }

    /// Says which object and field it is about.
    pub(super) fn place(&self, diagnostic: Diagnostic) -> Diagnostic {
        let path = self.path();
        let root = self.upwards().last().map_or(self.node, |root| root.node);
        let object = subject(root);
        diagnostic.note(if path.0.is_empty() { format!("in {object}") } else { format!("in {object} at `{path}`") })
    }
}

/// `Deployment/web`, as far as it is there.
pub(super) fn subject(root: &Node) -> String {
    let kind = root.str_at(&["kind"]).unwrap_or("object");
    root.str_at(&["metadata", "name"]).map_or_else(|| kind.to_owned(), |name| format!("{kind}/{name}"))
}

/// Points at a value: where it stands, and which values layer set it.
pub(super) fn at_value(diagnostic: Diagnostic, node: &Node) -> Diagnostic {
    let width = width(node);
    // The width of a hole in the template is not known, that of the value where it was written is.
    let here = if node.origin.from.is_known() && node.origin.from != node.origin.at { 1 } else { width };
    diagnostic.at(node.origin.at.span(here)).note_at("set here", node.origin.from.span(width))
}

/// Points at the key that holds a value.
pub(super) fn at_key(diagnostic: Diagnostic, key: &str, node: &Node) -> Diagnostic {
    diagnostic.at(key_span(key, node))
}

/// Where the key that holds a node stands, or the node if that is not known.
pub(super) fn key_span(key: &str, node: &Node) -> Span {
    let width = u32::try_from(key.chars().count()).unwrap_or(1);
    if node.key == Place::NOWHERE { node.origin.at.span(1) } else { node.key.span(width) }
}

fn width(node: &Node) -> u32 {
    let width = match &node.value {
        Value::Number(number) => number.as_str().chars().count(),
        Value::Text(text) => text.known().filter(|text| !text.contains('\n')).map_or(1, |text| text.chars().count()),
        Value::Bool(value) => value.to_string().len(),
        Value::Null | Value::List(_) | Value::Map(_) => 1,
    };
    u32::try_from(width.max(1)).unwrap_or(1)
}
