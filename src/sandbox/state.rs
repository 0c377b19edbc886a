//! What the cluster holds. A write works on a copy (cheap: all that it does not touch is shared) and the copy takes
//! the state's place when everything that follows from the write has been done and stored, or is thrown away.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock::Clock;
use super::disks::Disks;
use super::index::Index;
use super::json;

/// Group and kind. Versions are only ways to look at an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Kind {
    pub(super) group: Cow<'static, str>,
    pub(super) kind: Cow<'static, str>,
}

impl Kind {
    pub(super) const fn new(group: &'static str, kind: &'static str) -> Self {
        Self { group: Cow::Borrowed(group), kind: Cow::Borrowed(kind) }
    }

    /// Reads `apiVersion` and `kind` of an object or of a reference to one.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let version = json::text(value, &["apiVersion"])?;
        let group = version.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
        Some(Self { group: group.into(), kind: json::text(value, &["kind"])?.to_owned().into() })
    }
}

/// The kinds that controllers know by name.
pub(super) mod kinds {
    use super::Kind;

    pub(in crate::sandbox) const AUTOSCALER: Kind = Kind::new("autoscaling", "HorizontalPodAutoscaler");
    pub(in crate::sandbox) const BUDGET: Kind = Kind::new("policy", "PodDisruptionBudget");
    pub(in crate::sandbox) const CLAIM: Kind = Kind::new("", "PersistentVolumeClaim");
    pub(in crate::sandbox) const CONFIG_MAP: Kind = Kind::new("", "ConfigMap");
    pub(in crate::sandbox) const DAEMON_SET: Kind = Kind::new("apps", "DaemonSet");
    pub(in crate::sandbox) const DEFINITION: Kind = Kind::new("apiextensions.k8s.io", "CustomResourceDefinition");
    pub(in crate::sandbox) const DEPLOYMENT: Kind = Kind::new("apps", "Deployment");
    pub(in crate::sandbox) const EVENT: Kind = Kind::new("", "Event");
    pub(in crate::sandbox) const JOB: Kind = Kind::new("batch", "Job");
    pub(in crate::sandbox) const NAMESPACE: Kind = Kind::new("", "Namespace");
    pub(in crate::sandbox) const NODE: Kind = Kind::new("", "Node");
    pub(in crate::sandbox) const POD: Kind = Kind::new("", "Pod");
    pub(in crate::sandbox) const QUOTA: Kind = Kind::new("", "ResourceQuota");
    pub(in crate::sandbox) const REPLICA_SET: Kind = Kind::new("apps", "ReplicaSet");
    pub(in crate::sandbox) const REVISION: Kind = Kind::new("apps", "ControllerRevision");
    pub(in crate::sandbox) const SECRET: Kind = Kind::new("", "Secret");
    pub(in crate::sandbox) const SERVICE: Kind = Kind::new("", "Service");
    pub(in crate::sandbox) const SERVICE_ACCOUNT: Kind = Kind::new("", "ServiceAccount");
    pub(in crate::sandbox) const SLICE: Kind = Kind::new("discovery.k8s.io", "EndpointSlice");
    pub(in crate::sandbox) const STATEFUL_SET: Kind = Kind::new("apps", "StatefulSet");
    pub(in crate::sandbox) const STORAGE_CLASS: Kind = Kind::new("storage.k8s.io", "StorageClass");
    pub(in crate::sandbox) const VOLUME: Kind = Kind::new("", "PersistentVolume");
}

/// Namespace (empty for cluster-scoped objects) and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name {
    pub(super) namespace: String,
    pub(super) name: String,
}

/// Which object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) kind: Kind,
    pub(super) at: Name,
}

impl Key {
    pub(super) fn new(kind: &Kind, namespace: &str, name: &str) -> Self {
        Self { kind: kind.clone(), at: Name { namespace: namespace.to_owned(), name: name.to_owned() } }
    }

    /// The key of an object as it stands.
    pub(super) fn of(object: &Value) -> Option<Self> {
        let namespace = json::text(object, &["metadata", "namespace"]).unwrap_or_default();
        Some(Self::new(&Kind::of(object)?, namespace, json::text(object, &["metadata", "name"])?))
    }
}

/// One write: an object before and after.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) revision: u64,
    pub(super) key: Key,
    pub(super) before: Option<Arc<Value>>,
    /// None when it was removed.
    pub(super) after: Option<Arc<Value>>,
}

/// Log lines of containers, by `namespace/pod/container`.
pub(super) type Logs = RedBlackTreeMapSync<String, Vec<String>>;

/// All objects of the cluster, and what its nodes and disks hold.
#[derive(Clone)]
pub(super) struct State {
    objects: BTreeMap<Kind, RedBlackTreeMapSync<Name, Arc<Value>>>,
    /// Ways to find them.
    pub(super) index: Index,
    /// Version of the newest write.
    pub(super) revision: u64,
    /// Time and identities.
    pub(super) clock: Clock,
    /// Data of volumes.
    pub(super) disks: Disks,
    /// What containers printed.
    logs: Logs,
    /// Whose lines changed since the copy was made.
    printed: BTreeSet<String>,
    /// Whether the writes are only tried: they get no versions then.
    pub(super) rehearsed: bool,
    /// Writes since the copy was made.
    changes: Vec<Change>,
}

impl State {
    /// No objects at all.
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            objects: BTreeMap::new(),
            index: Index::default(),
            revision: 0,
            clock,
            disks: Disks::default(),
            logs: Logs::default(),
            printed: BTreeSet::new(),
            rehearsed: false,
            changes: Vec::new(),
        }
    }

    /// An object.
    pub(super) fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.objects.get(&key.kind)?.get(&key.at)
    }

    /// All objects of a kind, by namespace and name.
    pub(super) fn of<'a>(
        &'a self,
        kind: &Kind,
    ) -> impl DoubleEndedIterator<Item = (&'a Name, &'a Arc<Value>)> + use<'a> {
        self.objects.get(kind).into_iter().flat_map(|objects| objects.iter())
    }

    /// The keys of all objects of a kind in a namespace whose names begin so.
    pub(super) fn beginning(&self, kind: &Kind, namespace: &str, prefix: &str) -> Vec<Key> {
        let first = Name { namespace: namespace.to_owned(), name: prefix.to_owned() };
        let found = self.objects.get(kind).into_iter().flat_map(|objects| objects.range(first.clone()..));
        found
            .take_while(|(at, _)| at.namespace == namespace && at.name.starts_with(prefix))
            .map(|(at, _)| Key { kind: kind.clone(), at: at.clone() })
            .collect()
    }

    /// All objects of a kind in a namespace, by name.
    pub(super) fn within<'a>(
        &'a self,
        kind: &Kind,
        namespace: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Value>> + use<'a> {
        let first = Name { namespace: namespace.to_owned(), name: String::new() };
        let found = self.objects.get(kind).into_iter().flat_map(move |objects| objects.range(first.clone()..));
        found.take_while(move |(at, _)| at.namespace == namespace).map(|(_, object)| object)
    }

    /// Everything there is.
    pub(super) fn everything(&self) -> impl Iterator<Item = (&Kind, &Name, &Arc<Value>)> {
        self.objects.iter().flat_map(|(kind, objects)| objects.iter().map(move |(at, object)| (kind, at, object)))
    }

    /// Stores an object under a new version; one that did not change keeps its version. Returns what is stored.
    pub(super) fn put(&mut self, key: &Key, mut object: Value) -> Arc<Value> {
        let before = self.get(key).cloned();
        if let Some(before) = &before {
            let version = json::text(before, &["metadata", "resourceVersion"]).unwrap_or_default();
            json::set(&mut object, &["metadata", "resourceVersion"], version);
            if **before == object {
                return Arc::clone(before);
            }
        }
        self.revision += 1;
        if !self.rehearsed {
            json::set(&mut object, &["metadata", "resourceVersion"], self.revision.to_string());
        } else if before.is_none() {
            json::remove(&mut object, &["metadata", "resourceVersion"]);
        }
        let after = Arc::new(object);
        self.index.note(key, before.as_deref(), Some(&after));
        self.objects.entry(key.kind.clone()).or_default().insert_mut(key.at.clone(), Arc::clone(&after));
        self.changes.push(Change {
            revision: self.revision,
            key: key.clone(),
            before,
            after: Some(Arc::clone(&after)),
        });
        after
    }

    /// Removes an object; returns it with the version of its removal.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let objects = self.objects.get_mut(&key.kind)?;
        let before = objects.get(&key.at).cloned()?;
        objects.remove_mut(&key.at);
        self.index.note(key, Some(&before), None);
        self.revision += 1;
        self.changes.push(Change {
            revision: self.revision,
            key: key.clone(),
            before: Some(Arc::clone(&before)),
            after: None,
        });
        Some(before)
    }

    /// All lines of all containers.
    pub(super) fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Sets the lines of a container; none of one that is gone.
    pub(super) fn print(&mut self, container: &str, lines: Option<Vec<String>>) {
        if self.logs.get(container) == lines.as_ref() {
            return;
        }
        self.printed.insert(container.to_owned());
        match lines {
            Some(lines) => self.logs.insert_mut(container.to_owned(), lines),
            None => drop(self.logs.remove_mut(container)),
        }
    }

    /// The containers whose lines changed since the changes were last taken.
    pub(super) fn printed(&self) -> impl Iterator<Item = &str> {
        self.printed.iter().map(String::as_str)
    }

    /// Takes an object away that another process took away.
    pub(super) fn forget(&mut self, key: &Key) {
        self.remove(key);
        self.changes.clear();
    }

    /// Puts an object that was stored before back as it was, version included.
    pub(super) fn restore(&mut self, key: &Key, object: Value) {
        let before = self.get(key).cloned();
        self.index.note(key, before.as_deref(), Some(&object));
        self.objects.entry(key.kind.clone()).or_default().insert_mut(key.at.clone(), Arc::new(object));
    }

    /// The writes that lead from this state to a newer one, as far as their results tell.
    pub(super) fn differences(&self, newer: &Self) -> Vec<Change> {
        let version = |object: &Value| -> u64 {
            json::text(object, &["metadata", "resourceVersion"]).and_then(|text| text.parse().ok()).unwrap_or_default()
        };
        let mut changes = Vec::new();
        for (kind, at, object) in newer.everything() {
            let key = Key { kind: kind.clone(), at: at.clone() };
            let before = self.get(&key).cloned();
            if before.as_ref().is_none_or(|before| version(before) != version(object)) {
                changes.push(Change { revision: version(object), key, before, after: Some(Arc::clone(object)) });
            }
        }
        for (kind, at, object) in self.everything() {
            let key = Key { kind: kind.clone(), at: at.clone() };
            if newer.get(&key).is_none() {
                let before = Some(Arc::clone(object));
                changes.push(Change { revision: newer.revision, key, before, after: None });
            }
        }
        changes.sort_by_key(|change| change.revision);
        changes
    }

    /// The writes since they were last taken.
    pub(super) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The writes since the last call.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        self.printed.clear();
        std::mem::take(&mut self.changes)
    }
}
