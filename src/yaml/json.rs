//! Nodes from and to JSON, for the edges: live objects, request bodies, schemas.

use serde_json::Value as Json;

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
        let key = GeneratedKey { name: "password".into(), length: 32, charset: Charset::Alnum };
        node.set(&["b"], "d", Text::generated(key));
        assert_eq!(node.to_json(), json);
    }
}
