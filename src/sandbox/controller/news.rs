//! The writes that a controller has not looked at yet, and whom they concern.

use std::collections::BTreeSet;

use serde_json::Value;

use super::owned::{controller_of, selects};
use crate::sandbox::json;
use crate::sandbox::state::{Change, Key, Kind, State, kinds};

/// Writes, oldest first.
pub(super) struct News(Vec<Change>);

impl News {
    /// Some of the last writes.
    pub(super) fn of<'a>(changes: impl Iterator<Item = &'a Change>) -> Self {
        Self(changes.cloned().collect())
    }

    /// Whether nothing happened.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All writes.
    pub(super) fn changes(&self) -> impl Iterator<Item = &Change> {
        self.0.iter()
    }

    /// The namespaces in which something happened; an empty one for objects that have none.
    pub(super) fn namespaces(&self) -> BTreeSet<&str> {
        self.0.iter().map(|change| change.key.at.namespace.as_str()).collect()
    }

    /// The workloads of a kind that the writes concern: they were written themselves, or what they own was, or what
    /// they select and nobody owns; or what all Pods of their namespace depend on.
    pub(super) fn workloads(&self, state: &State, kind: &Kind) -> BTreeSet<Key> {
        let mut found = BTreeSet::new();
        for change in &self.0 {
            let key = &change.key;
            let namespace = key.at.namespace.as_str();
            if key.kind == *kind {
                found.insert(key.clone());
            }
            for object in [&change.before, &change.after].into_iter().flatten() {
                found.extend(owners(object, kind).map(|name| Key::new(kind, namespace, name)));
            }
            let of_all = key.kind == kinds::SERVICE_ACCOUNT || key.kind == kinds::QUOTA;
            let free = change.after.as_deref().filter(|object| key.kind != *kind && controller_of(object).is_none());
            if of_all || free.is_some() {
                let concerned = state.within(kind, namespace).filter(|workload| {
                    of_all || free.is_some_and(|object| selects(json::get(workload, &["spec", "selector"]), object))
                });
                found.extend(concerned.filter_map(|workload| Key::of(workload)));
            }
        }
        found
    }
}

/// The names of an object's owners of a kind.
fn owners<'a>(object: &'a Value, kind: &'a Kind) -> impl Iterator<Item = &'a str> {
    json::list(object, &["metadata", "ownerReferences"])
        .iter()
        .filter(|owner| json::text(owner, &["kind"]) == Some(&kind.kind))
        .filter_map(|owner| json::text(owner, &["name"]))
}
