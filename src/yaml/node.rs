//! The tree that flows through the whole program.

use super::{Map, Spelled, Text};
use crate::diagnostic::{Origin, Place};

/// A value with its origin.
///
/// Equality is about the value alone: two nodes from different places are equal when they mean the same.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands and which values layer set it.
    pub origin: Origin,
    /// Where the key is written that holds this node; nowhere for list items and roots.
    pub key: Place,
}

/// What a node holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with the digits it was written with.
    Number(Spelled),
    /// A string; parts of it may be decided only when it is applied.
    Text(Text),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping with string keys.
    Map(Map),
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Node {
    /// A node that nobody wrote.
    pub fn new(value: impl Into<Value>) -> Self {
        Self { value: value.into(), origin: Origin::NONE, key: Place::NOWHERE }
    }

    /// A node with an origin.
    pub fn with(value: impl Into<Value>, origin: Origin) -> Self {
        Self { value: value.into(), origin, key: Place::NOWHERE }
    }

    /// An empty mapping that nobody wrote.
    pub fn map() -> Self {
        Self::new(Map::default())
    }

    /// What kind of thing it is, for messages: "a string", "a list" …
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_integer() => "an integer",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The string, if it is one and all of it is known.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => text.known(),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_text(&self) -> Option<&Text> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The integer, if it is one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The entries to change, if it is a map.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The entry of a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// Walks down a path of keys: `node.at(&["metadata", "name"])`.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The string at a path of keys.
    pub fn str_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The items at a path of keys; none when there is no list.
    pub fn list_at(&self, path: &[&str]) -> &[Self] {
        self.at(path).and_then(Self::as_list).unwrap_or_default()
    }

    /// The map at a path of keys, made (and made a map) where it is missing.
    pub fn map_at_mut(&mut self, path: &[&str]) -> &mut Map {
        let mut node = self;
        for key in path {
            node = node.ensure_map().entry((*key).to_owned()).or_insert_with(Self::map);
        }
        node.ensure_map()
    }

    /// Sets an entry below a path of keys, making the maps on the way.
    pub fn set(&mut self, path: &[&str], key: &str, value: impl Into<Value>) {
        self.map_at_mut(path).insert(key.to_owned(), Self::new(value));
    }

    fn ensure_map(&mut self) -> &mut Map {
        if !matches!(self.value, Value::Map(_)) {
            self.value = Value::Map(Map::default());
        }
        match &mut self.value {
            Value::Map(map) => map,
            _ => unreachable!("made a map above"),
        }
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Vec<Node>> for Value {
    fn from(items: Vec<Node>) -> Self {
        Self::List(items)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(Spelled::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Text::from(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Text::from(value))
    }
}

impl From<Text> for Value {
    fn from(value: Text) -> Self {
        Self::Text(value)
    }
}

impl From<Spelled> for Value {
    fn from(value: Spelled) -> Self {
        Self::Number(value)
    }
}
