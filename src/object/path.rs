//! Paths into objects, as the API server writes them.

use std::fmt;

use crate::yaml::{Node, Value};

/// A path into an object: `spec.template.spec.containers[0].image`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldPath(pub Vec<Segment>);

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A key of a map.
    Key(String),
    /// A position in a list.
    Index(usize),
    /// The item of a keyed list, as in managedFields: `[name="c"]`; values are JSON text.
    Item(Vec<(String, String)>),
    /// The item of a set, as in managedFields `v:"x"`; JSON text.
    Member(String),
}

impl FieldPath {
    /// A path of keys.
    pub fn keys(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| Segment::Key((*key).to_owned())).collect())
    }

    /// This path with one more key.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.child(Segment::Key(key.to_owned()))
    }

    /// This path with one more position.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.child(Segment::Index(index))
    }

    /// This path with one more step.
    #[must_use]
    pub fn child(&self, segment: Segment) -> Self {
        let mut path = self.0.clone();
        path.push(segment);
        Self(path)
    }

    /// Reads the API server's spelling, `.spec.containers[name="c"].image` or `spec.ports[0].name`; none if it is
    /// not one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('.').unwrap_or(text);
        let mut path = Vec::new();
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let end = closing_bracket(inner)?;
                path.push(bracket(&inner[..end])?);
                rest = &inner[end + 1..];
                rest = rest.strip_prefix('.').unwrap_or(rest);
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                if end == 0 {
                    return None;
                }
                path.push(Segment::Key(rest[..end].to_owned()));
                rest = &rest[end..];
                rest = rest.strip_prefix('.').unwrap_or(rest);
            }
        }
        Some(Self(path))
    }

    /// The node at this path.
    pub fn find<'a>(&self, root: &'a Node) -> Option<&'a Node> {
        self.0.iter().try_fold(root, |node, segment| segment.find(node))
    }

    /// The node at this path, to be changed.
    pub fn find_mut<'a>(&self, root: &'a mut Node) -> Option<&'a mut Node> {
        self.0.iter().try_fold(root, |node, segment| segment.find_mut(node))
    }

    /// Whether one of two paths leads to the other, in an object where an item of a list has a position, keys and a
    /// value to be named by.
    pub fn meets(&self, other: &Self, root: &Node) -> bool {
        let mut node = Some(root);
        self.0.iter().zip(&other.0).all(|(here, there)| {
            let is_same = here.names_the_same(there, node);
            node = node.and_then(|node| here.find(node));
            is_same
        })
    }

    /// The deepest node that exists on this path: where an error about a missing field points.
    pub fn find_nearest<'a>(&self, root: &'a Node) -> &'a Node {
        let mut node = root;
        for segment in &self.0 {
            match segment.find(node) {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }
}

impl Segment {
    fn find<'a>(&self, node: &'a Node) -> Option<&'a Node> {
        match self {
            Self::Key(key) => node.get(key),
            Self::Index(index) => node.as_list()?.get(*index),
            Self::Item(_) | Self::Member(_) => node.as_list()?.iter().find(|item| self.is_item(item)),
        }
    }

    fn find_mut<'a>(&self, node: &'a mut Node) -> Option<&'a mut Node> {
        match (self, &mut node.value) {
            (Self::Key(key), Value::Map(map)) => map.get_mut(key),
            (Self::Index(index), Value::List(items)) => items.get_mut(*index),
            (Self::Item(_) | Self::Member(_), Value::List(items)) => items.iter_mut().find(|item| self.is_item(item)),
            _ => None,
        }
    }

    /// Whether two steps from a node lead to the same one.
    fn names_the_same(&self, other: &Self, node: Option<&Node>) -> bool {
        match (self, other) {
            (Self::Index(index), by @ (Self::Item(_) | Self::Member(_)))
            | (by @ (Self::Item(_) | Self::Member(_)), Self::Index(index)) => {
                let item = node.and_then(Node::as_list).and_then(|items| items.get(*index));
                item.is_some_and(|item| by.may_mean(item))
            }
            _ => self == other,
        }
    }

    /// Whether an item may be the one that is meant: keys that it leaves out have a default that is not known here.
    fn may_mean(&self, item: &Node) -> bool {
        match self {
            Self::Item(keys) => keys.iter().all(|(key, wanted)| item.get(key).is_none_or(|node| means(node, wanted))),
            _ => self.is_item(item),
        }
    }

    /// Whether an item of a list is the one that is meant.
    fn is_item(&self, item: &Node) -> bool {
        match self {
            Self::Item(keys) => keys.iter().all(|(key, wanted)| item.get(key).is_some_and(|node| means(node, wanted))),
            Self::Member(wanted) => means(item, wanted),
            Self::Key(_) | Self::Index(_) => false,
        }
    }
}

/// Whether a node is what a JSON text says.
fn means(node: &Node, json: &str) -> bool {
    json.parse().is_ok_and(|wanted: serde_json::Value| wanted == node.to_json())
}

/// The end of a bracket, quotes minded.
fn closing_bracket(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, char) in text.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn bracket(inner: &str) -> Option<Segment> {
    if let Ok(index) = inner.parse() {
        return Some(Segment::Index(index));
    }
    if let Some(member) = inner.strip_prefix('=') {
        return Some(Segment::Member(member.to_owned()));
    }
    if !inner.contains('=') {
        let key = inner.trim_matches(['"', '\'']);
        return Some(Segment::Key(key.to_owned()));
    }
    let pairs =
        inner.split(',').map(|pair| pair.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())));
    pairs.collect::<Option<Vec<_>>>().map(Segment::Item)
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if key.contains(['.', '/']) => write!(f, "[{key}]")?,
                Segment::Key(key) if position == 0 => write!(f, "{key}")?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Item(keys) => {
                    let pairs: Vec<_> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
                    write!(f, "[{}]", pairs.join(","))?;
                }
                Segment::Member(value) => write!(f, "[={value}]")?,
            }
        }
        Ok(())
    }
}

/// Every leaf below a node with its path, in document order.
pub fn leaves(root: &Node) -> Vec<(FieldPath, &Node)> {
    fn walk<'a>(node: &'a Node, path: &FieldPath, out: &mut Vec<(FieldPath, &'a Node)>) {
        match &node.value {
            Value::Map(map) if !map.is_empty() => {
                for (key, child) in map {
                    walk(child, &path.key(key), out);
                }
            }
            Value::List(items) if !items.is_empty() => {
                for (index, child) in items.iter().enumerate() {
                    walk(child, &path.index(index), out);
                }
            }
            _ => out.push((path.clone(), node)),
        }
    }
    let mut out = Vec::new();
    walk(root, &FieldPath::default(), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_the_same_by_its_position_and_by_its_keys() {
        let root = Node::from(&serde_json::json!({"env": [{"name": "A"}, {"name": "B", "value": "x"}],
            "ports": [{"containerPort": 80}], "set": ["x", "y"]}));
        let meets = |a: &str, b: &str| {
            let (a, b) = (FieldPath::parse(a).unwrap(), FieldPath::parse(b).unwrap());
            assert_eq!(a.meets(&b, &root), b.meets(&a, &root), "{a} {b}");
            a.meets(&b, &root)
        };
        assert!(meets("env[1].value", "env[name=\"B\"].value"));
        assert!(meets("env[1].value", "env[name=\"B\"]") && meets("env[1].value", "env"));
        assert!(!meets("env[1].value", "env[name=\"A\"].value") && !meets("env[7].value", "env[name=\"B\"].value"));
        assert!(!meets("env[1].value", "env[name=\"B\"].name"));
        assert!(meets("ports[0]", "ports[containerPort=80,protocol=\"TCP\"].name"), "a key by its default");
        assert!(meets("set[1]", "set[=\"y\"]") && !meets("set[1]", "set[=\"x\"]"));
    }

    #[test]
    fn paths_of_the_api_server_are_read_and_found() {
        let root =
            Node::from(&serde_json::json!({"spec": {"containers": [{"name": "a"}, {"name": "c", "image": "x"}]},
            "metadata": {"labels": {"app.kubernetes.io/name": "web"}}}));
        for text in [".spec.containers[name=\"c\"].image", "spec.containers[1].image"] {
            let path = FieldPath::parse(text).unwrap();
            assert_eq!(path.find(&root).and_then(Node::as_str), Some("x"), "{text}");
        }
        let label = FieldPath::parse("metadata.labels[app.kubernetes.io/name]").unwrap();
        assert_eq!(label.find(&root).and_then(Node::as_str), Some("web"));
        assert_eq!(label.to_string(), "metadata.labels[app.kubernetes.io/name]");
        assert!(FieldPath::parse("a..b").is_none());
    }
}
