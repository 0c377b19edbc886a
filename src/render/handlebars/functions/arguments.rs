//! What a function is called with: evaluated on demand, with the place of each argument for messages.

use super::super::budget::Budget;
use super::super::evaluate::Evaluator;
use super::super::fill::spelling;
use super::super::held::Held;
use super::super::syntax::{Call, Expression, Term};
use crate::diagnostic::{Diagnostic, Span};
use crate::render::root::Root;
use crate::yaml::{Map, Node, Text, Value};

/// The arguments of one call.
pub(in super::super) struct Arguments<'e, 'v> {
    pub(in super::super) evaluator: Evaluator<'e, 'v>,
    pub(in super::super) call: &'v Call,
}

impl<'v> Arguments<'_, 'v> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.call.arguments.len()
    }

    /// Where the function's name stands.
    pub(super) fn span(&self) -> Span {
        self.call.span
    }

    /// The chart's context.
    pub(super) fn root(&self) -> &'v Root<'v> {
        self.evaluator.scopes.root
    }

    /// What the rendering may still cost.
    pub(super) fn budget(&self) -> &Budget {
        self.evaluator.budget
    }

    /// Argument number `index`, which the arity guarantees.
    fn expression(&self, index: usize) -> Result<&'v Expression, Diagnostic> {
        self.call.arguments.get(index).ok_or_else(|| Diagnostic::error("argument is missing").at(self.span()))
    }

    /// Whether an argument is written out in the template.
    pub(super) fn is_literal(&self, index: usize) -> bool {
        self.call.arguments.get(index).is_some_and(|argument| matches!(argument.term, Term::Literal(_)))
    }

    /// The value of an argument, which must have one.
    pub(super) fn value(&self, index: usize) -> Result<Held<'v>, Diagnostic> {
        self.evaluator.value(self.expression(index)?)
    }

    /// The value of an argument, or none if it is null or absent.
    pub(super) fn asked(&self, index: usize) -> Result<Option<Held<'v>>, Diagnostic> {
        self.evaluator.asked(self.expression(index)?)
    }

    /// An option, if it is given.
    pub(super) fn option(&self, name: &str) -> Result<Option<(Held<'v>, Span)>, Diagnostic> {
        match self.call.options.iter().find(|(given, _)| given.text == name) {
            Some((_, expression)) => Ok(Some((self.evaluator.value(expression)?, expression.span))),
            None => Ok(None),
        }
    }

    /// All options, in the order they were written.
    pub(super) fn options(&self) -> Result<Map, Diagnostic> {
        let mut map = Map::default();
        for (name, expression) in &self.call.options {
            let mut node = self.evaluator.value(expression)?.into_node();
            node.key = name.span.place;
            map.insert(name.text.clone(), node);
        }
        Ok(map)
    }

    /// A scalar as text, by its spelling.
    pub(super) fn text(&self, index: usize) -> Result<Text, Diagnostic> {
        let held = self.value(index)?;
        spelling(held.node()).map_err(|_| self.unfit(index, "a string", held.node()))
    }

    /// A scalar as a string, all of which is known.
    pub(super) fn string(&self, index: usize) -> Result<String, Diagnostic> {
        let text = self.text(index)?;
        text.known().map(str::to_owned).ok_or_else(|| {
            let name = self.call.function.name;
            Diagnostic::error(format!("`{name}` can't look into a generated value"))
                .at(self.place(index))
                .hint("it is decided when the chart is applied; until then it can only be put in as it is")
        })
    }

    /// An integer, also one that was written as a string of digits.
    pub(super) fn integer(&self, index: usize) -> Result<i64, Diagnostic> {
        let held = self.value(index)?;
        let node = held.node();
        let parsed = node.as_i64().or_else(|| node.as_str().and_then(|text| text.parse().ok()));
        parsed.ok_or_else(|| self.unfit(index, "an integer", node))
    }

    /// A list.
    pub(super) fn list(&self, index: usize) -> Result<Held<'v>, Diagnostic> {
        let held = self.value(index)?;
        match held.node().value {
            Value::List(_) => Ok(held),
            _ => Err(self.unfit(index, "a list", held.node())),
        }
    }

    /// A map.
    pub(super) fn map(&self, index: usize) -> Result<Held<'v>, Diagnostic> {
        let held = self.value(index)?;
        match held.node().value {
            Value::Map(_) => Ok(held),
            _ => Err(self.unfit(index, "a map", held.node())),
        }
    }

    /// Where an argument stands.
    pub(super) fn place(&self, index: usize) -> Span {
        self.call.arguments.get(index).map_or(self.call.span, |argument| argument.span)
    }

    /// An error at an argument.
    pub(super) fn error(&self, index: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(message).at(self.place(index))
    }

    /// The error for an argument of another kind than `wanted`.
    pub(super) fn unfit(&self, index: usize, wanted: &str, node: &Node) -> Diagnostic {
        let name = self.call.function.name;
        let error = self.error(index, format!("`{name}` wants {wanted} here, not {}", node.kind()));
        error.note_at("set here", node.origin.from).hint(format!("usage: `{}`", self.call.function.signature))
    }

    /// A value made from argument `index`: it keeps that argument's origin.
    pub(super) fn made(&self, index: usize, value: impl Into<Value>) -> Result<Held<'v>, Diagnostic> {
        let origin = self.value(index)?.node().origin;
        Ok(Held::made(Node::with(value, origin)))
    }

    /// Refuses a result that would be too large before it is made.
    pub(super) fn afford(&self, bytes: usize) -> Result<(), Diagnostic> {
        self.evaluator.budget.make(bytes, self.span())
    }
}
