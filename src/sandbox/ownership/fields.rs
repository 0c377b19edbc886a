//! Sets of field paths in the form of `FieldsV1` (`sigs.k8s.io/structured-merge-diff/fieldpath`).
//!
//! A step is kept as it is written there: `f:image` (a field), `k:{"name":"c"}` (an item of a keyed list),
//! `v:"x"` (a member of a set).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A set of paths, as a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sandbox) struct Fields {
    /// Whether the path that leads here is in the set.
    pub(super) own: bool,
    /// What lies below, by step.
    pub(super) below: BTreeMap<String, Fields>,
}

impl Fields {
    /// The set of nothing but the path that leads here.
    pub(super) fn leaf() -> Self {
        Self { own: true, below: BTreeMap::new() }
    }

    /// Whether there is no path in it.
    pub(in crate::sandbox) fn is_empty(&self) -> bool {
        !self.own && self.below.values().all(Self::is_empty)
    }

    /// Puts what lies below a step there.
    pub(super) fn put(&mut self, step: String, fields: Self) {
        if fields.is_empty() {
            return;
        }
        match self.below.entry(step) {
            Entry::Vacant(slot) => drop(slot.insert(fields)),
            Entry::Occupied(mut slot) => slot.get_mut().absorb(&fields),
        }
    }

    /// Paths in either.
    #[must_use]
    pub(super) fn union(mut self, other: &Self) -> Self {
        self.absorb(other);
        self
    }

    fn absorb(&mut self, other: &Self) {
        self.own |= other.own;
        for (step, fields) in &other.below {
            match self.below.get_mut(step) {
                Some(known) => known.absorb(fields),
                None => drop(self.below.insert(step.clone(), fields.clone())),
            }
        }
    }

    /// Paths in both.
    #[must_use]
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut both = Self { own: self.own && other.own, below: BTreeMap::new() };
        for (step, fields) in &self.below {
            if let Some(others) = other.below.get(step) {
                both.put(step.clone(), fields.intersection(others));
            }
        }
        both
    }

    /// Paths in this one only.
    #[must_use]
    pub(super) fn difference(&self, other: &Self) -> Self {
        let mut rest = Self { own: self.own && !other.own, below: BTreeMap::new() };
        for (step, fields) in &self.below {
            let left = other.below.get(step).map_or_else(|| fields.clone(), |others| fields.difference(others));
            rest.put(step.clone(), left);
        }
        rest
    }

    /// Takes one path, given by its steps, out of the set; what lies below it stays.
    pub(super) fn forget(&mut self, path: &[&str]) {
        match path.split_first() {
            None => self.own = false,
            Some((step, rest)) => {
                if let Some(inner) = self.below.get_mut(*step) {
                    inner.forget(rest);
                    if inner.is_empty() {
                        self.below.remove(*step);
                    }
                }
            }
        }
    }

    /// All paths as people read them: `.spec.template.spec.containers[name="c"].image`.
    pub(in crate::sandbox) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect("", &mut paths);
        paths
    }

    /// As the API server lists them: at each level first the members, then what lies below them.
    fn collect(&self, path: &str, paths: &mut Vec<String>) {
        let below = || self.below.iter().map(|(step, fields)| (format!("{path}{}", readable(step)), fields));
        paths.extend(below().filter(|(_, fields)| fields.own).map(|(path, _)| path));
        for (path, fields) in below() {
            fields.collect(&path, paths);
        }
    }

    /// As `fieldsV1`.
    pub(super) fn to_json(&self) -> Value {
        let mut map = Map::new();
        if self.own && !self.below.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (step, fields) in &self.below {
            map.insert(step.clone(), fields.to_json());
        }
        Value::Object(map)
    }

    /// Reads `fieldsV1`; none if it is not one.
    pub(super) fn from_json(value: &Value) -> Option<Self> {
        let mut root = Self::inner(value)?;
        root.own = value.get(".").is_some();
        Some(root)
    }

    fn inner(value: &Value) -> Option<Self> {
        let map = value.as_object()?;
        let mut fields = Self { own: map.is_empty() || map.contains_key("."), below: BTreeMap::new() };
        for (step, below) in map.iter().filter(|(step, _)| *step != ".") {
            let step = canonical(step)?;
            fields.below.insert(step, Self::inner(below)?);
        }
        Some(fields)
    }
}

/// A step in one spelling: keys in order, JSON without blanks.
fn canonical(step: &str) -> Option<String> {
    match step.split_at_checked(2)? {
        ("f:" | "i:", _) => Some(step.to_owned()),
        ("k:", keys) => {
            let keys: BTreeMap<String, Value> = serde_json::from_str(keys).ok()?;
            Some(item_step(&keys))
        }
        ("v:", value) => Some(format!("v:{}", serde_json::from_str::<Value>(value).ok()?)),
        _ => None,
    }
}

/// The step to an item of a keyed list.
pub(super) fn item_step(keys: &BTreeMap<String, Value>) -> String {
    let map: Map<String, Value> = keys.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    format!("k:{}", Value::Object(map))
}

/// The step to a field.
pub(super) fn field_step(name: &str) -> String {
    format!("f:{name}")
}

fn readable(step: &str) -> String {
    match step.split_at_checked(2) {
        Some(("f:", name)) => format!(".{name}"),
        Some(("k:", keys)) => {
            let keys: BTreeMap<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let mut text = String::from("[");
            for (position, (key, value)) in keys.iter().enumerate() {
                let comma = if position == 0 { "" } else { "," };
                // Writing into a String can't fail.
                let _ = write!(text, "{comma}{key}={value}");
            }
            text + "]"
        }
        Some(("v:", value)) => format!("[={value}]"),
        Some((_, index)) => format!("[{index}]"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Fields {
        Fields::from_json(value).unwrap()
    }

    #[test]
    fn fields_are_written_as_they_were_read_and_named_as_the_api_server_does() {
        let text = json!({"f:spec": {"f:ports": {
            "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:name": {}}}},
            "f:metadata": {"f:finalizers": {"v:\"a/b\"": {}}}});
        let fields = read(&text);
        assert_eq!(fields.to_json(), text);
        assert_eq!(
            fields.paths(),
            [
                ".metadata.finalizers[=\"a/b\"]",
                ".spec.ports[containerPort=80,protocol=\"TCP\"]",
                ".spec.ports[containerPort=80,protocol=\"TCP\"].name",
            ]
        );
    }

    #[test]
    fn paths_are_united_and_taken_apart() {
        let one = read(&json!({"f:a": {"f:b": {}, "f:c": {}}}));
        let two = read(&json!({"f:a": {"f:c": {}, "f:d": {}}}));
        assert_eq!(one.intersection(&two).paths(), [".a.c"]);
        assert_eq!(one.difference(&two).paths(), [".a.b"]);
        assert_eq!(one.clone().union(&two).paths(), [".a.b", ".a.c", ".a.d"]);
        assert!(one.difference(&one).is_empty());
    }
}
