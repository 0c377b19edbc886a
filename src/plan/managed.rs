//! Who owns which field: `metadata.managedFields` (sigs.k8s.io/structured-merge-diff, `fieldpath/serialize.go`).

use crate::object::{Segment, marks};
use crate::yaml::Node;

/// The owners of a live object's fields.
pub(super) struct Managed<'a> {
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    manager: &'a str,
    applies: bool,
    subresource: Option<&'a str>,
    fields: &'a Node,
}

/// A node of a set of owned fields: the node itself, below it more.
#[derive(Clone, Copy, Default)]
pub(super) struct Owned<'a>(Option<&'a Node>);

impl<'a> Managed<'a> {
    /// Reads them from a live object.
    pub(super) fn of(body: &'a Node) -> Self {
        let entries = body.list_at(&["metadata", "managedFields"]).iter();
        let entries = entries.filter_map(|entry| {
            Some(Entry {
                manager: entry.str_at(&["manager"])?,
                applies: entry.str_at(&["operation"]) == Some("Apply"),
                subresource: entry.str_at(&["subresource"]).filter(|name| !name.is_empty()),
                fields: entry.get("fieldsV1")?,
            })
        });
        Self { entries: entries.collect() }
    }

    /// Whether the server told nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The fields that a manager applied.
    pub(super) fn by(&self, manager: &str) -> Owned<'a> {
        let applied = |entry: &&Entry<'_>| entry.manager == manager && entry.applies && entry.subresource.is_none();
        Owned(self.entries.iter().find(applied).map(|entry| entry.fields))
    }

    /// Whether a manager owns a field, however it came to it.
    pub(super) fn owns(&self, manager: &str, path: &[Segment]) -> bool {
        self.entries.iter().any(|entry| entry.manager == manager && entry.at(path).is_owned())
    }

    /// The first manager but `manager` that owns a field too.
    pub(super) fn also(&self, manager: &str, path: &[Segment]) -> Option<&'a str> {
        self.entries
            .iter()
            .filter(|entry| entry.manager != manager)
            .find_map(|entry| entry.at(path).is_owned().then_some(entry.manager))
    }

    /// Those who own a field, of the managers (with their subresource, if they wrote through one) that count; ready to
    /// be shown: `` `kubectl` (subresource `scale`) ``.
    pub(super) fn owners(&self, path: &[Segment], counts: impl Fn(&str, Option<&str>) -> bool) -> Vec<String> {
        let owning = self.entries.iter().filter(|entry| counts(entry.manager, entry.subresource));
        let mut owners: Vec<String> = owning
            .filter(|entry| entry.at(path).is_owned())
            .map(|entry| match entry.subresource {
                Some(subresource) => format!("`{}` (subresource `{subresource}`)", entry.manager),
                None => format!("`{}`", entry.manager),
            })
            .collect();
        owners.dedup();
        owners
    }

    /// Whether Kubernetes' own controller scales a workload: what an autoscaler does.
    pub(super) fn is_autoscaled(&self, path: &[Segment]) -> bool {
        !self
            .owners(path, |manager, subresource| manager == "kube-controller-manager" && subresource == Some("scale"))
            .is_empty()
    }

    /// The managers whose fields are to be moved when an object is adopted: those of people and tools. What
    /// Kubernetes' own controllers wrote, and what went through a subresource, stays theirs.
    pub(super) fn adoptable(&self) -> Vec<String> {
        let ours = [marks::MANAGER, marks::MANAGER_GENERATED, marks::MANAGER_STAMP];
        let mut managers: Vec<String> = self
            .entries
            .iter()
            .filter(|entry| entry.subresource.is_none() && !entry.manager.starts_with("kube-"))
            .filter(|entry| !ours.contains(&entry.manager))
            .map(|entry| entry.manager.to_owned())
            .collect();
        managers.sort();
        managers.dedup();
        managers
    }
}

impl<'a> Entry<'a> {
    fn at(&self, path: &[Segment]) -> Owned<'a> {
        path.iter().fold(Owned(Some(self.fields)), Owned::child)
    }
}

impl<'a> Owned<'a> {
    /// Whether the field is owned, or something below it.
    pub(super) fn is_owned(self) -> bool {
        self.0.is_some()
    }

    /// The node one step down.
    pub(super) fn child(self, segment: &Segment) -> Self {
        Self(self.0.and_then(|node| match segment {
            Segment::Key(key) => node.get(&format!("f:{key}")),
            Segment::Index(index) => node.get(&format!("i:{index}")),
            Segment::Member(json) => node.get(&format!("v:{json}")),
            Segment::Item(_) => {
                let map = node.as_map()?;
                map.iter().find(|(key, _)| item(key).as_ref() == Some(segment)).map(|(_, child)| child)
            }
        }))
    }

    /// The steps down from here that are owned.
    pub(super) fn children(self) -> Vec<(Segment, Owned<'a>)> {
        let map = self.0.and_then(Node::as_map);
        let entries = map.into_iter().flatten();
        entries.filter_map(|(key, child)| Some((segment(key)?, Owned(Some(child))))).collect()
    }

    /// The keys by which the items of a list are told apart, as the owned items show them.
    pub(super) fn item_keys(self) -> Option<Vec<String>> {
        self.children().into_iter().find_map(|(segment, _)| match segment {
            Segment::Item(keys) => Some(keys.into_iter().map(|(key, _)| key).collect()),
            _ => None,
        })
    }
}

fn segment(key: &str) -> Option<Segment> {
    let (kind, rest) = key.split_once(':')?;
    match kind {
        "f" => Some(Segment::Key(rest.to_owned())),
        "v" => Some(Segment::Member(rest.to_owned())),
        "i" => rest.parse().ok().map(Segment::Index),
        "k" => item(key),
        _ => None,
    }
}

/// `k:{"containerPort":80,"protocol":"TCP"}`.
fn item(key: &str) -> Option<Segment> {
    let json: serde_json::Map<String, serde_json::Value> = serde_json::from_str(key.strip_prefix("k:")?).ok()?;
    let mut keys: Vec<_> = json.into_iter().map(|(name, value)| (name, value.to_string())).collect();
    keys.sort();
    Some(Segment::Item(keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_read_down_to_items_of_keyed_lists() {
        let body = Node::from(&serde_json::json!({"metadata": {"managedFields": [
            {"manager": "kchart", "operation": "Apply", "fieldsV1": {"f:spec": {"f:containers": {
                "k:{\"name\":\"c\"}": {".": {}, "f:image": {}}}}}},
            {"manager": "helm", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
            {"manager": "kube-controller-manager", "operation": "Update", "fieldsV1": {"f:metadata": {}}},
        ]}}));
        let managed = Managed::of(&body);
        let item = Segment::Item(vec![("name".into(), "\"c\"".into())]);
        let path = [Segment::Key("spec".into()), Segment::Key("containers".into()), item];
        let ours = path.iter().fold(managed.by("kchart"), Owned::child);
        assert!(ours.is_owned() && ours.child(&Segment::Key("image".into())).is_owned());
        assert!(!ours.child(&Segment::Key("env".into())).is_owned());
        let replicas = [Segment::Key("spec".into()), Segment::Key("replicas".into())];
        assert_eq!(managed.also("kchart", &replicas), Some("helm"));
        assert_eq!(managed.adoptable(), ["helm"]);
    }
}
