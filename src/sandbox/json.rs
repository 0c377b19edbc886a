//! Fields of JSON objects by path. Nothing here panics on a value of another type: what is not there is `None`, and
//! `set` puts maps where there are none.

use serde_json::{Map, Value};

/// The value at a path of keys.
pub(super) fn get<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// The text at a path; none for other types.
pub(super) fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    get(value, path)?.as_str()
}

/// The whole number at a path; none for other types.
pub(super) fn number(value: &Value, path: &[&str]) -> Option<i64> {
    get(value, path)?.as_i64()
}

/// The list at a path; empty when there is none.
pub(super) fn list<'a>(value: &'a Value, path: &[&str]) -> &'a [Value] {
    get(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Key and text of every text in the map at a path: labels, annotations, selectors.
pub(super) fn texts<'a>(value: &'a Value, path: &[&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    let map = get(value, path).and_then(Value::as_object);
    map.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
}

/// Puts a value at a path, making the maps on the way.
pub(super) fn set(value: &mut Value, path: &[&str], new: impl Into<Value>) {
    let Some((last, parents)) = path.split_last() else { return };
    map_at(value, parents).insert((*last).to_owned(), new.into());
}

/// Puts a value at a path unless there is one already.
pub(super) fn set_default(value: &mut Value, path: &[&str], new: impl Into<Value>) {
    if get(value, path).is_none_or(Value::is_null) {
        set(value, path, new);
    }
}

/// Takes the value at a path away.
pub(super) fn remove(value: &mut Value, path: &[&str]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let parent = parents.iter().try_fold(value, |value, key| value.get_mut(key))?;
    parent.as_object_mut()?.shift_remove(*last)
}

/// The map at a path; made, in place of anything else, where there is none.
pub(super) fn map_at<'a>(value: &'a mut Value, path: &[&str]) -> &'a mut Map<String, Value> {
    let mut value = as_map(value);
    for key in path {
        value = as_map(value.entry(*key).or_insert(Value::Null));
    }
    value
}

/// The list at a path; made, in place of anything else, where there is none.
pub(super) fn list_at<'a>(value: &'a mut Value, path: &[&str]) -> &'a mut Vec<Value> {
    match path.split_last() {
        Some((last, parents)) => as_list(map_at(value, parents).entry(*last).or_insert(Value::Null)),
        None => as_list(value),
    }
}

fn as_list(value: &mut Value) -> &mut Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => {
            *other = Value::Array(Vec::new());
            as_list(other)
        }
    }
}

fn as_map(value: &mut Value) -> &mut Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => {
            *other = Value::Object(Map::new());
            as_map(other)
        }
    }
}
