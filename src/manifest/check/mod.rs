//! The offline checks of one object: what the API server would refuse, said before anything is sent.
//!
//! Types come from [`Typed`]; rules that no schema holds are files of their own. Checks never change an object.

mod fields;
mod lists;
mod pods;
mod ports;
mod scalar;
mod selector;
mod strings;

use super::spot::{Findings, Spot};
use super::typed::Typed;
use crate::schema::Shape;
use crate::yaml::{Node, Value};

/// Checks a whole object.
pub(super) fn check(root: &Node, typed: Typed<'_>, found: &mut Findings) {
    let spot = Spot::root(root, typed);
    let mut misplaced = Vec::new();
    walk(&spot, &mut misplaced, found);
    selector::check(&spot, found);
}

/// A field that stands in the wrong place: where it belongs is not missing, too.
type Misplaced = Vec<String>;

fn walk(spot: &Spot<'_>, misplaced: &mut Misplaced, found: &mut Findings) {
    let Spot { node, typed, .. } = *spot;
    if node.is_null() && typed.is_nullable() {
        return;
    }
    match (typed.shape(), &node.value) {
        (Shape::Any, _) => {}
        (Shape::Object, Value::Map(map)) => {
            fields::unknown(spot, map, misplaced, found);
            fields::missing(spot, map, misplaced, found);
            for (key, child) in map {
                if let Some(inner) = typed.field(key).or_else(|| typed.values()) {
                    walk(&spot.key(key, child, inner), misplaced, found);
                }
            }
            pods::check(spot, found);
        }
        (Shape::Map, Value::Map(map)) => {
            if let Some(inner) = typed.values() {
                map.iter().for_each(|(key, child)| walk(&spot.key(key, child, inner), misplaced, found));
            }
            strings::check_keys(spot, map, found);
        }
        (Shape::List, Value::List(items)) => {
            if let Some(inner) = typed.items() {
                let items = items.iter().enumerate();
                items.for_each(|(index, item)| walk(&spot.index(index, item, inner), misplaced, found));
            }
            lists::check(spot, items, found);
        }
        _ => scalar::check(spot, found),
    }
}
