//! Nodes from and to JSON, for the edges: live objects, request bodies, schemas.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::map::Entries;
use super::{Map, Node, Spelled, Value};

impl From<&Json> for Node {
    /// A node that nobody wrote.
    fn from(json: &Json) -> Self {
        Self::new(match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => Value::Number(Spelled::from(number)),
            Json::String(text) => Value::from(text.as_str()),
            Json::Array(items) => Value::List(items.iter().map(Self::from).collect()),
            Json::Object(map) => {
                Value::Map(map.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect::<Map>())
            }
        })
    }
}

impl<'de> Deserialize<'de> for Node {
    /// A node that nobody wrote, read from the text of JSON with nothing in between: lists of live objects are long.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::new(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::new(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::new(Spelled::from(&serde_json::Number::from(value))))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::new(Spelled::from(&serde_json::Number::from(value))))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        let number = serde_json::Number::from_f64(value).ok_or_else(|| E::custom("a number is not finite"))?;
        Ok(Node::new(Spelled::from(&number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::new(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::new(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        list.shrink_to_fit();
        Ok(Node::new(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map = Entries::default();
        while let Some((key, node)) = entries.next_entry()? {
            map.insert(key, node);
        }
        map.shrink_to_fit();
        Ok(Node::new(if map.is_empty() { Map::default() } else { map.into() }))
    }
}

impl Node {
    /// The JSON of this node. Strings with a generated part are left out: no caller may send or print them.
    pub fn to_json(&self) -> Json {
        self.json().unwrap_or(Json::Null)
    }

    fn json(&self) -> Option<Json> {
        Some(match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(number.to_json()),
            Value::Text(text) => Json::String(text.known()?.to_owned()),
            Value::List(items) => Json::Array(items.iter().filter_map(Self::json).collect()),
            Value::Map(map) => {
                Json::Object(map.iter().filter_map(|(key, node)| Some((key.clone(), node.json()?))).collect())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Charset, GeneratedKey, Text};

    #[test]
    fn json_round_trips_and_never_holds_a_generated_string() {
        let json = serde_json::json!({"a": [1, 2.5, null, true, "x"], "b": {"c": 18_446_744_073_709_551_615_u64}});
        let mut node = Node::from(&json);
        assert_eq!(node.to_json(), json);
        let read: Node = serde_json::from_str(&json.to_string()).unwrap();
        assert_eq!(read, node, "read from text");
        let key = GeneratedKey { name: "password".into(), length: 32, charset: Charset::Alnum };
        node.set(&["b"], "d", Text::generated(key));
        assert_eq!(node.to_json(), json);
    }
}
