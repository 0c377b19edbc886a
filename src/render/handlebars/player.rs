//! Evaluates the elements of a template: blocks, holes, raw text. Partials are in `call`.

use std::borrow::Cow;

use super::Scene;
use super::budget::{Budget, MAX_DEPTH, weight};
use super::evaluate::Evaluator;
use super::fill::Filling;
use super::frames::Frames;
use super::held::Held;
use super::output::Output;
use super::program::Program;
use super::scope::{Base, Scope, Scopes, Turn};
use super::syntax::{Element, Expression, Hole, If, Scoped, Term};
use crate::diagnostic::{Diagnostic, SourceMap, Span};
use crate::yaml::{Node, Value};

/// So many errors of one template are told.
const MAX_ERRORS: usize = 20;
/// So often an error may happen (the same one again in each turn of a loop) before evaluation stops.
const MAX_REPEATS: usize = 1000;

/// Evaluation can't go on; why is among the errors.
#[derive(Debug)]
pub(super) struct Stopped;

/// The body of a `{{#> partial}}…{{/partial}}` whose partial is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'v> {
    pub(super) body: &'v [Element],
    /// How many scopes its caller had.
    pub(super) scopes: usize,
}

/// One template being evaluated.
pub(super) struct Player<'v> {
    pub(super) program: Program<'v>,
    pub(super) budget: &'v Budget,
    pub(super) sources: &'v SourceMap,
    pub(super) scopes: Scopes<'v>,
    pub(super) frames: Frames,
    pub(super) output: Output,
    pub(super) holes: Vec<Filling<'v>>,
    pub(super) blocks: Vec<Block<'v>>,
    pub(super) errors: Vec<Diagnostic>,
    reported: usize,
    depth: usize,
}

impl<'v> Player<'v> {
    /// Ready to evaluate a template.
    pub(super) fn new(Scene { program, root, budget, sources }: Scene<'v>) -> Self {
        let scopes = Scopes { root, stack: vec![Scope::new(Base::Root)] };
        Self {
            program: *program,
            budget,
            sources,
            scopes,
            frames: Frames::new(),
            output: Output::new(0),
            holes: Vec::new(),
            blocks: Vec::new(),
            errors: Vec::new(),
            reported: 0,
            depth: 0,
        }
    }

    /// Remembers an error; evaluation goes on with what comes after it.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) -> Result<(), Stopped> {
        let diagnostic = self.frames.trace(diagnostic, self.frames.current());
        if !self.errors.contains(&diagnostic) {
            self.errors.push(diagnostic);
        }
        self.reported += 1;
        let goes_on = self.errors.len() < MAX_ERRORS && self.reported < MAX_REPEATS && !self.budget.is_spent();
        if goes_on { Ok(()) } else { Err(Stopped) }
    }

    /// Remembers an error after which nothing can follow.
    pub(super) fn stop(&mut self, diagnostic: Diagnostic) -> Stopped {
        let _ = self.report(diagnostic);
        Stopped
    }

    /// The result of a step that may fail; an error is remembered and gives none.
    pub(super) fn tried<T>(&mut self, result: Result<T, Diagnostic>) -> Result<Option<T>, Stopped> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(diagnostic) => self.report(diagnostic).map(|()| None),
        }
    }

    pub(super) fn evaluator(&self) -> Evaluator<'_, 'v> {
        Evaluator { scopes: &self.scopes, budget: self.budget }
    }

    /// Evaluates elements in order.
    pub(super) fn elements(&mut self, elements: &'v [Element]) -> Result<(), Stopped> {
        self.depth += 1;
        for element in elements {
            let span = span(element);
            self.budget.step(span).map_err(|error| self.stop(error))?;
            if self.depth > MAX_DEPTH {
                let error = Diagnostic::error(format!("blocks and partials nest deeper than {MAX_DEPTH}")).at(span);
                return Err(self.stop(error.hint("does a partial call itself?")));
            }
            match element {
                Element::Raw(raw) => {
                    self.budget.write(raw.text.len(), raw.span).map_err(|error| self.stop(error))?;
                    self.output.raw(&raw.text, raw.span.place);
                }
                Element::Hole(hole) => self.hole(hole)?,
                Element::If(choice) => self.choice(choice)?,
                Element::Scoped(scoped) => self.scoped(scoped)?,
                Element::Partial(partial) => self.partial(partial)?,
                Element::Inline(inline) => {
                    if let Some(scope) = self.scopes.stack.last_mut() {
                        scope.inlines.push(inline);
                    }
                }
                Element::Merge(merge) => self.merge(merge)?,
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn hole(&mut self, hole: &'v Hole) -> Result<(), Stopped> {
        let quoted = unquoted(&hole.value);
        let value = self.evaluator().value(quoted.unwrap_or(&hole.value));
        let value = self.tried(value)?.unwrap_or_else(|| Held::made(Node::default()));
        self.put(Filling { value, span: hole.span, quoted: quoted.is_some() })
    }

    /// Writes the token of a value.
    pub(super) fn put(&mut self, filling: Filling<'v>) -> Result<(), Stopped> {
        let span = filling.span;
        self.budget.make(weight(filling.value.node()), span).map_err(|error| self.stop(error))?;
        self.budget.write(8, span).map_err(|error| self.stop(error))?;
        self.output.token(self.holes.len(), span.place);
        self.holes.push(filling);
        Ok(())
    }

    fn choice(&mut self, choice: &'v If) -> Result<(), Stopped> {
        let evaluator = self.evaluator();
        let holds = match &choice.include_zero {
            None => evaluator.holds(&choice.test, false),
            Some(option) => evaluator.holds(option, false).and_then(|zero| evaluator.holds(&choice.test, zero)),
        };
        match self.tried(holds)? {
            None => Ok(()),
            Some(holds) if holds != choice.negated => self.elements(&choice.then),
            Some(_) => self.elements(&choice.otherwise),
        }
    }

    fn scoped(&mut self, scoped: &'v Scoped) -> Result<(), Stopped> {
        let asked = self.evaluator().asked(&scoped.value);
        let Some(value) = self.tried(asked)? else { return Ok(()) };
        let Some(value) = value.filter(|value| value.is_true(false)) else { return self.elements(&scoped.otherwise) };
        if !scoped.each {
            return self.within(scoped, value, None);
        }
        match &value.node().value {
            Value::List(items) => {
                for index in 0..items.len() {
                    let turn = Turn { index, key: None, last: index + 1 == items.len() };
                    if let Some(item) = value.part(|node| node.as_list()?.get(index)) {
                        self.within(scoped, item, Some(turn))?;
                    }
                }
                Ok(())
            }
            Value::Map(map) => {
                for index in 0..map.len() {
                    let Some(item) = value.part(|node| Some(node.as_map()?.get_index(index)?.1)) else { continue };
                    let turn = Turn { index, key: key(&value, index), last: index + 1 == map.len() };
                    self.within(scoped, item, Some(turn))?;
                }
                Ok(())
            }
            _ => {
                let error =
                    Diagnostic::error(format!("`{{{{#each}}}}` wants a list or a map, not {}", value.node().kind()));
                self.report(error.at(scoped.value.span).note_at("set here", value.node().origin.from))
            }
        }
    }

    /// Evaluates a block's body with `value` as its context.
    fn within(&mut self, scoped: &'v Scoped, value: Held<'v>, turn: Option<Turn<'v>>) -> Result<(), Stopped> {
        self.budget.step(scoped.span).map_err(|error| self.stop(error))?;
        let mut scope = Scope::new(Base::Value(value.clone()));
        let mut names = scoped.names.iter();
        if let Some(name) = names.next() {
            scope.names.push((name, value));
        }
        if let (Some(name), Some(turn)) = (names.next(), &turn) {
            scope.names.push((name, Held::made(turn.key())));
        }
        scope.turn = turn;
        self.scopes.stack.push(scope);
        self.elements(&scoped.body)?;
        self.scopes.stack.pop();
        Ok(())
    }
}

/// The key of a map's entry, borrowed where the map is.
fn key<'v>(value: &Held<'v>, index: usize) -> Option<Cow<'v, str>> {
    match value {
        Held::Borrowed(node) => node.as_map()?.get_index(index).map(|(key, _)| Cow::Borrowed(key.as_str())),
        Held::Made(node) => node.as_map()?.get_index(index).map(|(key, _)| Cow::Owned(key.clone())),
    }
}

/// The argument of a hole that is `{{quote x}}`.
fn unquoted(expression: &Expression) -> Option<&Expression> {
    match &expression.term {
        Term::Call(call) if call.function.name == "quote" => call.arguments.first(),
        _ => None,
    }
}

fn span(element: &Element) -> Span {
    match element {
        Element::Raw(raw) => raw.span,
        Element::Hole(hole) => hole.span,
        Element::If(choice) => choice.test.span,
        Element::Scoped(scoped) => scoped.span,
        Element::Partial(partial) => partial.span,
        Element::Inline(_) => Span::default(),
        Element::Merge(merge) => merge.span,
    }
}
