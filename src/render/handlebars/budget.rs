//! What one rendering may cost: bounds that turn hostile or mistaken templates into errors.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Span};
use crate::yaml::{GeneratedKey, Node, Part, Value};

/// Elements that may be evaluated.
const MAX_STEPS: u64 = 5_000_000;
/// Bytes of text that may be written.
const MAX_WRITTEN: usize = 64 << 20;
/// Bytes of values that functions may make and holes may hold, as [`weight`] counts them.
const MAX_MADE: usize = 256 << 20;
/// Blocks and partials within each other, as they are evaluated.
pub(super) const MAX_DEPTH: usize = 100;

/// Shared by all templates of one rendering.
#[derive(Debug, Default)]
pub(in crate::render) struct Budget {
    steps: Cell<u64>,
    written: Cell<usize>,
    made: Cell<usize>,
    spent: Cell<bool>,
    /// Generated values by name, with where each was asked for first.
    generated: RefCell<BTreeMap<String, (GeneratedKey, Span)>>,
}

impl Budget {
    /// Counts one element.
    pub(super) fn step(&self, span: Span) -> Result<(), Diagnostic> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MAX_STEPS {
            self.spent.set(true);
            return Err(Diagnostic::error(format!("rendering takes more than {MAX_STEPS} steps")).at(span));
        }
        Ok(())
    }

    /// Counts bytes of text that was written.
    pub(super) fn write(&self, bytes: usize, span: Span) -> Result<(), Diagnostic> {
        self.written.set(self.written.get().saturating_add(bytes));
        if self.written.get() > MAX_WRITTEN {
            self.spent.set(true);
            return Err(Diagnostic::error("the chart renders to more than 64 MiB").at(span));
        }
        Ok(())
    }

    /// Counts bytes of values that were made or put in.
    pub(super) fn make(&self, bytes: usize, span: Span) -> Result<(), Diagnostic> {
        self.made.set(self.made.get().saturating_add(bytes));
        if self.made.get() > MAX_MADE {
            self.spent.set(true);
            return Err(Diagnostic::error("the values that this chart makes take more than 256 MiB").at(span));
        }
        Ok(())
    }

    /// Whether a bound was reached: nothing can go on.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.get()
    }

    /// Remembers a generated value: one name means one value within a release.
    pub(super) fn generate(&self, key: &GeneratedKey, span: Span) -> Result<(), Diagnostic> {
        let mut generated = self.generated.borrow_mut();
        match generated.get(&key.name) {
            Some((first, place)) if first != key => {
                Err(Diagnostic::error(format!("`{}` is generated twice, with different options", key.name))
                    .at(span)
                    .note_at("first asked for here", *place)
                    .hint("one name is one value within a release: give both the same options, or two names"))
            }
            Some(_) => Ok(()),
            None => {
                generated.insert(key.name.clone(), (key.clone(), span));
                Ok(())
            }
        }
    }
}

/// Roughly the bytes that a tree takes.
pub(super) fn weight(node: &Node) -> usize {
    let own = size_of::<Node>();
    own + match &node.value {
        Value::Null | Value::Bool(_) => 0,
        Value::Number(number) => number.as_str().len(),
        Value::Text(text) => text
            .parts()
            .iter()
            .map(|part| match part {
                Part::Known(known) => known.len(),
                Part::Generated(key) => key.name.len(),
            })
            .sum(),
        Value::List(items) => items.iter().map(weight).sum(),
        Value::Map(map) => map.iter().map(|(key, value)| key.len() + weight(value)).sum(),
    }
}
