//! Making lists and maps.

use super::super::held::Held;
use super::super::overlay::overlay;
use super::arguments::Arguments;
use super::{Function, Outcome};
use crate::yaml::{Map, Node};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "list",
        signature: "list a b …",
        doc: "a list of its arguments",
        arity: (0, usize::MAX),
        options: &[],
        run: list,
    },
    Function {
        name: "dict",
        signature: "dict key=value …",
        doc: "a map of its options; keys that are computed go before their values: `dict key value …`",
        arity: (0, usize::MAX),
        options: &["*"],
        run: dict,
    },
    Function {
        name: "merge",
        signature: "merge a b …",
        doc: "maps laid over each other, later ones win; null and absent ones are nothing, a key with null is removed",
        arity: (1, usize::MAX),
        options: &[],
        run: merge,
    },
    Function {
        name: "pick",
        signature: "pick map key …",
        doc: "the map with only those of its keys",
        arity: (2, usize::MAX),
        options: &[],
        run: |arguments| sift(arguments, true),
    },
    Function {
        name: "omit",
        signature: "omit map key …",
        doc: "the map without those of its keys",
        arity: (2, usize::MAX),
        options: &[],
        run: |arguments| sift(arguments, false),
    },
    Function {
        name: "range",
        signature: "range from to",
        doc: "the integers from the first up to, but without, the second; with one argument from 0",
        arity: (1, 2),
        options: &[],
        run: range,
    },
];

/// The longest list that `range` makes.
const MAX_RANGE: i64 = 100_000;

fn list<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let items = (0..arguments.len()).map(|index| Ok(arguments.value(index)?.into_node()));
    Ok(Held::made(Node::new(items.collect::<Result<Vec<Node>, _>>()?)))
}

fn dict<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let mut map = Map::default();
    if arguments.len() % 2 == 1 {
        return Err(arguments.error(arguments.len() - 1, "this key has no value").hint("usage: `dict key value …`"));
    }
    for index in (0..arguments.len()).step_by(2) {
        map.insert(arguments.string(index)?, arguments.value(index + 1)?.into_node());
    }
    map.extend(arguments.options()?);
    Ok(Held::made(Node::new(map)))
}

fn merge<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let mut merged: Option<Node> = None;
    for index in 0..arguments.len() {
        if arguments.asked(index)?.is_none() {
            continue;
        }
        let node = arguments.map(index)?.into_node();
        merged = Some(match merged {
            None => node,
            Some(base) => overlay(base, node),
        });
    }
    Ok(Held::made(merged.unwrap_or_else(Node::map)))
}

fn sift<'v>(arguments: &Arguments<'_, 'v>, keep: bool) -> Outcome<'v> {
    let mut node = arguments.map(0)?.into_node();
    let named = (1..arguments.len()).map(|index| arguments.string(index)).collect::<Result<Vec<_>, _>>()?;
    if let Some(map) = node.as_map_mut() {
        map.retain(|key, _| named.contains(key) == keep);
    }
    Ok(Held::made(node))
}

fn range<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let last = arguments.len() - 1;
    let from = if last == 0 { 0 } else { arguments.integer(0)? };
    let to = arguments.integer(last)?;
    if to.saturating_sub(from) > MAX_RANGE {
        return Err(arguments.error(last, format!("`range` makes at most {MAX_RANGE} numbers")));
    }
    let items: Vec<Node> = (from..to).map(Node::new).collect();
    Ok(Held::made(Node::new(items)))
}
