//! What differs between what is wanted and what is there, as server-side apply would see it.
//!
//! Only our fields count: what is wanted, and what we own and want no longer. All else is a default of the server's
//! or somebody else's. Where the server keeps no owners (inside atomic lists), what the last revision wanted takes
//! their place.

use std::collections::BTreeSet;

use super::FieldDiff;
use super::managed::{Managed, Owned};
use super::same::same;
use crate::object::{FieldPath, Object, Segment, marks};
use crate::schema::{self, ListKind, Shape, Type};
use crate::yaml::{Node, Value};

/// What differs.
#[derive(Default)]
pub(super) struct Difference {
    /// Fields that would change.
    pub(super) fields: Vec<FieldDiff>,
    /// Fields that we own, want no longer, and leave to the manager named.
    pub(super) left: Vec<(FieldPath, String)>,
    /// Fields, as apply tells them apart, that would get another value: who else owns them refuses it.
    pub(super) changed: Vec<FieldPath>,
}

impl Difference {
    /// Whether an apply would change nothing, owners included.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.left.is_empty()
    }
}

/// Compares an object with its live state. `previous` is what the last revision wanted of it, if that is known.
pub(super) fn diff(wanted: &Object, live: &Node, previous: Option<&Object>) -> Difference {
    let managed = Managed::of(live);
    let mut walk = Walk { wanted, previous, told: !managed.is_empty(), managed, out: Difference::default() };
    let previous = previous.map(|object| &object.body);
    let ours = walk.managed.by(marks::MANAGER);
    let all_secret = wanted.id.is_secret();
    for (key, child) in wanted.body.as_map().into_iter().flatten() {
        if matches!(key.as_str(), "apiVersion" | "kind" | "status") {
            continue;
        }
        let segment = Segment::Key(key.clone());
        let at = At {
            path: FieldPath(vec![segment.clone()]),
            ours: ours.child(&segment),
            kind: schema::kind(&wanted.id.group, &wanted.version, &wanted.id.kind).and_then(|kind| kind.field(key)),
            previous: previous.and_then(|node| node.get(key)),
            atomic: false,
            whole: None,
            secret: all_secret && key == "data",
        };
        walk.node(&at, child, live.get(key));
    }
    for (segment, owned) in ours.children() {
        let Segment::Key(key) = &segment else { continue };
        if wanted.body.get(key).is_none_or(Node::is_null) && key != "status" {
            let path = FieldPath(vec![segment.clone()]);
            walk.gone(&path, live.get(key), owned, all_secret && key == "data");
        }
    }
    walk.out
}

struct Walk<'a> {
    wanted: &'a Object,
    previous: Option<&'a Object>,
    managed: Managed<'a>,
    /// Whether the server told owners at all.
    told: bool,
    out: Difference,
}

/// Where the walk is.
struct At<'a> {
    path: FieldPath,
    ours: Owned<'a>,
    kind: Option<Type>,
    previous: Option<&'a Node>,
    /// Inside something that apply takes as a whole: no owners below.
    atomic: bool,
    /// How long the path of that is.
    whole: Option<usize>,
    secret: bool,
}

impl<'a> At<'a> {
    fn child(&self, segment: Segment, kind: Option<Type>, previous: Option<&'a Node>, atomic: bool) -> Self {
        Self {
            ours: if atomic { Owned::default() } else { self.ours.child(&segment) },
            path: self.path.child(segment),
            kind,
            previous,
            atomic,
            whole: if atomic { self.whole.or(Some(self.path.0.len())) } else { None },
            secret: self.secret,
        }
    }
}

impl<'a> Walk<'a> {
    fn node(&mut self, at: &At<'a>, wanted: &'a Node, live: Option<&'a Node>) {
        if wanted.is_null() || wanted.as_text().is_some_and(crate::yaml::Text::is_generated) {
            return;
        }
        let Some(live) = live.filter(|live| !live.is_null()) else {
            // Owned but not there: the server dropped it when it was applied (an empty map, a field behind a gate).
            if !at.ours.is_owned() && !is_nothing(wanted, at.kind) {
                self.differs(at, None, Some(wanted));
            }
            return;
        };
        match (&wanted.value, &live.value) {
            (Value::Map(_), Value::Map(_)) => self.map(at, wanted, live),
            (Value::List(wants), Value::List(lives)) => self.list(at, wanted, wants, live, lives),
            _ if same(&self.wanted.id, &at.path, wanted, live, at.kind) => {}
            _ => self.differs(at, Some(live), Some(wanted)),
        }
    }

    fn map(&mut self, at: &At<'a>, wanted: &'a Node, live: &'a Node) {
        let atomic = at.atomic || at.kind.is_some_and(Type::is_atomic);
        for (key, child) in wanted.as_map().into_iter().flatten() {
            let kind = at.kind.and_then(|kind| kind.field(key).or_else(|| kind.values()));
            let at = at.child(Segment::Key(key.clone()), kind, at.previous.and_then(|node| node.get(key)), atomic);
            self.node(&at, child, live.get(key));
        }
        let unwanted = |key: &str| wanted.get(key).is_none_or(Node::is_null);
        if atomic || !self.told {
            for (key, _) in at.previous.and_then(Node::as_map).into_iter().flatten() {
                if let Some(live) = live.get(key).filter(|_| unwanted(key)) {
                    self.differs(&at.child(Segment::Key(key.clone()), None, None, atomic), Some(live), None);
                }
            }
        } else {
            for (segment, owned) in at.ours.children() {
                let Segment::Key(key) = &segment else { continue };
                if unwanted(key) {
                    self.gone(&at.path.child(segment.clone()), live.get(key), owned, at.secret);
                }
            }
        }
    }

    fn list(&mut self, at: &At<'a>, wanted: &'a Node, wants: &'a [Node], live: &'a Node, lives: &'a [Node]) {
        match at.list_kind() {
            ListKind::Map(_) if at.atomic => self.atomic(at, wanted, wants, live, lives),
            ListKind::Map(keys) => self.keyed(at, &keys, (wanted, wants), (live, lives)),
            ListKind::Set if !at.atomic => self.set(at, wants, lives),
            ListKind::Set | ListKind::Atomic => self.atomic(at, wanted, wants, live, lives),
        }
    }

    fn keyed(
        &mut self,
        at: &At<'a>,
        keys: &[&'static str],
        (wanted, wants): (&'a Node, &'a [Node]),
        (live, lives): (&'a Node, &'a [Node]),
    ) {
        let items = at.kind.and_then(Type::items);
        let previous = at.previous.and_then(Node::as_list).unwrap_or_default();
        let mut found = Vec::new();
        let mut named = BTreeSet::new();
        for want in wants {
            let segment = item_segment(want, keys, items);
            let position = lives.iter().position(|live| item_segment(live, keys, items) == segment);
            found.extend(position);
            let before = previous.iter().find(|item| item_segment(item, keys, items) == segment);
            named.insert(segment.clone());
            self.node(&at.child(segment, items, before, false), want, position.map(|position| &lives[position]));
        }
        // Order is content: a variable may use those before it.
        if !found.is_sorted() {
            self.push(at.path.clone(), at.secret, Some(live), Some(wanted));
        }
        if self.told {
            for (segment, owned) in at.ours.children() {
                let item = lives.iter().find(|live| item_segment(live, keys, items) == segment);
                if !named.contains(&segment) && item.is_some() {
                    self.gone(&at.path.child(segment), item, owned, at.secret);
                }
            }
        } else {
            for item in previous {
                let segment = item_segment(item, keys, items);
                let live = lives.iter().find(|live| item_segment(live, keys, items) == segment);
                if let Some(live) = live.filter(|_| !named.contains(&segment)) {
                    self.differs(&at.child(segment, None, None, false), Some(live), None);
                }
            }
        }
    }

    fn set(&mut self, at: &At<'a>, wants: &'a [Node], lives: &'a [Node]) {
        let member = |node: &Node| Segment::Member(node.to_json().to_string());
        for want in wants {
            if !lives.contains(want) {
                self.differs(&at.child(member(want), None, None, false), None, Some(want));
            }
        }
        let before = at.previous.and_then(Node::as_list).unwrap_or_default();
        for live in lives.iter().filter(|live| !wants.contains(live)) {
            let at = at.child(member(live), None, None, false);
            if at.ours.is_owned() || (!self.told && before.contains(live)) {
                self.differs(&at, Some(live), None);
            }
        }
    }

    fn atomic(&mut self, at: &At<'a>, wanted: &'a Node, wants: &'a [Node], live: &'a Node, lives: &'a [Node]) {
        if wants.len() != lives.len() {
            self.differs(at, Some(live), Some(wanted));
            return;
        }
        let items = at.kind.and_then(Type::items);
        let previous = at.previous.and_then(Node::as_list).filter(|items| items.len() == wants.len());
        for (index, (want, live)) in wants.iter().zip(lives).enumerate() {
            let before = previous.map(|items| &items[index]);
            self.node(&at.child(Segment::Index(index), items, before, true), want, Some(live));
        }
    }

    /// What we own and want no longer, down to the fields that go.
    fn gone(&mut self, path: &FieldPath, live: Option<&'a Node>, owned: Owned<'a>, secret: bool) {
        let Some(live) = live else { return };
        if is_identity(path) {
            return;
        }
        let children = owned.children();
        if children.is_empty() || matches!(path.0.last(), Some(Segment::Item(_))) {
            match self.managed.also(marks::MANAGER, &path.0) {
                Some(manager) => self.out.left.push((path.clone(), manager.to_owned())),
                None => self.push(path.clone(), secret, Some(live), None),
            }
            return;
        }
        for (segment, below) in children {
            let path = path.child(segment);
            let child = FieldPath(path.0[path.0.len() - 1..].to_vec()).find(live);
            self.gone(&path, child, below, secret);
        }
    }

    fn differs(&mut self, at: &At<'a>, live: Option<&Node>, wanted: Option<&Node>) {
        if at.whole.is_some() || (live.is_some() && wanted.is_some()) {
            let path = FieldPath(at.path.0[..at.whole.unwrap_or(at.path.0.len())].to_vec());
            if self.out.changed.last() != Some(&path) {
                self.out.changed.push(path);
            }
        }
        self.push(at.path.clone(), at.secret, live, wanted);
    }

    fn push(&mut self, path: FieldPath, secret: bool, live: Option<&Node>, wanted: Option<&Node>) {
        // What lives there is most often what the last revision wanted.
        let secret = secret
            || self.wanted.hides(&path)
            || self.previous.is_some_and(|previous| previous.hides(&path))
            || (self.wanted.id.is_secret() && path.0.first() == Some(&Segment::Key("data".into())));
        self.out.fields.push(FieldDiff { path, live: live.cloned(), wanted: wanted.cloned(), secret });
    }
}

impl At<'_> {
    /// How apply merges the list here: as the schema says, else as the owned items show.
    fn list_kind(&self) -> ListKind {
        match self.kind.and_then(Type::list_kind) {
            Some(kind) => kind.clone(),
            None => match self.ours.item_keys().as_deref() {
                // Custom resources: lists with `name` as their key are the only ones worth guessing.
                Some([key]) if key == "name" => ListKind::Map(vec!["name"]),
                _ => ListKind::Atomic,
            },
        }
    }
}

/// An empty map or list that the server keeps no trace of; an empty object with fields of its own is kept, and means
/// something (`namespaceSelector: {}` is all namespaces).
fn is_nothing(wanted: &Node, kind: Option<Type>) -> bool {
    match &wanted.value {
        Value::Map(map) => map.is_empty() && kind.is_none_or(|kind| kind.shape() != Shape::Object),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

/// An item of a keyed list by its keys; keys that are left out have the schema's default (`protocol: TCP`).
fn item_segment(item: &Node, keys: &[&'static str], kind: Option<Type>) -> Segment {
    let mut pairs: Vec<(String, String)> = keys
        .iter()
        .filter_map(|key| {
            let written = item.get(key).map(|node| node.to_json().to_string());
            let default = || kind?.field(key)?.default().map(str::to_owned);
            Some(((*key).to_owned(), written.or_else(default)?))
        })
        .collect();
    pairs.sort();
    Segment::Item(pairs)
}

/// Fields by which an object is found; no manager can give them up.
fn is_identity(path: &FieldPath) -> bool {
    let keys: Vec<&str> = path
        .0
        .iter()
        .filter_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            _ => None,
        })
        .collect();
    matches!(keys.as_slice(), ["apiVersion" | "kind"] | ["metadata", "name" | "namespace" | "uid" | "resourceVersion"])
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
