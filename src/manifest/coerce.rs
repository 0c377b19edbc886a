//! Brings a document into the form that the API server would read it in, before anything is checked or compared:
//! scalars get their spelling where a string is wanted, fields that are null go away.

use super::typed::Typed;
use crate::schema::Shape;
use crate::yaml::{Node, Text, Value};

/// Coerces a whole object. What the server says of an object of a known kind (`status`) is no wish, and it ignores it;
/// controllers' generators write it all the same.
pub(super) fn coerce_object(root: &mut Node, typed: Typed<'_>) {
    if let (Typed::Known(_), Some(map)) = (typed, root.as_map_mut()) {
        map.shift_remove("status");
    }
    coerce(root, typed);
}

/// Coerces a node and all below it.
///
/// Null is Go's way to say "not there" for a field; in a map with free keys and in lists it stays, to be refused.
fn coerce(node: &mut Node, typed: Typed<'_>) {
    if typed.wants_string()
        && let Some(spelling) = spelling(&node.value)
    {
        node.value = Value::Text(spelling);
        return;
    }
    match &mut node.value {
        Value::Map(map) => {
            if typed.shape() == Shape::Object {
                map.retain(|key, child| !child.is_null() || typed.field(key).is_none_or(keeps_null));
            }
            let values = typed.values();
            for (key, child) in map {
                if let Some(inner) = typed.field(key).or(values) {
                    coerce(child, inner);
                }
            }
        }
        Value::List(items) => {
            if let Some(inner) = typed.items() {
                for item in items {
                    coerce(item, inner);
                }
            }
        }
        _ => {}
    }
}

fn keeps_null(typed: Typed<'_>) -> bool {
    typed.is_nullable() || matches!(typed, Typed::Anything)
}

fn spelling(value: &Value) -> Option<Text> {
    match value {
        Value::Number(number) => Some(Text::from(number.as_str())),
        Value::Bool(value) => Some(Text::from(if *value { "true" } else { "false" })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use crate::yaml::Spelled;

    #[test]
    fn scalars_keep_their_spelling_where_a_string_is_wanted() {
        let mut config = Node::map();
        config.set(&["data"], "tag", Spelled::float("1.10", 1.1));
        config.set(&["data"], "flag", true);
        config.set(&["data"], "big", Spelled::signed("9007199254740993", 9_007_199_254_740_993));
        config.set(&[], "immutable", false);
        config.set(&["metadata"], "creationTimestamp", Value::Null);
        config.set(&[], "status", Node::map().value);
        coerce_object(&mut config, schema::kind("", "v1", "ConfigMap").map_or(Typed::Anything, Typed::Known));
        assert_eq!(
            config.to_json(),
            serde_json::json!({"data": {"tag": "1.10", "flag": "true", "big": "9007199254740993"},
                "immutable": false, "metadata": {}})
        );
    }

    #[test]
    fn a_custom_resource_keeps_what_nobody_described_but_its_labels_are_strings() {
        let mut widget = Node::map();
        widget.set(&["metadata", "labels"], "version", Spelled::float("1.10", 1.1));
        widget.set(&["spec"], "size", Spelled::float("1.10", 1.1));
        widget.set(&["spec"], "unset", Value::Null);
        coerce_object(&mut widget, Typed::Stranger);
        assert_eq!(
            widget.to_json(),
            serde_json::json!({"metadata": {"labels": {"version": "1.10"}}, "spec": {"size": 1.1, "unset": null}})
        );
    }
}
