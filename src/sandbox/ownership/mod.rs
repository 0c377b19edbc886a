//! Who owns which field, and server-side apply on top of it.
//!
//! The rules are those of `sigs.k8s.io/structured-merge-diff/merge`: an apply owns what it mentions, a field that an
//! applier alone owned and no longer mentions goes away, a value of another manager is a conflict unless forced;
//! any other write takes what it changes.

mod entries;
mod fields;
mod shape;
mod tree;

use serde_json::Value;

use super::json;
use entries::{Entry, FieldManager};
use fields::Fields;
pub(super) use shape::Shape;
use tree::{Difference, ambiguous, difference, fields_of, merge, with_named, without};

/// Who writes, and how.
#[derive(Clone, Debug)]
pub(super) struct Writer<'a> {
    /// `fieldManager`.
    pub(super) manager: &'a str,
    /// `status`, `scale`, or nothing.
    pub(super) subresource: &'a str,
    /// The version of the request: `apps/v1`.
    pub(super) version: &'a str,
    /// Now.
    pub(super) time: &'a str,
}

/// Why an apply is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refused {
    /// Fields of others: field, words for the manager.
    Conflicts(Vec<(String, String)>),
    /// What was applied can't be merged.
    Unreadable(String),
}

/// Fields that nobody owns (`stripmeta.go`).
const NOBODYS: &[&[&str]] = &[
    &["f:apiVersion"],
    &["f:kind"],
    &["f:metadata"],
    &["f:metadata", "f:name"],
    &["f:metadata", "f:namespace"],
    &["f:metadata", "f:creationTimestamp"],
    &["f:metadata", "f:selfLink"],
    &["f:metadata", "f:uid"],
    &["f:metadata", "f:generation"],
    &["f:metadata", "f:managedFields"],
    &["f:metadata", "f:resourceVersion"],
];

/// Applies a configuration over the live object (null when there is none): the object with its new owners.
pub(super) fn apply(
    live: &Value,
    applied: &Value,
    shape: Shape<'_>,
    writer: &Writer<'_>,
    force: bool,
) -> Result<Value, Refused> {
    if let Some(why) = ambiguous(applied, shape, "") {
        return Err(Refused::Unreadable(why));
    }
    let mut others = entries::read(live);
    let who = writer.who("Apply");
    let before = others.iter().position(|entry| entry.who == who).map(|at| others.remove(at));
    let mut own = fields_of(applied, shape);
    strip(&mut own);

    let merged = merge(live, applied, shape);
    let pruned = prune(&merged, before.as_ref().map(|entry| &entry.fields), &own, &others, shape);
    let Difference { written, removed } = difference(live, &pruned, shape);
    let contested: Vec<Fields> = others.iter().map(|other| other.fields.intersection(&written)).collect();
    if !force && contested.iter().any(|fields| !fields.is_empty()) {
        return Err(Refused::Conflicts(conflicts(&others, &contested)));
    }
    for (other, lost) in others.iter_mut().zip(&contested) {
        other.fields = other.fields.difference(lost).difference(&removed);
    }
    let mut pruned = without_nulls(&pruned);
    let same = before.as_ref().filter(|entry| entry.fields == own && entry.version == writer.version);
    let changed = same.is_none() || pruned != *live;
    let time = same.filter(|_| !changed).map_or_else(|| writer.time.to_owned(), |entry| entry.time.clone());
    others.push(Entry { who, version: writer.version.to_owned(), time, fields: own });
    entries::write(&mut pruned, others);
    Ok(pruned)
}

/// Notes that somebody wrote an object in any other way: what changed is the writer's now. Owners that the writer
/// itself gave in the object count; an empty list of one empty entry forgets all of them.
pub(super) fn update(live: &Value, new: &mut Value, shape: Shape<'_>, writer: &Writer<'_>) {
    let given = json::list(new, &["metadata", "managedFields"]);
    let reset = matches!(given, [only] if only.as_object().is_some_and(serde_json::Map::is_empty));
    let given_entries = entries::read(new);
    let mut all = if reset {
        Vec::new()
    } else if given_entries.is_empty() || !writer.subresource.is_empty() {
        entries::read(live)
    } else {
        given_entries
    };
    let mut change = difference(live, new, shape);
    strip(&mut change.written);
    let who = writer.who("Update");
    let mine = all.iter().position(|entry| entry.who == who && entry.version == writer.version);
    let mine = mine.map(|at| all.remove(at));
    for other in &mut all {
        other.fields = other.fields.difference(&change.written).difference(&change.removed);
    }
    let before = mine.as_ref().map(|entry| entry.fields.clone()).unwrap_or_default();
    let own = before.union(&change.written).difference(&change.removed);
    let time = mine.filter(|entry| entry.fields == own && change.written.is_empty()).map(|entry| entry.time);
    let time = time.unwrap_or_else(|| writer.time.to_owned());
    all.push(Entry { who, version: writer.version.to_owned(), time, fields: own });
    entries::write(new, all);
}

/// A strategic merge patch: like a JSON merge patch, but keyed lists are merged by their keys.
pub(super) fn strategic_merge(live: &Value, patch: &Value, shape: Shape<'_>) -> Value {
    tree::patch(live, patch, shape)
}

impl Writer<'_> {
    fn who(&self, operation: &str) -> FieldManager {
        FieldManager {
            operation: operation.to_owned(),
            name: self.manager.to_owned(),
            subresource: self.subresource.to_owned(),
        }
    }
}

/// Takes away what the applier mentioned before and nobody owns any more.
fn prune(merged: &Value, before: Option<&Fields>, own: &Fields, others: &[Entry], shape: Shape<'_>) -> Value {
    let Some(before) = before else { return merged.clone() };
    let owned = others.iter().fold(own.clone(), |owned, other| owned.union(&other.fields));
    let mut gone = with_named(before, merged, shape).difference(&with_named(&owned, merged, shape));
    strip(&mut gone);
    without(merged, &gone, shape)
}

fn conflicts(others: &[Entry], contested: &[Fields]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = others
        .iter()
        .zip(contested)
        .flat_map(|(other, fields)| {
            let words = other.who.words(&other.version);
            fields.paths().into_iter().map(move |path| (path, words.clone()))
        })
        .collect();
    found.sort_by(|(_, who), (_, other)| who.cmp(other));
    found
}

fn strip(fields: &mut Fields) {
    fields.own = false;
    for path in NOBODYS {
        fields.forget(path);
    }
}

/// Nothing is stored of a field that is null.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, inner)| !inner.is_null())
            .map(|(key, inner)| (key.clone(), without_nulls(inner)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
