//! Calls of partials, and texts within texts: the parameters of Library partials and the body of `{{#merge}}`.

use std::rc::Rc;

use super::fill::{Filler, Filling};
use super::held::Held;
use super::output::Output;
use super::overlay::overlay;
use super::place::put;
use super::player::{Block, Player, Stopped};
use super::scope::{Base, Scope};
use super::syntax::{Element, Expression, Merge, Name, Partial, PartialName};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::library;
use crate::yaml::{Dialect, Node, Value, read_with};

/// What a partial's caller gave as the block between its tags.
const PARTIAL_BLOCK: &str = "@partial-block";
/// How names of Library partials begin.
pub(in crate::render) const LIBRARY: &str = "kchart/";

impl<'v> Player<'v> {
    /// `{{> name}}`
    pub(super) fn partial(&mut self, partial: &'v Partial) -> Result<(), Stopped> {
        let (name, span) = match &partial.name {
            PartialName::Static(name) => (name.text.clone(), name.span),
            PartialName::Computed(expression) => {
                let name = self.evaluator().value(expression);
                let Some(held) = self.tried(name)? else { return Ok(()) };
                let Some(name) = held.node().as_str() else {
                    let error = format!("the name of a partial must be a string, not {}", held.node().kind());
                    return self.report(Diagnostic::error(error).at(expression.span));
                };
                (name.to_owned(), expression.span)
            }
        };
        if name == PARTIAL_BLOCK {
            return self.partial_block(partial);
        }
        if name.starts_with(LIBRARY) {
            return self.library(&name, span, partial);
        }
        let inline = self.scopes.inline(&name).map(|inline| inline.body.as_slice());
        let Some(body) = inline.or_else(|| self.program.partial(&name)) else {
            if let Some(block) = &partial.block {
                return self.elements(block);
            }
            let error = Diagnostic::error(format!("there is no partial `{name}`")).at(span);
            let of_library = format!("{LIBRARY}{name}");
            return self.report(match nearest(&name, self.program.partial_names()) {
                _ if library::schema(&of_library).is_some() => error.hint(format!("did you mean `{of_library}`?")),
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("write it as `templates/_{name}.hbs`")),
            });
        };
        let Some(mut scope) = self.scope(partial)? else { return Ok(()) };
        if let Some(block) = &partial.block {
            self.blocks.push(Block { body: block, scopes: self.scopes.stack.len() });
            scope.inlines.extend(block.iter().filter_map(|element| match element {
                Element::Inline(inline) => Some(inline),
                _ => None,
            }));
        }
        self.run(partial, scope, body)?;
        if partial.block.is_some() {
            self.blocks.pop();
        }
        Ok(())
    }

    /// What a partial sees: the given context or the caller's, its arguments over it.
    fn scope(&mut self, partial: &'v Partial) -> Result<Option<Scope<'v>>, Stopped> {
        let caller = self.scopes.stack.last();
        let mut scope = Scope::new(caller.map_or(Base::Root, |caller| caller.base.clone()));
        let mut inherited = caller.map(|caller| caller.arguments.clone()).unwrap_or_default();
        scope.partial = true;
        if let Some(expression) = &partial.context {
            let value = self.evaluator().value(expression);
            let Some(value) = self.tried(value)? else { return Ok(None) };
            scope.base = Base::Value(value);
            inherited.clear();
        }
        for (name, expression) in &partial.arguments {
            let value = self.evaluator().value(expression);
            let Some(value) = self.tried(value)? else { return Ok(None) };
            scope.arguments.push((&name.text, value));
        }
        scope.arguments.extend(inherited);
        Ok(Some(scope))
    }

    /// Evaluates a partial's body.
    fn run(&mut self, partial: &'v Partial, scope: Scope<'v>, body: &'v [Element]) -> Result<(), Stopped> {
        let frame = self.frames.enter(partial.span);
        let outside = self.output.enter(frame, partial.indent.as_deref().unwrap_or_default());
        self.scopes.stack.push(scope);
        self.elements(body)?;
        self.scopes.stack.pop();
        self.output.leave(&outside, partial.indent.is_some());
        self.frames.leave();
        Ok(())
    }

    /// `{{> @partial-block}}`: the caller's block, in the caller's context.
    fn partial_block(&mut self, partial: &'v Partial) -> Result<(), Stopped> {
        let Some(block) = self.blocks.pop() else {
            if let Some(block) = &partial.block {
                return self.elements(block);
            }
            let error = Diagnostic::error("this partial was called without a block").at(partial.span);
            return self.report(error.hint("call it with `{{#> name}}…{{/name}}`"));
        };
        let inner = self.scopes.stack.split_off(block.scopes);
        let frame = self.frames.enter(partial.span);
        let outside = self.output.enter(frame, partial.indent.as_deref().unwrap_or_default());
        self.elements(block.body)?;
        self.output.leave(&outside, partial.indent.is_some());
        self.frames.leave();
        self.scopes.stack.extend(inner);
        self.blocks.push(block);
        Ok(())
    }

    /// A partial of the Library: its parameters are the YAML between its tags, arguments in the tag over it.
    fn library(&mut self, name: &str, span: Span, partial: &'v Partial) -> Result<(), Stopped> {
        let Some(body) = self.program.library(name) else {
            return self.report(library::unknown(name).at(span));
        };
        if let Some(context) = &partial.context {
            let error = Diagnostic::error(format!("`{name}` takes named arguments only")).at(context.span);
            return self.report(error.hint(format!("write `{{{{> {name} key=value}}}}`")));
        }
        let mut parameters = Node::map();
        if let Some(block) = &partial.block {
            match self.yaml(block, partial.span)? {
                Yaml::Failed => return Ok(()),
                Yaml::Empty => {}
                Yaml::One(node) => parameters = node,
            }
        }
        parameters.origin.at = span.place;
        if let Value::Map(map) = &mut parameters.value {
            for (argument, expression) in &partial.arguments {
                let value = self.evaluator().value(expression);
                let Some(value) = self.tried(value)? else { return Ok(()) };
                map.insert(argument.text.clone(), argued(argument, expression, value));
            }
        }
        match library::check(name, parameters) {
            Ok(parameters) => {
                let Value::Map(map) = parameters.value else { return Ok(()) };
                let parameters = map.into_iter().map(|(key, node)| (key, Held::made(node))).collect();
                let mut scope = Scope::new(Base::Parameters(Rc::new(parameters)));
                scope.partial = true;
                self.run(partial, scope, body)
            }
            Err(errors) => errors.into_iter().try_for_each(|error| self.report(error)),
        }
    }

    /// `{{#merge a b}}…{{/merge}}`
    pub(super) fn merge(&mut self, merge: &'v Merge) -> Result<(), Stopped> {
        let mut node = match self.yaml(&merge.body, merge.span)? {
            Yaml::Failed => return Ok(()),
            Yaml::Empty => Node::map(),
            Yaml::One(node) => node,
        };
        for expression in &merge.over {
            let over = self.evaluator().asked(expression);
            let Some(over) = self.tried(over)? else { return Ok(()) };
            let Some(over) = over else { continue };
            if std::mem::discriminant(&over.node().value) != std::mem::discriminant(&node.value) {
                let error = format!("{} can't be merged into {}", over.node().kind(), node.kind());
                let error = Diagnostic::error(error).at(expression.span);
                return self.report(error.note_at("set here", over.node().origin.from));
            }
            node = overlay(node, put(over.into_node(), expression.span.place));
        }
        let outside = self.output.enter(self.frames.current(), merge.indent.as_deref().unwrap_or_default());
        self.put(Filling { value: Held::made(node), span: merge.span, quoted: false })?;
        self.output.leave(&outside, merge.indent.is_some());
        Ok(())
    }

    /// Evaluates elements to a YAML document of their own.
    fn yaml(&mut self, body: &'v [Element], span: Span) -> Result<Yaml, Stopped> {
        let outer = std::mem::replace(&mut self.output, Output::new(self.frames.current()));
        let (first, errors) = (self.holes.len(), self.errors.len());
        self.elements(body)?;
        let inner = std::mem::replace(&mut self.output, outer);
        if self.errors.len() > errors {
            return Ok(Yaml::Failed);
        }
        let documents = self.documents(&inner);
        self.holes.truncate(first);
        let mut documents = match documents {
            Ok(documents) => documents.into_iter().filter(|document| !document.is_null()),
            // The message has its own include stack.
            Err(error) => {
                self.errors.push(error);
                return Ok(Yaml::Failed);
            }
        };
        match (documents.next(), documents.next()) {
            (None, _) => Ok(Yaml::Empty),
            (Some(node), None) => Ok(Yaml::One(node)),
            (Some(_), Some(second)) => {
                let error = Diagnostic::error("the body of this block must be one YAML document").at(span);
                self.report(error.note_at("the second begins here", second.origin.at))?;
                Ok(Yaml::Failed)
            }
        }
    }

    /// Parses a text and fills its holes.
    pub(super) fn documents(&self, output: &Output) -> Result<Vec<Node>, Diagnostic> {
        let mut filler = Filler::new(output, &self.holes);
        read_with(output.text(), Dialect::Core12, &mut filler).map_err(|mut error| {
            let tag = |span: Span| {
                self.sources.get(span.place.source).map_or_else(String::new, |source| excerpt(&source.text, span))
            };
            error.message = filler.untoken(&error.message, tag);
            for note in &mut error.notes {
                note.text = filler.untoken(&note.text, tag);
            }
            for hint in &mut error.hints {
                *hint = filler.untoken(hint, tag);
            }
            let frame = error.span.and_then(|span| filler.frames.get(&span.place).copied()).unwrap_or(0);
            self.frames.trace(error, frame)
        })
    }
}

/// What a YAML body came to.
enum Yaml {
    /// An error, already told.
    Failed,
    Empty,
    One(Node),
}

/// An argument of a Library partial, put where it is written.
fn argued(name: &Name, expression: &Expression, value: Held<'_>) -> Node {
    let mut node = put(value.into_node(), expression.span.place);
    node.key = name.span.place;
    node
}

/// The characters that a span covers.
fn excerpt(text: &str, span: Span) -> String {
    let line = text.split('\n').nth(span.place.line.saturating_sub(1) as usize).unwrap_or_default();
    line.chars().skip(span.place.column.saturating_sub(1) as usize).take(span.width as usize).collect()
}
