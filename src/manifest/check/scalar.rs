//! Scalars, and nodes that have another form than their type.

use super::super::spot::{Findings, Spot};
use super::super::syntax::QUANTITY;
use super::{ports, strings};
use crate::diagnostic::{Diagnostic, nearest};
use crate::schema::Shape;
use crate::yaml::{Spelled, Value};

/// Longer strings are not quoted in messages.
const QUOTED: usize = 40;

/// Checks a node that is a scalar, or should be one, or should not.
pub(super) fn check(spot: &Spot<'_>, found: &mut Findings) {
    let shape = spot.typed.shape();
    match (shape, &spot.node.value) {
        (Shape::String, Value::Text(_)) => strings::check(spot, found),
        (Shape::Integer, Value::Number(number)) if number.is_integer() => integer(spot, number, found),
        (Shape::IntOrString, Value::Number(number)) if number.is_integer() => ports::check(spot, number, found),
        (Shape::IntOrString, Value::Text(_)) => ports::check_name(spot, found),
        (Shape::Number, Value::Number(_)) | (Shape::Boolean, Value::Bool(_)) | (Shape::Any, _) => {}
        (Shape::Quantity, Value::Text(text)) => {
            if text.known().is_some_and(|text| !QUANTITY.holds(text)) {
                let got = got(spot);
                found.errors.push(spot.error(format!("expected a quantity, got {got}")).hint(QUANTITY.hint()));
            }
        }
        _ => found.errors.push(wrong(spot, shape)),
    }
}

/// "expected an integer, got a string "80"".
fn wrong(spot: &Spot<'_>, shape: Shape) -> Diagnostic {
    let diagnostic = spot.error(format!("expected {}, got {}", expected(shape), got(spot)));
    match remedy(spot, shape) {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

fn expected(shape: Shape) -> &'static str {
    match shape {
        Shape::String => "a string",
        Shape::Integer => "an integer",
        Shape::Number => "a number",
        Shape::Boolean => "a boolean",
        Shape::Map | Shape::Object => "a map",
        Shape::List => "a list",
        Shape::IntOrString => "an integer or a string",
        Shape::Quantity => "a quantity",
        Shape::Any => "anything",
    }
}

/// What stands there. Values below a Secret's data are not named; what flowed into one is masked when all is found.
fn got(spot: &Spot<'_>) -> String {
    let kind = spot.node.kind();
    match &spot.node.value {
        Value::Number(number) => format!("{kind} {number}"),
        Value::Bool(value) => format!("{kind} {value}"),
        Value::Text(text) => match text.known() {
            Some(known) if known.chars().count() <= QUOTED => format!("{kind} {known:?}"),
            _ => kind.to_owned(),
        },
        _ => kind.to_owned(),
    }
}

/// What the author probably meant.
fn remedy(spot: &Spot<'_>, shape: Shape) -> Option<String> {
    if let Value::Number(number) = &spot.node.value
        && shape == Shape::Integer
        && number.as_f64().fract() == 0.0
    {
        return Some(format!("write `{}`", number.as_f64()));
    }
    if shape == Shape::List && !spot.node.is_null() {
        return Some("begin each item with `- `".into());
    }
    let text = spot.node.as_str()?;
    match shape {
        Shape::Boolean => match text.to_ascii_lowercase().as_str() {
            "yes" | "y" | "on" | "true" => Some("write `true`".into()),
            "no" | "n" | "off" | "false" => Some("write `false`".into()),
            _ => None,
        },
        Shape::Integer | Shape::Number | Shape::IntOrString => number(text, spot),
        _ => None,
    }
}

/// A number that was quoted, or that has a leading zero and so is a string in YAML 1.2.
fn number(text: &str, spot: &Spot<'_>) -> Option<String> {
    let octal = text.strip_prefix('0').filter(|rest| !rest.is_empty());
    if let Some(value) = octal.and_then(|rest| i64::from_str_radix(rest.strip_prefix('o').unwrap_or(rest), 8).ok()) {
        return Some(format!("write `{value}`: octal `{text}` in decimal digits"));
    }
    let value: i64 = text.trim().parse().ok()?;
    let origin = spot.node.origin;
    if origin.from.is_known() && origin.from != origin.at {
        return Some(format!("write `{value}` without quotes in the values, or `{{{{int …}}}}` in the template"));
    }
    Some(format!("write `{value}` without quotes"))
}

fn integer(spot: &Spot<'_>, number: &Spelled, found: &mut Findings) {
    let fits = number.as_i64().is_some_and(|value| !spot.typed.is_int32() || i32::try_from(value).is_ok());
    if fits {
        ports::check(spot, number, found);
    } else {
        let bits = if spot.typed.is_int32() { 32 } else { 64 };
        found.errors.push(spot.error(format!("{number} does not fit into {bits} bits")));
    }
}

/// A string that is none of those that are allowed.
pub(super) fn check_enum(spot: &Spot<'_>, text: &str, found: &mut Findings) {
    let allowed = spot.typed.enums();
    if allowed.is_empty() || allowed.contains(&text) {
        return;
    }
    let diagnostic = spot.error(format!("unknown value {} for `{}`", quoted(text), spot.name()));
    let listed: Vec<_> = allowed.iter().filter(|each| !each.is_empty()).map(|each| format!("`{each}`")).collect();
    found.errors.push(match nearest(text, allowed.iter().copied()) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.hint(format!("allowed: {}", listed.join(", "))),
    });
}

/// A string in a message, if it is short enough.
pub(super) fn quoted(text: &str) -> String {
    if text.chars().count() <= QUOTED { format!("{text:?}") } else { "(a long string)".into() }
}
