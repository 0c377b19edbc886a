//! Scalars of one kind to scalars of another.

use super::super::literal::number;
use super::arguments::Arguments;
use super::{Function, Outcome};
use crate::yaml::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "int",
        signature: "int value",
        doc: "the value as an integer: a string of digits, or a number without a fraction",
        arity: (1, 1),
        options: &[],
        run: int,
    },
    Function {
        name: "float",
        signature: "float value",
        doc: "the value as a number: a number, or a string that spells one",
        arity: (1, 1),
        options: &[],
        run: float,
    },
    Function {
        name: "string",
        signature: "string value",
        doc: "a scalar as a string, with the digits it was written with",
        arity: (1, 1),
        options: &[],
        run: |arguments| {
            let text = arguments.text(0)?;
            arguments.made(0, text)
        },
    },
    Function {
        name: "bool",
        signature: "bool value",
        doc: "the value as a boolean: `true`, `false`, or one of them as a string",
        arity: (1, 1),
        options: &[],
        run: bool,
    },
];

fn int<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let held = arguments.value(0)?;
    let node = held.node();
    let text = match &node.value {
        Value::Number(number) if number.is_integer() => return Ok(held),
        Value::Number(number) => number.as_str().to_owned(),
        Value::Text(_) => arguments.string(0)?,
        _ => return Err(arguments.unfit(0, "a number", node)),
    };
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    };
    match number(whole) {
        Some(Value::Number(number)) if number.is_integer() => arguments.made(0, number),
        _ => Err(arguments.error(0, "this is no integer of 64 bits").note_at("set here", node.origin.from)),
    }
}

fn float<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let held = arguments.value(0)?;
    match &held.node().value {
        Value::Number(_) => Ok(held),
        Value::Text(_) => match number(arguments.string(0)?.trim()) {
            Some(number) => arguments.made(0, number),
            None => Err(arguments.error(0, "this is no number").note_at("set here", held.node().origin.from)),
        },
        _ => Err(arguments.unfit(0, "a number", held.node())),
    }
}

fn bool<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let held = arguments.value(0)?;
    let value = match &held.node().value {
        Value::Bool(_) => return Ok(held),
        Value::Text(text) => text.known().and_then(|text| text.parse::<bool>().ok()),
        _ => None,
    };
    match value {
        Some(value) => arguments.made(0, value),
        None => Err(arguments.unfit(0, "`true` or `false`", held.node())),
    }
}
