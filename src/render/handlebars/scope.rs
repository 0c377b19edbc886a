//! Names during evaluation: the context, block parameters, variables of loops.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::held::{Held, step};
use super::path::{Path, Start};
use super::syntax::Inline;
use crate::render::root::Root;
use crate::yaml::Node;

/// What Library partials see beside their parameters.
const LIBRARY_SEES: [&str; 3] = ["release", "chart", "capabilities"];

/// What `this` is in a block or partial.
#[derive(Clone, Debug)]
pub(super) enum Base<'v> {
    /// The chart's whole context.
    Root,
    /// A value: an item of `{{#each}}`, what `{{#with}}` or a partial was given.
    Value(Held<'v>),
    /// The parameters of a Library partial; of the chart's context it sees only [`LIBRARY_SEES`].
    Parameters(Rc<BTreeMap<String, Held<'v>>>),
}

/// Variables of one turn of a loop.
#[derive(Clone, Debug)]
pub(super) struct Turn<'v> {
    pub(super) index: usize,
    /// The key of a map's entry; in a list the index is the key.
    pub(super) key: Option<Cow<'v, str>>,
    pub(super) last: bool,
}

impl Turn<'_> {
    /// `@index`
    pub(super) fn index(&self) -> Node {
        Node::new(i64::try_from(self.index).unwrap_or(i64::MAX))
    }

    /// `@key`
    pub(super) fn key(&self) -> Node {
        self.key.as_deref().map_or_else(|| self.index(), Node::new)
    }
}

/// What one block or partial adds.
#[derive(Clone, Debug)]
pub(super) struct Scope<'v> {
    pub(super) base: Base<'v>,
    /// Arguments of a partial, laid over the context.
    pub(super) arguments: Vec<(&'v str, Held<'v>)>,
    /// Block parameters.
    pub(super) names: Vec<(&'v str, Held<'v>)>,
    pub(super) turn: Option<Turn<'v>>,
    /// A partial: block parameters of its caller are not seen.
    pub(super) partial: bool,
    /// Inline partials defined so far.
    pub(super) inlines: Vec<&'v Inline>,
}

impl<'v> Scope<'v> {
    /// A scope with a context and nothing else.
    pub(super) fn new(base: Base<'v>) -> Self {
        Self { base, arguments: Vec::new(), names: Vec::new(), turn: None, partial: false, inlines: Vec::new() }
    }
}

/// Why a path leads nowhere.
#[derive(Debug)]
pub(super) enum Missing<'v> {
    /// The first `usize` segments exist; the next one is not in what they lead to.
    Segment(usize, Held<'v>),
    /// The first segment is no name of the chart's context.
    Root,
    /// The first segment is neither an argument nor in the context of the partial or block.
    Name(Option<Held<'v>>),
    /// `../` goes further out than there are blocks.
    Parent,
    /// `@index` outside of a loop.
    Loop,
    /// A variable of loops that does not exist.
    Variable,
}

/// All that a template sees.
#[derive(Debug)]
pub(super) struct Scopes<'v> {
    pub(super) root: &'v Root<'v>,
    pub(super) stack: Vec<Scope<'v>>,
}

impl<'v> Scopes<'v> {
    /// Follows a path.
    pub(super) fn find(&self, path: &Path) -> Result<Held<'v>, Missing<'v>> {
        let segments = &path.segments;
        match path.start {
            Start::Root => self.in_root(segments),
            Start::Loop(ups) => self.variable(ups, segments),
            Start::Context(ups) => {
                let index = self.stack.len().checked_sub(1 + ups).ok_or(Missing::Parent)?;
                self.in_scope(&self.stack[index], segments)
            }
            Start::Name => {
                if let Some(held) = segments.first().and_then(|first| self.block_parameter(first)) {
                    return descend(held, segments, 1);
                }
                match self.stack.last() {
                    Some(scope) => self.in_scope(scope, segments),
                    None => self.in_root(segments),
                }
            }
        }
    }

    /// The inline partial of that name that was defined last.
    pub(super) fn inline(&self, name: &str) -> Option<&'v Inline> {
        self.stack.iter().rev().flat_map(|scope| scope.inlines.iter().rev()).find(|inline| inline.name == name).copied()
    }

    fn block_parameter(&self, name: &str) -> Option<Held<'v>> {
        for scope in self.stack.iter().rev() {
            if let Some((_, held)) = scope.names.iter().find(|(given, _)| *given == name) {
                return Some(held.clone());
            }
            if scope.partial {
                break;
            }
        }
        None
    }

    fn in_scope(&self, scope: &Scope<'v>, segments: &[String]) -> Result<Held<'v>, Missing<'v>> {
        if let Some(first) = segments.first()
            && let Some((_, held)) = scope.arguments.iter().find(|(name, _)| name == first)
        {
            return descend(held.clone(), segments, 1);
        }
        match &scope.base {
            Base::Parameters(parameters) => {
                let first = segments.first().ok_or(Missing::Name(None))?;
                match parameters.get(first) {
                    Some(held) => descend(held.clone(), segments, 1),
                    None if LIBRARY_SEES.contains(&first.as_str()) => self.in_root(segments),
                    None => Err(Missing::Name(None)),
                }
            }
            Base::Root => self.in_root(segments).map_err(|missing| match missing {
                Missing::Root if scope.partial => Missing::Name(None),
                missing => missing,
            }),
            Base::Value(held) => descend(held.clone(), segments, 0).map_err(|missing| match missing {
                Missing::Segment(0, held) => Missing::Name(Some(held)),
                missing => missing,
            }),
        }
    }

    fn in_root(&self, segments: &[String]) -> Result<Held<'v>, Missing<'v>> {
        let Some(first) = segments.first() else { return Ok(Held::Borrowed(self.root.whole())) };
        descend(Held::Borrowed(self.root.get(first).ok_or(Missing::Root)?), segments, 1)
    }

    fn variable(&self, ups: usize, segments: &[String]) -> Result<Held<'v>, Missing<'v>> {
        let turn = self.stack.iter().rev().filter_map(|scope| scope.turn.as_ref()).nth(ups).ok_or(Missing::Loop)?;
        match segments {
            [name] => match name.as_str() {
                "index" => Ok(Held::made(turn.index())),
                "key" => Ok(Held::made(turn.key())),
                "first" => Ok(Held::made(Node::new(turn.index == 0))),
                "last" => Ok(Held::made(Node::new(turn.last))),
                _ => Err(Missing::Variable),
            },
            _ => Err(Missing::Variable),
        }
    }
}

/// Follows `segments` from number `from` on.
fn descend<'v>(held: Held<'v>, segments: &[String], from: usize) -> Result<Held<'v>, Missing<'v>> {
    match held {
        Held::Borrowed(mut node) => {
            for (index, segment) in segments.iter().enumerate().skip(from) {
                node = step(node, segment).ok_or(Missing::Segment(index, Held::Borrowed(node)))?;
            }
            Ok(Held::Borrowed(node))
        }
        Held::Made(made) if from >= segments.len() => Ok(Held::Made(made)),
        Held::Made(made) => {
            // What was made is copied once, at the end of the path, not at every step.
            let mut node = &*made;
            for (index, segment) in segments.iter().enumerate().skip(from) {
                node = step(node, segment).ok_or_else(|| Missing::Segment(index, Held::made(node.clone())))?;
            }
            Ok(Held::made(node.clone()))
        }
    }
}
