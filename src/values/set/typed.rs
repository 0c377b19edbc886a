//! The value behind the `=`.

use serde::de::IgnoredAny;

use super::Family;
use super::cursor::Cursor;
use crate::diagnostic::{Diagnostic, Origin, Place};
use crate::yaml::{Dialect, Hook, Node, Scalar, Spelled, Value, read_with};

/// A scalar of a family. Integers of `--set` are those of Helm's `typedVal`: decimal, no leading zero, 64 bits;
/// numbers with a fraction are strings, so that `tag=1.10` keeps its digits.
pub(super) fn scalar(text: &str, family: Family<'_>, origin: Origin) -> Result<Node, Diagnostic> {
    let value = match family {
        Family::Typed => typed(text),
        Family::Files(files) => match files.get(text) {
            Some(content) => Value::from(content.as_str()),
            None => return Err(Diagnostic::error("the file was not read").at(origin.at)),
        },
        Family::Strings | Family::Json | Family::Literal => Value::from(text),
    };
    Ok(Node::with(value, origin))
}

fn typed(text: &str) -> Value {
    if text.eq_ignore_ascii_case("true") {
        Value::Bool(true)
    } else if text.eq_ignore_ascii_case("false") {
        Value::Bool(false)
    } else if text.eq_ignore_ascii_case("null") {
        Value::Null
    } else if text == "0" || !text.starts_with('0') {
        text.parse().map_or_else(|_| Value::from(text), |value| Value::Number(Spelled::signed(text, value)))
    } else {
        Value::from(text)
    }
}

/// One JSON value, taken from the cursor. Numbers keep their digits, and a key may stand only once.
pub(super) fn json(cursor: &mut Cursor<'_>) -> Result<Node, Diagnostic> {
    let left = cursor.left();
    let mut values = serde_json::Deserializer::from_str(left).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => {}
        Some(Err(error)) => {
            // The parser's message names what it expected, never the text; its place is worked out from the lines.
            let lines: usize = left.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
            let within = left[lines..]
                .char_indices()
                .nth(error.column().saturating_sub(1))
                .map_or(left.len(), |(at, _)| at + lines);
            cursor.advance(within);
            let message = error.to_string().to_lowercase().replace("ident", "`true`, `false` or `null`");
            let message = message.split(" at line").next().unwrap_or_default();
            return Err(cursor.error(format!("not valid JSON: {message}")));
        }
        None => return Err(cursor.error("expected a JSON value")),
    }
    let text = &left[..values.byte_offset()];
    let start = cursor.place();
    // JSON is YAML 1.2; our own reader keeps places and spelling.
    let mut nodes = read_with(text, Dialect::Core12, &mut Shifted(start))?;
    cursor.advance(text.len());
    nodes.pop().map(filled).ok_or_else(|| cursor.error("expected a JSON value"))
}

/// What is read from a template came from nowhere; this came from the flag.
fn filled(mut node: Node) -> Node {
    node.origin = Origin::value(node.origin.at);
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| *item = filled(std::mem::take(item))),
        Value::Map(map) => map.values_mut().for_each(|item| *item = filled(std::mem::take(item))),
        _ => {}
    }
    node
}

/// Places of a text that begins at a place.
struct Shifted(Place);

impl Hook for Shifted {
    fn place(&mut self, line: u32, column: u32) -> Place {
        let column = if line == 1 { self.0.column.saturating_add(column - 1) } else { column };
        Place { line: self.0.line.saturating_add(line - 1), column, ..self.0 }
    }

    fn scalar(&mut self, _: &Scalar<'_>) -> Result<Option<Node>, Diagnostic> {
        Ok(None)
    }

    fn key(&mut self, _: &Scalar<'_>) -> Result<Option<String>, Diagnostic> {
        Ok(None)
    }
}
