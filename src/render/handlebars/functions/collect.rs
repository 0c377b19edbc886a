//! Looking into lists and maps.

use super::super::held::{Held, step};
use super::arguments::Arguments;
use super::choose::truth;
use super::compare::same;
use super::{Function, Outcome};
use crate::diagnostic::nearest;
use crate::yaml::{Node, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "len",
        signature: "len value",
        doc: "how many characters, items or keys it has",
        arity: (1, 1),
        options: &[],
        run: len,
    },
    Function {
        name: "has",
        signature: "has collection item",
        doc: "whether a list has that item, a map that key, a string that part",
        arity: (2, 2),
        options: &[],
        run: has,
    },
    Function {
        name: "get",
        signature: "get collection key",
        doc: "what a map has under a key, or a list at a number, that is not known when the template is written",
        arity: (2, 2),
        options: &[],
        run: get,
    },
    Function {
        name: "first",
        signature: "first list",
        doc: "the first item",
        arity: (1, 1),
        options: &[],
        run: |arguments| end(arguments, <[Node]>::first),
    },
    Function {
        name: "last",
        signature: "last list",
        doc: "the last item",
        arity: (1, 1),
        options: &[],
        run: |arguments| end(arguments, <[Node]>::last),
    },
    Function {
        name: "keys",
        signature: "keys map",
        doc: "the keys of a map as a list, in their order",
        arity: (1, 1),
        options: &[],
        run: keys,
    },
    Function {
        name: "values",
        signature: "values map",
        doc: "the values of a map as a list, in the order of its keys",
        arity: (1, 1),
        options: &[],
        run: values,
    },
];

fn len<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let held = arguments.value(0)?;
    let length = match &held.node().value {
        Value::Text(_) => arguments.string(0)?.chars().count(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        _ => return Err(arguments.unfit(0, "a string, a list or a map", held.node())),
    };
    Ok(Held::made(Node::new(i64::try_from(length).unwrap_or(i64::MAX))))
}

fn has<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let collection = arguments.value(0)?;
    let node = collection.node();
    let found = match &node.value {
        Value::List(items) => {
            let item = arguments.value(1)?;
            items.iter().any(|candidate| same(candidate, item.node()))
        }
        Value::Map(map) => map.contains_key(&arguments.string(1)?),
        Value::Text(_) => {
            let part = arguments.value(1)?;
            if matches!(part.node().value, Value::List(_) | Value::Map(_)) {
                return Err(arguments.unfit(0, "the collection", node));
            }
            arguments.string(0)?.contains(&arguments.string(1)?)
        }
        _ => return Err(arguments.unfit(0, "a list, a map or a string", node)),
    };
    Ok(truth(found))
}

fn get<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let collection = arguments.value(0)?;
    let key = arguments.string(1)?;
    if let Some(part) = collection.part(|node| step(node, &key)) {
        return Ok(part);
    }
    let error = match &collection.node().value {
        Value::Map(map) => {
            let error = arguments.error(1, format!("there is no key `{key}`"));
            match nearest(&key, map.keys().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            }
        }
        Value::List(items) => arguments.error(1, format!("there is no item `{key}` in a list of {}", items.len())),
        _ => return Err(arguments.unfit(0, "a map or a list", collection.node())),
    };
    Err(error.note_at("set here", collection.node().origin.from))
}

fn end<'v>(arguments: &Arguments<'_, 'v>, which: fn(&[Node]) -> Option<&Node>) -> Outcome<'v> {
    let list = arguments.list(0)?;
    list.part(|node| node.as_list().and_then(which))
        .ok_or_else(|| arguments.error(0, "the list is empty").note_at("set here", list.node().origin.from))
}

fn keys<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let held = arguments.map(0)?;
    let map = held.node().as_map().into_iter().flatten();
    let keys: Vec<Node> = map.map(|(key, node)| Node::with(key.as_str(), node.origin)).collect();
    arguments.made(0, keys)
}

fn values<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let held = arguments.map(0)?;
    let values: Vec<Node> = held.node().as_map().into_iter().flat_map(|map| map.values().cloned()).collect();
    arguments.made(0, values)
}
