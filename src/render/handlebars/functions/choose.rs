//! Values that may be left out, and conditions.

use super::super::held::Held;
use super::super::syntax::{Expression, Term};
use super::arguments::Arguments;
use super::{Function, Outcome};
use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "default",
        signature: "default fallback value",
        doc: "the value, or the fallback if it is absent, null or an empty string (0 and false are values)",
        arity: (2, 2),
        options: &[],
        run: default,
    },
    Function {
        name: "required",
        signature: "required \"message\" value",
        doc: "the value; an error with that message if it is absent, null or an empty string",
        arity: (2, 2),
        options: &[],
        run: required,
    },
    Function {
        name: "optional",
        signature: "optional value",
        doc: "the value, or null if it is absent: the field is left out of the manifest",
        arity: (1, 1),
        options: &[],
        run: |arguments| Ok(arguments.asked(0)?.unwrap_or_else(|| Held::made(Node::default()))),
    },
    Function {
        name: "and",
        signature: "and a b …",
        doc: "whether all of them are true; looks no further than the first that is not",
        arity: (1, usize::MAX),
        options: &[],
        run: |arguments| holds_any(arguments, false).map(|found| truth(!found)),
    },
    Function {
        name: "or",
        signature: "or a b …",
        doc: "whether one of them is true; looks no further than the first that is",
        arity: (1, usize::MAX),
        options: &[],
        run: |arguments| holds_any(arguments, true).map(truth),
    },
    Function {
        name: "not",
        signature: "not a",
        doc: "whether it is false, null, absent, 0 or empty",
        arity: (1, 1),
        options: &[],
        run: |arguments| Ok(truth(!holds(arguments, 0)?)),
    },
];

/// A boolean that a function made.
pub(super) fn truth<'v>(value: bool) -> Held<'v> {
    Held::made(Node::new(value))
}

/// Whether a value was given: present, not null, not an empty string.
fn given<'v>(arguments: &Arguments<'_, 'v>, index: usize) -> Result<Option<Held<'v>>, Diagnostic> {
    Ok(arguments
        .asked(index)?
        .filter(|held| !matches!(&held.node().value, Value::Text(text) if text.parts().is_empty())))
}

fn default<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    if arguments.is_literal(1) && !arguments.is_literal(0) {
        return Err(arguments
            .error(1, "the fallback of `default` comes first")
            .hint(format!("usage: `{}`", arguments.call.function.signature)));
    }
    match given(arguments, 1)? {
        Some(held) => Ok(held),
        None => arguments.value(0),
    }
}

/// Takes its arguments in either order: the message is the one that is written out.
fn required<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let (message, value) = if arguments.is_literal(0) { (0, 1) } else { (1, 0) };
    if let Some(held) = given(arguments, value)? {
        return Ok(held);
    }
    let message = arguments.string(message)?;
    Err(arguments.error(value, message).hint(format!("set {}", written(&arguments.call.arguments[value]))))
}

/// A path as it was written, for a hint.
fn written(expression: &Expression) -> String {
    match &expression.term {
        Term::Path(path) => match path.text.strip_prefix("values.") {
            Some(key) => format!("`{key}` in a values file, or with `--set {key}=…`"),
            None => format!("`{}`", path.text),
        },
        _ => "this value".to_owned(),
    }
}

fn holds(arguments: &Arguments<'_, '_>, index: usize) -> Result<bool, Diagnostic> {
    Ok(arguments.asked(index)?.is_some_and(|held| held.is_true(false)))
}

/// Whether one of the arguments is as `wanted`.
fn holds_any(arguments: &Arguments<'_, '_>, wanted: bool) -> Result<bool, Diagnostic> {
    for index in 0..arguments.len() {
        if holds(arguments, index)? == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}
