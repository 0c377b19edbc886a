//! Mappings: in the order in which they were written, and shared until somebody changes one of them.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;

use super::Node;

/// The entries of a [`Map`]. Their hash is a quick one, seeded anew in each process.
pub(super) type Entries = IndexMap<String, Node, foldhash::fast::RandomState>;

/// A mapping in the order in which it was written.
///
/// A copy costs nothing: the same objects stand in the manifest, in the plan, in its steps and in the record. What is
/// changed afterwards is copied then, and only the maps on the way down to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Map(Arc<Entries>);

impl Default for Map {
    /// All empty maps are one: each leaf of `metadata.managedFields` is one.
    fn default() -> Self {
        static EMPTY: LazyLock<Map> = LazyLock::new(|| Entries::default().into());
        EMPTY.clone()
    }
}

impl Deref for Map {
    type Target = Entries;

    fn deref(&self) -> &Entries {
        &self.0
    }
}

impl DerefMut for Map {
    fn deref_mut(&mut self) -> &mut Entries {
        Arc::make_mut(&mut self.0)
    }
}

impl From<Entries> for Map {
    fn from(entries: Entries) -> Self {
        Self(Arc::new(entries))
    }
}

impl FromIterator<(String, Node)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Node)>>(entries: I) -> Self {
        Entries::from_iter(entries).into()
    }
}

impl Extend<(String, Node)> for Map {
    fn extend<I: IntoIterator<Item = (String, Node)>>(&mut self, entries: I) {
        Entries::extend(self, entries);
    }
}

impl IntoIterator for Map {
    type Item = (String, Node);
    type IntoIter = indexmap::map::IntoIter<String, Node>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a String, &'a Node);
    type IntoIter = indexmap::map::Iter<'a, String, Node>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a mut Map {
    type Item = (&'a String, &'a mut Node);
    type IntoIter = indexmap::map::IterMut<'a, String, Node>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::make_mut(&mut self.0).iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_shared_until_it_is_changed_and_then_only_on_the_way_down() {
        let mut root = Node::map();
        root.set(&["metadata", "labels"], "app", "web");
        root.set(&["spec"], "replicas", 1);
        let mut copy = root.clone();
        let parts =
            |node: &Node| ["metadata", "spec"].map(|key| Arc::as_ptr(&node.get(key).unwrap().as_map().unwrap().0));
        assert_eq!(parts(&root), parts(&copy));
        copy.set(&["metadata", "labels"], "app", "api");
        assert_eq!(root.str_at(&["metadata", "labels", "app"]), Some("web"));
        assert_eq!(copy.str_at(&["metadata", "labels", "app"]), Some("api"));
        assert_ne!(parts(&root)[0], parts(&copy)[0]);
        assert_eq!(parts(&root)[1], parts(&copy)[1]);
    }
}
