//! A template as it is evaluated: elements and expressions, each with its place.
//!
//! Names of functions are resolved and block structure is checked before; nothing in here can be malformed.

use super::functions::Function;
use super::path::Path;
use crate::diagnostic::{SourceId, Span};
use crate::yaml::Node;

/// A template or partial, read once and evaluated any number of times.
#[derive(Debug)]
pub(in crate::render) struct Template {
    /// Its text.
    pub(super) source: SourceId,
    /// What it is made of.
    pub(super) body: Vec<Element>,
}

impl Template {
    /// Its text.
    pub(in crate::render) fn source(&self) -> SourceId {
        self.source
    }
}

/// A part of a template.
#[derive(Debug)]
pub(super) enum Element {
    /// Text that is written as it is.
    Raw(Raw),
    /// `{{expression}}`.
    Hole(Hole),
    /// `{{#if}}`, `{{#unless}}` and `{{else if}}`.
    If(If),
    /// `{{#each}}` and `{{#with}}`.
    Scoped(Scoped),
    /// `{{> partial}}` and `{{#> partial}}`.
    Partial(Partial),
    /// `{{#*inline "name"}}`.
    Inline(Inline),
    /// `{{#merge}}`.
    Merge(Merge),
}

/// Text without tags, and where it begins.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) text: String,
    pub(super) span: Span,
}

/// A value's place in the text.
#[derive(Debug)]
pub(super) struct Hole {
    /// The whole tag.
    pub(super) span: Span,
    pub(super) value: Expression,
}

/// A choice. `{{else if}}` is a choice within `otherwise`.
#[derive(Debug)]
pub(super) struct If {
    pub(super) test: Expression,
    /// `{{#unless}}`.
    pub(super) negated: bool,
    /// `includeZero=true`: the number 0 counts as true.
    pub(super) include_zero: Option<Expression>,
    pub(super) then: Vec<Element>,
    pub(super) otherwise: Vec<Element>,
}

/// A block whose body sees another context.
#[derive(Debug)]
pub(super) struct Scoped {
    /// The opening tag.
    pub(super) span: Span,
    /// Once per item (`{{#each}}`) or once (`{{#with}}`).
    pub(super) each: bool,
    pub(super) value: Expression,
    /// `as |item key|`.
    pub(super) names: Vec<String>,
    pub(super) body: Vec<Element>,
    /// `{{else}}`: there is nothing to go through.
    pub(super) otherwise: Vec<Element>,
}

/// A call of a partial.
#[derive(Debug)]
pub(super) struct Partial {
    /// The opening tag.
    pub(super) span: Span,
    pub(super) name: PartialName,
    /// `{{> name context}}`.
    pub(super) context: Option<Expression>,
    /// `{{> name key=value}}`, in the order they were written.
    pub(super) arguments: Vec<(Name, Expression)>,
    /// The tag stands alone on its line: the partial's lines are indented like the tag.
    pub(super) indent: Option<String>,
    /// `{{#> name}}…{{/name}}`: what `{{> @partial-block}}` stands for.
    pub(super) block: Option<Vec<Element>>,
}

/// How a partial is named.
#[derive(Debug)]
pub(super) enum PartialName {
    /// By its name.
    Static(Name),
    /// By an expression in parentheses.
    Computed(Expression),
}

/// A partial defined in the template itself.
#[derive(Debug)]
pub(super) struct Inline {
    pub(super) name: String,
    pub(super) body: Vec<Element>,
}

/// YAML with values laid over it, put in as one value.
#[derive(Debug)]
pub(super) struct Merge {
    /// The opening tag.
    pub(super) span: Span,
    /// What is laid over the body, in this order; null is nothing.
    pub(super) over: Vec<Expression>,
    pub(super) body: Vec<Element>,
    /// As for a partial.
    pub(super) indent: Option<String>,
}

/// A name and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) span: Span,
}

/// Something that has a value.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) span: Span,
    pub(super) term: Term,
}

/// Kinds of expressions.
#[derive(Debug)]
pub(super) enum Term {
    /// A number, string, boolean, null, list or map, spelled as it was written.
    Literal(Node),
    /// Something of the context.
    Path(Path),
    /// A function's result.
    Call(Call),
}

/// A call of a function.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) function: &'static Function,
    /// The function's name in the template.
    pub(super) span: Span,
    pub(super) arguments: Vec<Expression>,
    /// `name=value`, in the order they were written.
    pub(super) options: Vec<(Name, Expression)>,
}
