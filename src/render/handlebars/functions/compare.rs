//! Comparisons of values and of versions.

use std::cmp::Ordering;

use super::arguments::Arguments;
use super::choose::truth;
use super::{Function, Outcome};
use crate::chart::{Range, read_version};
use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, Spelled, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "eq",
        signature: "eq a b",
        doc: "whether both are the same value; numbers are compared by value, a number and a string are never equal",
        arity: (2, 2),
        options: &[],
        run: |arguments| Ok(truth(equal(arguments)?)),
    },
    Function {
        name: "ne",
        signature: "ne a b",
        doc: "whether they are different values",
        arity: (2, 2),
        options: &[],
        run: |arguments| Ok(truth(!equal(arguments)?)),
    },
    Function {
        name: "lt",
        signature: "lt a b",
        doc: "whether a is less than b: two numbers, or two strings",
        arity: (2, 2),
        options: &[],
        run: |arguments| ordered(arguments, Ordering::is_lt),
    },
    Function {
        name: "le",
        signature: "le a b",
        doc: "whether a is at most b",
        arity: (2, 2),
        options: &[],
        run: |arguments| ordered(arguments, Ordering::is_le),
    },
    Function {
        name: "gt",
        signature: "gt a b",
        doc: "whether a is greater than b",
        arity: (2, 2),
        options: &[],
        run: |arguments| ordered(arguments, Ordering::is_gt),
    },
    Function {
        name: "ge",
        signature: "ge a b",
        doc: "whether a is at least b",
        arity: (2, 2),
        options: &[],
        run: |arguments| ordered(arguments, Ordering::is_ge),
    },
    Function {
        name: "semverCompare",
        signature: "semverCompare \">=1.29-0\" version",
        doc: "whether a version is in a range, as Helm reads both",
        arity: (2, 2),
        options: &[],
        run: semver_compare,
    },
];

fn equal(arguments: &Arguments<'_, '_>) -> Result<bool, Diagnostic> {
    let (a, b) = (arguments.value(0)?, arguments.value(1)?);
    Ok(same(a.node(), b.node()))
}

/// Equality of values; 1 and 1.0 are the same number.
pub(super) fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b) == Some(Ordering::Equal),
        (a, b) => a == b,
    }
}

fn numbers(a: &Spelled, b: &Spelled) -> Option<Ordering> {
    match (a.as_i64(), b.as_i64(), a.as_u64(), b.as_u64()) {
        (Some(a), Some(b), ..) => Some(a.cmp(&b)),
        (.., Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64().partial_cmp(&b.as_f64()),
    }
}

fn ordered<'v>(arguments: &Arguments<'_, 'v>, fits: fn(Ordering) -> bool) -> Outcome<'v> {
    let (a, b) = (arguments.value(0)?, arguments.value(1)?);
    let order = match (&a.node().value, &b.node().value) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b),
        (Value::Number(_), _) => return Err(arguments.unfit(1, "a number", b.node())),
        (Value::Text(_), Value::Text(_)) => Some(arguments.string(0)?.cmp(&arguments.string(1)?)),
        (Value::Text(_), _) => return Err(arguments.unfit(1, "a string", b.node())),
        _ => return Err(arguments.unfit(0, "a number or a string", a.node())),
    };
    Ok(truth(order.is_some_and(fits)))
}

fn semver_compare<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let (range, version) = (arguments.string(0)?, arguments.string(1)?);
    let range = Range::parse(&range).ok_or_else(|| arguments.error(0, "this is no version range"))?;
    let version = read_version(&version).ok_or_else(|| arguments.error(1, "this is no version"))?;
    Ok(truth(range.contains(&version)))
}
