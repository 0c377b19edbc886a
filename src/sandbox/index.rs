//! What is looked up again and again: objects by uid, what an owner owns, who has no owner, addresses that are given
//! out. Kept by each write, so that none of them has to look at all objects.

use std::collections::BTreeSet;

use rpds::{RedBlackTreeMapSync as Map, RedBlackTreeSetSync as Set};
use serde_json::Value;

use super::json;
use super::state::{Key, Kind, kinds};

/// Copies share all that did not change.
#[derive(Clone, Default)]
pub(super) struct Index {
    by_uid: Map<String, Key>,
    /// By the owner's uid, or by what [`free`] says.
    owned: Map<String, Set<Key>>,
    addresses: Set<String>,
}

/// Under which name the objects of a kind that nobody controls are listed.
fn free(kind: &Kind, namespace: &str) -> String {
    format!("{namespace}/{}", kind.kind)
}

/// Under which names an object is listed: its owners' uids; none of them controls it, its place.
fn lists(key: &Key, object: &Value) -> BTreeSet<String> {
    let references = json::list(object, &["metadata", "ownerReferences"]);
    let mut lists: BTreeSet<_> =
        references.iter().filter_map(|owner| Some(json::text(owner, &["uid"])?.to_owned())).collect();
    let controlled = references.iter().any(|owner| owner.get("controller") == Some(&Value::Bool(true)));
    if !controlled && (key.kind == kinds::POD || key.kind == kinds::REPLICA_SET) {
        lists.insert(free(&key.kind, &key.at.namespace));
    }
    lists
}

impl Index {
    /// An object is written, or removed (`after` is none).
    pub(super) fn note(&mut self, key: &Key, before: Option<&Value>, after: Option<&Value>) {
        let uid = |object: &Value| json::text(object, &["metadata", "uid"]).map(str::to_owned);
        let (old, new) = (before.and_then(uid), after.and_then(uid));
        if old != new {
            if let Some(old) = old {
                self.by_uid.remove_mut(&old);
            }
            if let Some(new) = new {
                self.by_uid.insert_mut(new, key.clone());
            }
        }
        let (old, new) = (
            before.map(|object| lists(key, object)).unwrap_or_default(),
            after.map(|object| lists(key, object)).unwrap_or_default(),
        );
        for list in old.difference(&new) {
            let Some(mut left) = self.owned.get(list).cloned() else { continue };
            left.remove_mut(key);
            if left.is_empty() {
                self.owned.remove_mut(list);
            } else {
                self.owned.insert_mut(list.clone(), left);
            }
        }
        for list in new.difference(&old) {
            let mut more = self.owned.get(list).cloned().unwrap_or_default();
            more.insert_mut(key.clone());
            self.owned.insert_mut(list.clone(), more);
        }
        if key.kind == kinds::SERVICE {
            let address = |object: Option<&Value>| {
                object.and_then(|object| json::text(object, &["spec", "clusterIP"])).map(str::to_owned)
            };
            let (old, new) = (address(before), address(after));
            if old != new {
                if let Some(old) = old {
                    self.addresses.remove_mut(&old);
                }
                if let Some(new) = new {
                    self.addresses.insert_mut(new);
                }
            }
        }
    }

    /// The object with a uid.
    pub(super) fn by_uid(&self, uid: &str) -> Option<&Key> {
        self.by_uid.get(uid)
    }

    /// What names an owner, in order.
    pub(super) fn owned(&self, uid: &str) -> impl Iterator<Item = &Key> {
        self.owned.get(uid).into_iter().flat_map(Set::iter)
    }

    /// Pods or sets of Pods of a namespace that nobody controls, in order.
    pub(super) fn free(&self, kind: &Kind, namespace: &str) -> impl Iterator<Item = &Key> {
        self.owned.get(&free(kind, namespace)).into_iter().flat_map(Set::iter)
    }

    /// An address of 10.96.0.0/16 that no Service has; the search begins where it would be if none was ever given back.
    pub(super) fn free_address(&self) -> String {
        // .0 and .255 of each part are no hosts, 10.96.0.1 is the API server's.
        const ALL: usize = 256 * 254;
        (0..ALL)
            .map(|step| (self.addresses.size() + 1 + step) % ALL)
            .filter(|number| *number != 0)
            .map(|number| format!("10.96.{}.{}", number / 254, number % 254 + 1))
            .find(|address| !self.addresses.contains(address))
            .unwrap_or_default()
    }
}
