//! Which fields a value has, how two values differ, how they merge, and what is left when fields are taken away
//! (`sigs.k8s.io/structured-merge-diff/typed`).

use std::collections::BTreeMap;

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

/// The fields of a value. An item of a keyed list counts, as do its keys; a map counts only when it is empty.
pub(super) fn fields_of(value: &Value, shape: Shape<'_>) -> Fields {
    let mut fields = Fields::default();
    for (step, inner, inner_shape) in children(value, shape) {
        let mut below = fields_of(inner, inner_shape);
        below.own |= !step.starts_with("f:");
        fields.put(step, below);
    }
    if fields.below.is_empty() {
        fields.own = true;
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
    form != Form::Whole && form == shape.form(old)
}

/// How a value differs from another.
pub(super) fn difference(old: &Value, new: &Value, shape: Shape<'_>) -> Difference {
    if !is_merged(old, new, shape) {
        let same = old == new;
        let written = if same { Fields::default() } else { fields_of(new, shape) };
        let removed = if same { Fields::default() } else { fields_of(old, shape).difference(&written) };
        return Difference { removed, written };
    }
    let mut difference = Difference::default();
    let old_steps: BTreeMap<_, _> = children(old, shape).into_iter().map(|(step, inner, _)| (step, inner)).collect();
    let new_steps = children(new, shape);
    for (step, inner, inner_shape) in &new_steps {
        let item = !step.starts_with("f:");
        if let Some(before) = old_steps.get(step) {
            let below = self::difference(before, inner, *inner_shape);
            difference.written.put(step.clone(), below.written);
            difference.removed.put(step.clone(), below.removed);
        } else {
            let mut below = fields_of(inner, *inner_shape);
            below.own |= item;
            difference.written.put(step.clone(), below);
        }
    }
    for (step, inner, inner_shape) in children(old, shape) {
        if new_steps.iter().all(|(known, ..)| *known != step) {
            let mut below = fields_of(inner, inner_shape);
            below.own |= !step.starts_with("f:");
            difference.removed.put(step, below);
        }
    }
    difference
}

/// The live value with what was applied over it. Live items of keyed lists and sets keep their place.
pub(super) fn merge(live: &Value, applied: &Value, shape: Shape<'_>) -> Value {
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
        _ => merge_items(live, applied, shape),
    }
}

/// Applied items in their order; a live item that is not among them stays before the next one that is.
fn merge_items(live: &Value, applied: &Value, shape: Shape<'_>) -> Value {
    let (live, applied) = (children(live, shape), children(applied, shape));
    let mut rest = live.iter().peekable();
    let mut merged: Vec<Value> = Vec::new();
    let is_applied = |step: &String| applied.iter().any(|(known, ..)| known == step);
    for (step, item, inner) in &applied {
        while let Some((_, kept, _)) = rest.next_if(|(step, ..)| !is_applied(step)) {
            merged.push((*kept).clone());
        }
        let _ = rest.next_if(|(step, ..)| is_applied(step));
        let before = live.iter().find(|(known, ..)| known == step);
        merged.push(before.map_or_else(|| (*item).clone(), |(_, before, _)| merge(before, item, *inner)));
    }
    merged.extend(rest.filter(|(step, ..)| !is_applied(step)).map(|(_, kept, _)| (*kept).clone()));
    Value::Array(merged)
}

/// The live value with a patch over it in which null takes a field away. Keyed lists are merged; the directive
/// `$patch: delete` takes an item away, other directives are not known.
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
        (Value::Array(_), Value::Array(_)) if matches!(shape.form(patch), Form::Items(_) | Form::Set) => {
            let mut items: Vec<(String, Value)> =
                children(live, shape).into_iter().map(|(step, item, _)| (step, item.clone())).collect();
            for (step, item, inner) in children(patch, shape) {
                let at = items.iter().position(|(known, _)| *known == step);
                let delete = item.get("$patch").and_then(Value::as_str) == Some("delete");
                match at {
                    Some(at) if delete => drop(items.remove(at)),
                    Some(at) => items[at].1 = self::patch(&items[at].1, item, inner),
                    None if delete => {}
                    None => items.push((step, item.clone())),
                }
            }
            Value::Array(items.into_iter().map(|(_, item)| item).collect())
        }
        _ => patch.clone(),
    }
}

/// The value without some of its fields; none when nothing is left of it.
pub(super) fn without(value: &Value, gone: &Fields, shape: Shape<'_>) -> Option<Value> {
    if gone.is_empty() {
        return Some(value.clone());
    }
    let mut left = Vec::new();
    for (step, inner, inner_shape) in children(value, shape) {
        match gone.below.get(&step) {
            Some(below) if below.own => {}
            Some(below) => left.extend(without(inner, below, inner_shape).map(|inner| (step, inner))),
            None => left.push((step, inner.clone())),
        }
    }
    if left.is_empty() && value.as_array().is_none_or(|items| !items.is_empty()) {
        return None;
    }
    Some(match value {
        Value::Object(_) => {
            let fields =
                left.into_iter().filter_map(|(step, inner)| Some((step.strip_prefix("f:")?.to_owned(), inner)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(_) => Value::Array(left.into_iter().map(|(_, inner)| inner).collect()),
        other => other.clone(),
    })
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
