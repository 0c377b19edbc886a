//! Helm's grammar for `--set` and its kin (`pkg/strvals`): `a.b[0].c=1,d={x,y}`, `\` before a character that means
//! itself.
//!
//! Stricter than Helm where Helm loses what was typed: a path without a value (`a.`, `a[0]`), an empty key and text
//! after `}` are errors, and a path through something that is no map or list says what is there.

mod assign;
mod cursor;
mod path;
mod typed;

use std::collections::BTreeMap;

use self::assign::assign;
use self::cursor::Cursor;
use crate::diagnostic::{Diagnostic, SourceId};
use crate::yaml::{Node, Value};

/// How the values of a flag are read.
#[derive(Clone, Copy)]
pub(super) enum Family<'a> {
    /// `--set`: integers, booleans and null are recognised, everything else is a string.
    Typed,
    /// `--set-string`: a string whatever it looks like.
    Strings,
    /// `--set-file`: the text of a file.
    Files(&'a BTreeMap<String, String>),
    /// `--set-json`: JSON, or a whole object without a path.
    Json,
    /// `--set-literal`: everything behind `=`, no escapes, no lists, no second assignment.
    Literal,
}

impl Family<'_> {
    pub(super) fn flag(self) -> &'static str {
        match self {
            Self::Typed => "--set",
            Self::Strings => "--set-string",
            Self::Files(_) => "--set-file",
            Self::Json => "--set-json",
            Self::Literal => "--set-literal",
        }
    }
}

/// Applies the argument of one flag to a tree. `source` holds the flag, a blank and the argument.
pub(super) fn apply(tree: &mut Node, family: Family<'_>, argument: &str, source: SourceId) -> Result<(), Diagnostic> {
    let mut cursor = Cursor::new(argument, source, family.flag().len() + 1);
    if matches!(family, Family::Json) && argument.trim_start().starts_with('{') {
        cursor.skip_blanks();
        let over = typed::json(&mut cursor)?;
        cursor.expect_end()?;
        *tree = super::merge::overlay(std::mem::take(tree), over);
        return Ok(());
    }
    let literal = matches!(family, Family::Literal);
    while !cursor.is_at_end() {
        let path = path::read(&mut cursor, literal)?;
        let value = value(&mut cursor, family)?;
        assign(tree, &path, value)?;
    }
    Ok(())
}

/// The paths that the arguments of `--set-file` name.
pub(super) fn file_paths(arguments: &[String]) -> Vec<String> {
    let mut paths = Vec::new();
    for argument in arguments {
        let mut cursor = Cursor::new(argument, SourceId::NONE, 0);
        while !cursor.is_at_end() {
            let read = path::read(&mut cursor, false).and_then(|_| value(&mut cursor, Family::Strings));
            match read.map(|node| node.value) {
                Ok(Value::List(items)) => paths.extend(items.iter().filter_map(Node::as_str).map(str::to_owned)),
                Ok(Value::Text(text)) => paths.extend(text.known().map(str::to_owned)),
                _ => break,
            }
        }
    }
    paths
}

fn value(cursor: &mut Cursor<'_>, family: Family<'_>) -> Result<Node, Diagnostic> {
    let origin = cursor.origin();
    match family {
        Family::Literal => Ok(Node::with(cursor.rest(), origin)),
        Family::Json => {
            cursor.skip_blanks();
            if cursor.is_at_end() || cursor.take(',') {
                return Ok(Node::with(Value::Null, origin));
            }
            let node = typed::json(cursor)?;
            cursor.skip_blanks();
            cursor.expect_comma()?;
            cursor.skip_blanks();
            Ok(node)
        }
        Family::Typed | Family::Strings | Family::Files(_) if cursor.take('{') => list(cursor, family),
        Family::Typed | Family::Strings | Family::Files(_) => {
            let (text, _) = cursor.until(&[','])?;
            typed::scalar(&text, family, origin)
        }
    }
}

/// `{x,y}`; the brace is taken. An empty pair of braces is a list of one empty string, as in Helm.
fn list(cursor: &mut Cursor<'_>, family: Family<'_>) -> Result<Node, Diagnostic> {
    let open = cursor.origin();
    let mut items = Vec::new();
    loop {
        let origin = cursor.origin();
        let (text, stop) = cursor.until(&[',', '}'])?;
        let Some(stop) = stop else {
            return Err(cursor.error("expected `}` at the end of the list"));
        };
        items.push(typed::scalar(&text, family, origin)?);
        if stop == '}' {
            cursor.expect_comma()?;
            return Ok(Node::with(items, open));
        }
    }
}
