//! Scalars by style and tag: what `"5"`, `!!str 5`, `!foo 5` and a key mean.
//!
//! Messages carry no text of a scalar: it may be a secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use granit_parser::Tag;

use super::dialect::{Dialect, Unfit};
use super::hook::{Scalar, Style};
use super::{Node, Spelled, Value};
use crate::diagnostic::Diagnostic;

const QUOTE: &str = "put it into quotes if it is a string";

/// What a scalar means as a value.
pub(super) fn value(dialect: Dialect, scalar: &Scalar<'_>, tag: Option<&Tag>) -> Result<Value, Diagnostic> {
    let Some(tag) = tag else {
        return if scalar.style == Style::Plain { plain(dialect, scalar.text) } else { Ok(Value::from(scalar.text)) };
    };
    match name(tag) {
        Name::Str => Ok(Value::from(scalar.text)),
        Name::Core(wanted) => {
            let value = plain(dialect, scalar.text)?;
            fit(value, wanted).ok_or_else(|| Diagnostic::error(format!("the value is no `!!{wanted}`")))
        }
        Name::Binary if dialect == Dialect::Kubectl11 => {
            let bytes = scalar.text.split_ascii_whitespace().collect::<String>();
            let bytes = STANDARD.decode(bytes).map_err(|_| Diagnostic::error("the value is no base64"))?;
            Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
        }
        _ if dialect == Dialect::Kubectl11 => Ok(Value::from(scalar.text)),
        _ => Err(unknown()),
    }
}

/// What a scalar means as a key. In our own files it is its text; for kubectl it is what JSON makes of the value.
pub(super) fn key(dialect: Dialect, scalar: &Scalar<'_>, tag: Option<&Tag>) -> Result<String, Diagnostic> {
    if dialect == Dialect::Core12 && tag.is_none() && !(scalar.style == Style::Plain && is_null(scalar.text)) {
        return Ok(scalar.text.to_owned());
    }
    match value(dialect, scalar, tag)? {
        Value::Text(text) => Ok(text.known().unwrap_or_default().to_owned()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) if dialect == Dialect::Core12 => Ok(number.as_str().to_owned()),
        Value::Number(number) if number.is_integer() => Ok(number.to_json().to_string()),
        Value::Number(number) => Ok(go_float(number.as_f64())),
        _ => Err(Diagnostic::error("a key can't be null").hint(QUOTE)),
    }
}

/// A node that a hook made, under the tag of the scalar that it replaces: `!!str` asks for its spelling.
pub(super) fn retype(mut node: Node, tag: Option<&Tag>) -> Node {
    if tag.is_some_and(|tag| matches!(name(tag), Name::Str)) {
        node.value = match node.value {
            Value::Number(number) => Value::from(number.as_str()),
            Value::Bool(value) => Value::from(value.to_string()),
            value => value,
        };
    }
    node
}

/// Refuses a tag that makes a list or a map into something else.
pub(super) fn check_collection(dialect: Dialect, tag: Option<&Tag>, fits: &str) -> Result<(), Diagnostic> {
    match tag {
        Some(tag) if dialect == Dialect::Core12 && tag.core_suffix() != Some(fits) => Err(unknown()),
        _ => Ok(()),
    }
}

enum Name<'t> {
    Str,
    Core(&'t str),
    Binary,
    Other,
}

fn name(tag: &Tag) -> Name<'_> {
    match tag.core_suffix() {
        Some("str") => Name::Str,
        Some(core) => Name::Core(core),
        // `! 5`: the tag that says "not resolved".
        None if tag.parts() == ("", "!") => Name::Str,
        None if tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() == Some("binary") => Name::Binary,
        None => Name::Other,
    }
}

fn plain(dialect: Dialect, text: &str) -> Result<Value, Diagnostic> {
    dialect.resolve(text).map_err(|unfit| match unfit {
        Unfit::TooBig => Diagnostic::error("the integer does not fit into 64 bits").hint(QUOTE),
        Unfit::NotFinite => Diagnostic::error("the number is not finite").hint(QUOTE),
    })
}

fn fit(value: Value, wanted: &str) -> Option<Value> {
    match (wanted, value) {
        ("float", Value::Number(number)) => {
            Some(Value::Number(Spelled::float(number.as_str().to_owned(), number.as_f64())))
        }
        ("int", Value::Number(number)) if number.is_integer() => Some(Value::Number(number)),
        ("bool", value @ Value::Bool(_)) | ("null", value @ Value::Null) => Some(value),
        _ => None,
    }
}

/// The tag is not repeated: it may be a password that begins with `!`.
fn unknown() -> Diagnostic {
    Diagnostic::error("the `!` begins a tag, and this tag is not known")
        .hint("put the value into quotes if the `!` belongs to it")
}

fn is_null(text: &str) -> bool {
    matches!(Dialect::Core12.resolve(text), Ok(Value::Null))
}

/// `strconv.FormatFloat(value, 'g', -1, 32)`: how sigs.k8s.io/yaml writes a key that is a float.
#[expect(clippy::cast_possible_truncation, reason = "that is what the reader does")]
fn go_float(value: f64) -> String {
    let scientific = format!("{:e}", value as f32);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        // Go writes an exponent from 6 up and below -4 when it is asked for the shortest form.
        Ok(-4..6) => format!("{}", value as f32),
        Ok(exponent) => format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()),
        Err(_) => scientific,
    }
}
