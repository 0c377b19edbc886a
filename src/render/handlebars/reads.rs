//! Which values the templates of a chart read, found without evaluating them: branches that are not taken count too.
//!
//! Contexts are followed as far as they are written: through `{{#with}}`, `{{#each}}`, block parameters and arguments
//! of partials. What functions make is not followed; their arguments count as read as a whole.

use std::collections::BTreeSet;

use super::call::LIBRARY;
use super::path::{Path, Start};
use super::program::Program;
use super::syntax::{Element, Expression, Partial, PartialName, Scoped, Template, Term};
use crate::diagnostic::Span;

/// Contexts are followed through so many partials within each other.
const MAX_DEPTH: usize = 30;

/// One step below `values`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::render) enum Step {
    /// A key, or the number of an item.
    Key(String),
    /// Any item of a list or map.
    Item,
}

/// A place in a template that reads a value.
#[derive(Clone, Debug)]
pub(in crate::render) struct Read {
    /// What it reads, below `values`.
    pub(in crate::render) path: Vec<Step>,
    /// Where it says so.
    pub(in crate::render) span: Span,
    /// All below the path is read too; else only parts that are read elsewhere.
    pub(in crate::render) whole: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub(in crate::render) struct Reads {
    /// In the order in which they were found.
    pub(in crate::render) reads: Vec<Read>,
    /// Names that no template sees, outside of partials.
    pub(in crate::render) unknown: Vec<(String, Span)>,
}

/// Finds all reads of a chart: of its templates, and of partials that none of them calls.
pub(in crate::render) fn reads<'p>(templates: impl Iterator<Item = &'p Template>, program: Program<'p>) -> Reads {
    let mut reader = Reader { program, found: Reads::default(), stack: Vec::new(), seen: BTreeSet::new(), depth: 0 };
    for template in templates {
        reader.stack = vec![Scope { context: Seen::Root, ..Scope::default() }];
        reader.elements(&template.body);
    }
    for name in program.partial_names() {
        if !reader.seen.iter().any(|(seen, _)| seen == name) {
            reader.stack = vec![Scope { context: Seen::Root, partial: true, ..Scope::default() }];
            reader.elements(program.partial(name).unwrap_or_default());
        }
    }
    reader.found
}

/// What is known of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    /// The chart's whole context.
    Root,
    /// Part of the values.
    Values(Vec<Step>),
    /// Something else.
    #[default]
    Elsewhere,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Scope {
    context: Seen,
    /// Arguments of a partial.
    arguments: Vec<(String, Seen)>,
    /// Block parameters.
    names: Vec<(String, Seen)>,
    partial: bool,
}

struct Reader<'p> {
    program: Program<'p>,
    found: Reads,
    stack: Vec<Scope>,
    /// Partials that were followed, with what they saw.
    seen: BTreeSet<(String, Scope)>,
    depth: usize,
}

impl<'p> Reader<'p> {
    fn elements(&mut self, elements: &'p [Element]) {
        for element in elements {
            match element {
                Element::Raw(_) => {}
                Element::Hole(hole) => self.whole(&hole.value),
                Element::If(choice) => {
                    self.whole(&choice.test);
                    choice.include_zero.iter().for_each(|option| self.whole(option));
                    self.elements(&choice.then);
                    self.elements(&choice.otherwise);
                }
                Element::Scoped(scoped) => self.scoped(scoped),
                Element::Partial(partial) => self.partial(partial),
                Element::Inline(inline) => {
                    // Who calls it with what is not followed: it may see anything.
                    self.stack.push(Scope { partial: true, ..Scope::default() });
                    self.elements(&inline.body);
                    self.stack.pop();
                }
                Element::Merge(merge) => {
                    merge.over.iter().for_each(|over| self.whole(over));
                    self.elements(&merge.body);
                }
            }
        }
    }

    fn scoped(&mut self, scoped: &'p Scoped) {
        let value = self.bound(&scoped.value, scoped.each);
        let value = match value {
            Seen::Values(mut path) if scoped.each => {
                path.push(Step::Item);
                Seen::Values(path)
            }
            Seen::Root if scoped.each => Seen::Elsewhere,
            value => value,
        };
        let mut scope = Scope { context: value.clone(), ..Scope::default() };
        let mut names = scoped.names.iter();
        scope.names.extend(names.next().map(|name| (name.clone(), value)));
        scope.names.extend(names.next().map(|name| (name.clone(), Seen::Elsewhere)));
        self.stack.push(scope);
        self.elements(&scoped.body);
        self.stack.pop();
        self.elements(&scoped.otherwise);
    }

    fn partial(&mut self, partial: &'p Partial) {
        self.elements(partial.block.as_deref().unwrap_or_default());
        let body = match &partial.name {
            PartialName::Static(name) if !name.text.starts_with(LIBRARY) => {
                self.program.partial(&name.text).map(|body| (name.text.clone(), body))
            }
            PartialName::Static(_) => None,
            PartialName::Computed(expression) => {
                self.whole(expression);
                None
            }
        };
        let Some((name, body)) = body.filter(|_| self.depth < MAX_DEPTH) else {
            partial.context.iter().for_each(|context| self.whole(context));
            partial.arguments.iter().for_each(|(_, argument)| self.whole(argument));
            return;
        };
        let caller = self.stack.last();
        let mut scope = Scope { partial: true, ..Scope::default() };
        let inherited = caller.map(|caller| (caller.context.clone(), caller.arguments.clone()));
        let (context, inherited) = inherited.unwrap_or_default();
        let arguments: Vec<_> =
            partial.arguments.iter().map(|(name, value)| (name.text.clone(), self.bound(value, false))).collect();
        scope.arguments = arguments;
        if let Some(expression) = &partial.context {
            scope.context = self.bound(expression, false);
        } else {
            scope.context = context;
            scope.arguments.extend(inherited);
        }
        if self.seen.insert((name, scope.clone())) {
            // Its own block parameters and parents are those of the caller only in part: `../` leads to the caller.
            self.stack.push(scope);
            self.depth += 1;
            self.elements(body);
            self.depth -= 1;
            self.stack.pop();
        }
    }

    /// An expression whose whole value is used.
    fn whole(&mut self, expression: &Expression) {
        match &expression.term {
            Term::Literal(_) => {}
            Term::Call(call) => {
                call.arguments.iter().for_each(|argument| self.whole(argument));
                call.options.iter().for_each(|(_, option)| self.whole(option));
            }
            Term::Path(path) => match self.resolve(path, expression.span) {
                Seen::Values(path) => self.found.reads.push(Read { path, span: expression.span, whole: true }),
                Seen::Root => self.found.reads.push(Read { path: Vec::new(), span: expression.span, whole: true }),
                Seen::Elsewhere => {}
            },
        }
    }

    /// An expression whose value gets a name (or becomes the context), so that its parts can be followed.
    fn bound(&mut self, expression: &Expression, whole: bool) -> Seen {
        let Term::Path(path) = &expression.term else {
            self.whole(expression);
            return Seen::Elsewhere;
        };
        let seen = self.resolve(path, expression.span);
        if let Seen::Values(path) = &seen {
            self.found.reads.push(Read { path: path.clone(), span: expression.span, whole });
        }
        seen
    }

    fn resolve(&mut self, path: &Path, span: Span) -> Seen {
        let segments = path.segments.as_slice();
        match path.start {
            Start::Loop(_) => Seen::Elsewhere,
            Start::Root => self.below(Seen::Root, segments, true, span),
            Start::Context(ups) => match self.stack.len().checked_sub(1 + ups) {
                Some(index) => self.in_scope(index, segments, span),
                None => Seen::Elsewhere,
            },
            Start::Name => {
                for scope in self.stack.iter().rev() {
                    if let Some((_, seen)) = scope.names.iter().find(|(name, _)| Some(name) == segments.first()) {
                        let seen = seen.clone();
                        return self.below(seen, &segments[1..], true, span);
                    }
                    if scope.partial {
                        break;
                    }
                }
                match self.stack.len().checked_sub(1) {
                    Some(index) => self.in_scope(index, segments, span),
                    None => Seen::Elsewhere,
                }
            }
        }
    }

    fn in_scope(&mut self, index: usize, segments: &[String], span: Span) -> Seen {
        let scope = &self.stack[index];
        if let Some((_, seen)) = scope.arguments.iter().find(|(name, _)| Some(name) == segments.first()) {
            let seen = seen.clone();
            return self.below(seen, &segments[1..], true, span);
        }
        let (context, partial) = (scope.context.clone(), scope.partial);
        self.below(context, segments, partial, span)
    }

    /// What `segments` lead to in something known. In a `partial`, an unknown name may be an argument that is not given.
    fn below(&mut self, seen: Seen, segments: &[String], partial: bool, span: Span) -> Seen {
        let keys = |segments: &[String]| segments.iter().cloned().map(Step::Key).collect::<Vec<_>>();
        match (seen, segments) {
            (Seen::Root, []) => Seen::Root,
            (Seen::Root, [first, rest @ ..]) if first == "values" => Seen::Values(keys(rest)),
            (Seen::Root, [first, ..]) => {
                if !partial && !crate::render::root::NAMES.contains(&first.as_str()) {
                    self.found.unknown.push((first.clone(), span));
                }
                Seen::Elsewhere
            }
            (Seen::Values(mut path), segments) => {
                path.extend(keys(segments));
                Seen::Values(path)
            }
            (Seen::Elsewhere, _) => Seen::Elsewhere,
        }
    }
}
