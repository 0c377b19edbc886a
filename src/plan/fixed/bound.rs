//! Which of the fields that differ the API server would not change.

use crate::object::{FieldPath, Object, Segment};
use crate::plan::FieldDiff;
use crate::schema::{self, Since};
use crate::yaml::Node;

/// Those of the fields that can't be changed.
pub(in crate::plan) fn bound<'f>(object: &Object, live: &Node, fields: &'f [FieldDiff]) -> Vec<&'f FieldDiff> {
    let rules = schema::immutable(&object.id.group, &object.id.kind);
    let of_another_type =
        object.id.is("", "Service") && fields.iter().any(|field| field.path == FieldPath::keys(&["spec", "type"]));
    if rules.is_empty() || of_another_type {
        return Vec::new(); // another type of a Service lifts what binds its addresses
    }
    let is_bound = |field: &&FieldDiff| {
        let names = names(&field.path);
        rules.iter().any(|rule| {
            rule.covers(&names)
                && match rule.since {
                    Since::Creation => !is_filled_in(object, &names, field),
                    // What is left out keeps its value.
                    Since::Set => field.wanted.is_some() && live.at(rule.path).is_some_and(|node| !node.is_null()),
                    Since::Marked => live.at(&["immutable"]).and_then(Node::as_bool) == Some(true),
                }
        })
    };
    fields.iter().filter(is_bound).collect()
}

/// Whether a field that is no longer wanted has the value that it gets anyway.
fn is_filled_in(object: &Object, names: &[&str], field: &FieldDiff) -> bool {
    let default = schema::filled_in(&object.id.group, &object.id.kind, names);
    field.wanted.is_none()
        && default.is_some()
        && field.live.as_ref().map(|live| live.to_json().to_string()) == default.map(str::to_owned)
}

/// The names of fields from the root, up to the first list.
fn names<'a>(path: &'a FieldPath) -> Vec<&'a str> {
    let key = |segment: &'a Segment| match segment {
        Segment::Key(key) => Some(key.as_str()),
        _ => None,
    };
    path.0.iter().map_while(key).collect()
}
