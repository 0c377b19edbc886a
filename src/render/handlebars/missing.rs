//! What is said of a path that leads nowhere.

use super::held::Held;
use super::path::{Path, Start};
use super::scope::{Base, Missing, Scopes};
use crate::diagnostic::{Diagnostic, Place, Span, nearest};
use crate::render::root::NAMES;
use crate::yaml::{Node, Value};

/// The message for a path that a template needs.
pub(super) fn complain(path: &Path, span: Span, missing: &Missing<'_>, scopes: &Scopes<'_>) -> Diagnostic {
    let error = |message: String| Diagnostic::error(message).at(span);
    match missing {
        Missing::Segment(index, held) => in_value(path, span, *index, held.node()),
        Missing::Root => {
            let name = path.segments.first().map_or("", String::as_str);
            let error = error(format!("`{name}` is not known here"));
            match nearest(name, NAMES) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("templates see `values`, `release`, `chart`, `capabilities` and `template`"),
            }
        }
        Missing::Name(held) => {
            let name = path.segments.first().map_or("", String::as_str);
            let given = scopes.stack.last().into_iter().flat_map(|scope| scope.arguments.iter().map(|(name, _)| *name));
            let keys = held.as_ref().and_then(|held| held.node().as_map());
            let keys = keys.into_iter().flat_map(|map| map.keys().map(String::as_str));
            let context = if held.is_none() { &NAMES[..] } else { &[] };
            let near = nearest(name, given.chain(keys).chain(context.iter().copied())).map(str::to_owned);
            if near.is_none() && NAMES.contains(&name) {
                return error(format!("`{name}` is not part of the value that this block or partial sees")).hint(
                    format!(
                        "inside `{{{{#each}}}}` and `{{{{#with}}}}` names belong to the item: write `@root.{}`",
                        path.text
                    ),
                );
            }
            let error = error(format!("`{}` is not set", path.text));
            if let Some(near) = near {
                return error.hint(format!("did you mean `{near}`?"));
            }
            let inside =
                matches!(scopes.stack.last(), Some(scope) if scope.partial && matches!(scope.base, Base::Root));
            let hint = if inside { "it is no argument of this partial, and no name of the context" } else { OPTIONAL };
            error.hint(hint)
        }
        Missing::Parent => error(format!("`{}` goes further out than there are blocks", path.text))
            .hint("only `{{#each}}`, `{{#with}}` and partials have a context of their own to go out of"),
        Missing::Loop => error(format!("`{}` is only known inside of `{{{{#each}}}}`", path.text)),
        Missing::Variable => error(format!("there is no variable `{}`", path.text))
            .hint("loops have `@index`, `@key`, `@first` and `@last`"),
    }
}

const OPTIONAL: &str = "if it may be left out, write `{{optional …}}`, `{{default fallback …}}` or `{{#if …}}`";

/// `index` segments led to `container`, which lacks the next one.
fn in_value(path: &Path, span: Span, index: usize, container: &Node) -> Diagnostic {
    let segment = path.segments.get(index).map_or("", String::as_str);
    let whole = upto(path, index + 1);
    let parent = upto(path, index);
    match &container.value {
        Value::Map(map) => {
            let error = Diagnostic::error(format!("`{whole}` is not set")).at(span);
            let Some(near) = nearest(segment, map.keys().map(String::as_str)) else { return error.hint(OPTIONAL) };
            let error = match map.get(near) {
                Some(sibling) => error.note_at(format!("`{near}` is set here"), key_place(sibling, near)),
                None => error,
            };
            let mut instead = path.clone();
            if let Some(name) = instead.segments.get_mut(index) {
                near.clone_into(name);
            }
            error.hint(format!("did you mean `{}`?", upto(&instead, index + 1)))
        }
        Value::List(items) if segment.parse::<usize>().is_ok() => {
            let error = Diagnostic::error(format!("`{whole}` is not set: `{parent}` has {} items", items.len()));
            error.at(span).note_at("set here", container.origin.from)
        }
        _ => {
            let error = Diagnostic::error(format!("`{parent}` is {}: it has no `{segment}`", container.kind()));
            error.at(span).note_at("set here", container.origin.from)
        }
    }
}

/// Where the key of a value is written, else where the value is.
fn key_place(node: &Node, key: &str) -> Span {
    if node.key == Place::NOWHERE {
        return node.origin.from.span(1);
    }
    node.key.span(super::lines::count(key))
}

/// The first `count` segments of a path, as one writes them.
pub(super) fn upto(path: &Path, count: usize) -> String {
    let start = match path.start {
        Start::Root => "@root.".to_owned(),
        Start::Context(0) if count == 0 => "this".to_owned(),
        Start::Context(ups) => "../".repeat(ups),
        Start::Name | Start::Loop(_) => String::new(),
    };
    let segments: Vec<String> = path.segments[..count.min(path.segments.len())]
        .iter()
        .map(|segment| if segment.contains(['.', '/', ' ']) { format!("[{segment}]") } else { segment.clone() })
        .collect();
    let text = format!("{start}{}", segments.join("."));
    if text.is_empty() { "this".to_owned() } else { text }
}

impl Missing<'_> {
    /// Whether something that may be absent is absent, rather than wrong.
    pub(super) fn is_absence(&self) -> bool {
        match self {
            Self::Segment(_, held) => is_container(held),
            Self::Name(_) => true,
            Self::Root | Self::Parent | Self::Loop | Self::Variable => false,
        }
    }
}

fn is_container(held: &Held<'_>) -> bool {
    matches!(held.node().value, Value::Map(_) | Value::List(_) | Value::Null)
}
