//! Which fields a value has, how two values differ, how they merge, and what is left when fields are taken away
//! (`sigs.k8s.io/structured-merge-diff/typed`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::fields::{Fields, field_step};
use super::shape::{Form, Shape};

/// A difference of two values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Difference {
    /// Fields that only the old value has.
    pub(super) removed: Fields,
    /// Fields that only the new value has, and those with another value there.
    pub(super) written: Fields,
}

/// The fields that an applier of a value owns: scalars and wholes, items of keyed lists, keys of maps, and empty maps.
pub(super) fn fields_of(value: &Value, shape: Shape<'_>) -> Fields {
    if shape.form(value) == Form::Whole {
        return Fields::leaf();
    }
    let mut fields = Fields::default();
    for (step, inner, inner_shape) in children(value, shape) {
        let mut below = fields_of(inner, inner_shape);
        let named = step.strip_prefix("f:").is_some_and(|name| shape.names(name));
        below.own |= !named || inner.is_null() || inner.as_object().is_some_and(Map::is_empty);
        fields.put(step, below);
    }
    fields
}

/// Every path of a value: what a write owns of something that was not there before.
fn all_of(value: &Value, shape: Shape<'_>) -> Fields {
    let mut fields = Fields::leaf();
    for (step, inner, inner_shape) in children(value, shape) {
        fields.put(step, all_of(inner, inner_shape));
    }
    fields
}

/// The steps below a value with what they lead to; none for what is merged as a whole.
fn children<'v, 's>(value: &'v Value, shape: Shape<'s>) -> Vec<(String, &'v Value, Shape<'s>)> {
    match (shape.form(value), value) {
        (Form::Fields | Form::Keys, Value::Object(map)) => {
            map.iter().map(|(key, inner)| (field_step(key), inner, shape.field(key))).collect()
        }
        (Form::Set, Value::Array(items)) => items.iter().map(|item| (format!("v:{item}"), item, Shape::Free)).collect(),
        (Form::Items(keys), Value::Array(items)) => {
            items.iter().filter_map(|item| Some((shape.step(&keys, item).ok()?, item, shape.items()))).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether two values are merged step by step rather than as wholes.
fn is_merged(old: &Value, new: &Value, shape: Shape<'_>) -> bool {
    let form = shape.form(new);
    form != Form::Whole && form == shape.form(old) && !(is_empty(old) && is_empty(new))
}

/// Whether there is nothing in a list or a map.
fn is_empty(value: &Value) -> bool {
    value.as_array().is_none_or(Vec::is_empty) && value.as_object().is_none_or(Map::is_empty)
}

/// How a value differs from another.
pub(super) fn difference(old: &Value, new: &Value, shape: Shape<'_>) -> Difference {
    let mut difference = Difference::default();
    if new.is_null() && shape.form(old) != Form::Whole {
        // Emptied by `without`: what was in it is gone, the node itself is not.
        difference.removed = Fields { own: false, ..all_of(old, shape) };
        return difference;
    }
    if !is_merged(old, new, shape) {
        // A node that turns from one thing into another loses what was in it.
        if !is_equal(old, new) {
            difference.written = all_of(new, shape);
            difference.removed = all_of(old, shape).difference(&difference.written);
        }
        return difference;
    }
    let before: BTreeMap<_, _> = children(old, shape).into_iter().map(|(step, inner, _)| (step, inner)).collect();
    let mut after = BTreeSet::new();
    for (step, inner, inner_shape) in children(new, shape) {
        if let Some(before) = before.get(&step) {
            let below = self::difference(before, inner, inner_shape);
            difference.written.put(step.clone(), below.written);
            difference.removed.put(step.clone(), below.removed);
        } else {
            difference.written.put(step.clone(), all_of(inner, inner_shape));
        }
        after.insert(step);
    }
    for (step, inner, inner_shape) in children(old, shape) {
        if !after.contains(&step) {
            difference.removed.put(step, all_of(inner, inner_shape));
        }
    }
    difference
}

/// Whether two values mean the same: 1 and 1.0 do.
fn is_equal(one: &Value, other: &Value) -> bool {
    one == other || matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other)) if one.total_cmp(&other).is_eq())
}

/// The live value with what was applied over it.
pub(super) fn merge(live: &Value, applied: &Value, shape: Shape<'_>) -> Value {
    if applied.is_null() && shape.form(live) != Form::Whole && !is_empty(live) {
        // Nothing is said about what is in it.
        return live.clone();
    }
    if !is_merged(live, applied, shape) {
        return applied.clone();
    }
    match (live, applied) {
        (Value::Object(live), Value::Object(applied)) => {
            let mut merged = live.clone();
            for (key, value) in applied {
                let value = live.get(key).map_or_else(|| value.clone(), |live| merge(live, value, shape.field(key)));
                merged.insert(key.clone(), value);
            }
            Value::Object(merged)
        }
        _ => Value::Array(merge_items(&children(live, shape), &children(applied, shape), |live, applied, inner| {
            Some(live.map_or_else(|| applied.clone(), |live| merge(live, applied, inner)))
        })),
    }
}

/// Items in the order of the second list. One that only the live list has keeps its place between the items that
/// both have, as far as their orders agree. `join` makes one item of two, or none.
fn merge_items<'s>(
    live: &[(String, &Value, Shape<'s>)],
    applied: &[(String, &Value, Shape<'s>)],
    join: impl Fn(Option<&Value>, &Value, Shape<'s>) -> Option<Value>,
) -> Vec<Value> {
    let in_live: BTreeMap<&str, &Value> = live.iter().map(|(step, item, _)| (step.as_str(), *item)).collect();
    let in_applied: BTreeSet<&str> = applied.iter().map(|(step, ..)| step.as_str()).collect();
    let mut shared = applied.iter().map(|(step, ..)| step.as_str()).filter(|step| in_live.contains_key(step));
    let mut next_shared = shared.next();
    let (mut from_live, mut from_applied) = (live.iter().peekable(), applied.iter().peekable());
    let mut done = BTreeSet::new();
    let mut merged = Vec::with_capacity(live.len().max(applied.len()));
    loop {
        if let (Some((ours, ..)), Some((theirs, ..))) = (from_live.peek(), from_applied.peek())
            && ours != theirs
            && in_applied.contains(ours.as_str())
            && next_shared.is_some_and(|next| next != ours)
        {
            // Shared, but its turn is another time.
            from_live.next();
            continue;
        }
        if let Some((_, item, _)) = from_live.next_if(|(step, ..)| !in_applied.contains(step.as_str())) {
            merged.push((*item).clone());
            continue;
        }
        let Some((step, item, inner)) = from_applied.next() else { break };
        from_live.next_if(|(ours, ..)| ours == step || done.contains(ours.as_str()));
        merged.extend(join(in_live.get(step.as_str()).copied(), item, *inner));
        done.insert(step.as_str());
        if next_shared == Some(step.as_str()) {
            next_shared = shared.next();
        }
    }
    merged
}

/// The live value with a strategic merge patch over it: null takes a field away, keyed lists are merged by the first
/// of their keys (the `patchMergeKey` of the API's types). The directive `$patch: delete` takes an item away, others
/// are not known.
pub(super) fn patch(live: &Value, patch: &Value, shape: Shape<'_>) -> Value {
    match (live, patch) {
        (Value::Object(live), Value::Object(fields)) => {
            let mut patched = live.clone();
            for (key, value) in fields {
                if value.is_null() {
                    patched.shift_remove(key);
                } else {
                    let old = live.get(key).cloned().unwrap_or_default();
                    patched.insert(key.clone(), self::patch(&old, value, shape.field(key)));
                }
            }
            Value::Object(patched)
        }
        (_, Value::Object(_)) => self::patch(&Value::Object(Map::new()), patch, shape),
        (Value::Array(old), Value::Array(new)) => {
            let key = match shape.form(patch) {
                Form::Items(keys) => keys.into_iter().next(),
                Form::Set => None,
                _ => return patch.clone(),
            };
            let (old, new) = (by_key(old, key.as_deref(), shape), by_key(new, key.as_deref(), shape));
            Value::Array(merge_items(&old, &new, |old, new, inner| {
                let delete = new.get("$patch").and_then(Value::as_str) == Some("delete");
                (!delete).then(|| old.map_or_else(|| new.clone(), |old| self::patch(old, new, inner)))
            }))
        }
        _ => patch.clone(),
    }
}

/// Items with what tells them apart: one of their fields, or the whole item.
fn by_key<'v, 's>(items: &'v [Value], key: Option<&str>, shape: Shape<'s>) -> Vec<(String, &'v Value, Shape<'s>)> {
    let told = |item: &Value| key.map_or(Some(item), |key| item.get(key)).map(ToString::to_string).unwrap_or_default();
    items.iter().map(|item| (told(item), item, shape.items())).collect()
}

/// The value without some of its fields; null in place of what is empty now.
pub(super) fn without(value: &Value, gone: &Fields, shape: Shape<'_>) -> Value {
    if gone.is_empty() {
        return value.clone();
    }
    let mut left = Vec::new();
    for (step, inner, inner_shape) in children(value, shape) {
        match gone.below.get(&step) {
            Some(below) if below.own => {}
            Some(below) => left.push((step, without(inner, below, inner_shape))),
            None => left.push((step, inner.clone())),
        }
    }
    if left.is_empty() && value.as_array().is_none_or(|items| !items.is_empty()) {
        return Value::Null;
    }
    match value {
        Value::Object(_) => {
            let fields =
                left.into_iter().filter_map(|(step, inner)| Some((step.strip_prefix("f:")?.to_owned(), inner)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(_) => Value::Array(left.into_iter().map(|(_, inner)| inner).collect()),
        other => other.clone(),
    }
}

/// The set with every named field on the way to a member: such a field goes with the last thing in it.
pub(super) fn with_named(fields: &Fields, value: &Value, shape: Shape<'_>) -> Fields {
    let mut named = fields.clone();
    let inner: BTreeMap<_, _> =
        children(value, shape).into_iter().map(|(step, inner, shape)| (step, (inner, shape))).collect();
    for (step, below) in &mut named.below {
        let Some((inner, inner_shape)) = inner.get(step) else { continue };
        *below = with_named(below, inner, *inner_shape);
        below.own |= step.strip_prefix("f:").is_some_and(|name| shape.names(name));
    }
    named
}

/// The first thing that can't be told apart: an item without one of its keys, or two of the same keys.
pub(super) fn ambiguous(value: &Value, shape: Shape<'_>, path: &str) -> Option<String> {
    if let (Form::Items(keys), Value::Array(items)) = (shape.form(value), value) {
        let mut seen = Vec::new();
        for (position, item) in items.iter().enumerate() {
            match shape.step(&keys, item) {
                Err(key) => {
                    return Some(format!(
                        "{path}: element {position}: associative list with keys has an element that omits key field {key:?} (and doesn't have default value)"
                    ));
                }
                Ok(step) if seen.contains(&step) => {
                    let keys = Fields { own: false, below: BTreeMap::from([(step, Fields::leaf())]) };
                    return Some(format!("{path}: duplicate entries for key {}", keys.paths().concat()));
                }
                Ok(step) => seen.push(step),
            }
        }
    }
    children(value, shape).into_iter().find_map(|(step, inner, inner_shape)| {
        let here = Fields { own: false, below: BTreeMap::from([(step, Fields::leaf())]) }.paths().concat();
        ambiguous(inner, inner_shape, &format!("{path}{here}"))
    })
}
