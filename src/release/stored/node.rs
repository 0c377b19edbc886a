//! Trees as JSON that loses nothing but origins: spelling of numbers and generated parts survive.
//!
//! What JSON lacks is a map with one key that begins with `$`; a user's own keys that begin with `$` get one more,
//! so that the two never meet.

use serde_json::{Map as JsonMap, Value as Json, json};

use crate::yaml::{GeneratedKey, Map, Node, Part, Spelled, Text, Value};

const INTEGER: &str = "$integer";
const FLOAT: &str = "$float";
const TEXT: &str = "$text";
const GENERATED: &str = "$generated";

/// A tree as it is stored.
pub fn to_stored(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => stored_number(number),
        Value::Text(text) => stored_text(text),
        Value::List(items) => Json::Array(items.iter().map(to_stored).collect()),
        Value::Map(map) => Json::Object(map.iter().map(|(key, child)| (escape(key), to_stored(child))).collect()),
    }
}

/// A stored tree; nobody wrote it.
///
/// # Errors
/// In a few words, without any of the content.
pub fn from_stored(json: &Json) -> Result<Node, String> {
    Ok(Node::new(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Number(Spelled::from(number)),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::List(items.iter().map(from_stored).collect::<Result<_, _>>()?),
        Json::Object(map) => {
            match escaped(map) {
                Some((INTEGER, inner)) => integer(inner).ok_or("an integer is damaged")?,
                Some((FLOAT, inner)) => float(inner).ok_or("a number is damaged")?,
                Some((TEXT, inner)) => text(inner).ok_or("a text with generated parts is damaged")?,
                Some((name, _)) => return Err(format!("`{name}` is not known to this kchart")),
                None => Value::Map(
                    map.iter()
                        .map(|(key, child)| Ok((unescape(key).to_owned(), from_stored(child)?)))
                        .collect::<Result<Map, String>>()?,
                ),
            }
        }
    }))
}

fn escape(key: &str) -> String {
    if key.starts_with('$') { format!("${key}") } else { key.to_owned() }
}

fn unescape(key: &str) -> &str {
    key.strip_prefix('$').unwrap_or(key)
}

/// The name and content of an escape, if the map is one.
fn escaped(map: &JsonMap<String, Json>) -> Option<(&str, &Json)> {
    let (key, inner) = map.iter().next().filter(|_| map.len() == 1)?;
    (key.starts_with('$') && !key.starts_with("$$")).then_some((key, inner))
}

/// Integers in their plain spelling are JSON numbers. All others carry value and spelling as strings: JSON readers
/// may round floats.
fn stored_number(number: &Spelled) -> Json {
    let spelled = number.as_str();
    if number.is_integer() {
        let plain = number.to_json();
        if plain.to_string() == spelled { Json::Number(plain) } else { json!({INTEGER: [plain.to_string(), spelled]}) }
    } else {
        json!({FLOAT: [format!("{:?}", number.as_f64()), spelled]})
    }
}

fn stored_text(text: &Text) -> Json {
    match text.known() {
        Some(known) => Json::String(known.to_owned()),
        None => Json::Object(JsonMap::from_iter([(
            TEXT.to_owned(),
            text.parts()
                .iter()
                .map(|part| match part {
                    Part::Known(known) => Json::String(known.clone()),
                    Part::Generated(key) => json!({GENERATED: key}),
                })
                .collect(),
        )])),
    }
}

fn pair(inner: &Json) -> Option<(&str, &str)> {
    match inner.as_array()?.as_slice() {
        [value, spelled] => Some((value.as_str()?, spelled.as_str()?)),
        _ => None,
    }
}

fn integer(inner: &Json) -> Option<Value> {
    let (value, spelled) = pair(inner)?;
    let number = match value.parse::<i64>() {
        Ok(value) => Spelled::signed(spelled, value),
        Err(_) => Spelled::unsigned(spelled, value.parse().ok()?),
    };
    Some(Value::Number(number))
}

fn float(inner: &Json) -> Option<Value> {
    let (value, spelled) = pair(inner)?;
    let value: f64 = value.parse().ok()?;
    value.is_finite().then(|| Value::Number(Spelled::float(spelled, value)))
}

fn text(inner: &Json) -> Option<Value> {
    let mut text = Text::default();
    for part in inner.as_array()? {
        match part {
            Json::String(known) => text.push_str(known),
            part => {
                let key: GeneratedKey = serde_json::from_value(part.get(GENERATED)?.clone()).ok()?;
                text.push(&Text::generated(key));
            }
        }
    }
    Some(Value::Text(text))
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::Charset;

    /// Any tree: keys with `$`, spelled numbers, generated parts.
    pub(in crate::release) fn any_node() -> impl Strategy<Value = Node> {
        let key = || "[a-z$.]{0,4}";
        let leaf = prop_oneof![
            Just(Node::default()),
            any::<bool>().prop_map(Node::new),
            any::<i64>().prop_map(Node::new),
            any::<u64>().prop_map(|value| Node::new(Spelled::unsigned(value.to_string(), value))),
            (0u32..999).prop_map(|value| Node::new(Spelled::signed(format!("0x{value:x}"), i64::from(value)))),
            (-1e9..1e9f64).prop_map(|value| Node::new(Spelled::float(format!("{value:.12}0"), value))),
            ".{0,6}".prop_map(|text: String| Node::new(text)),
            ("[a-z]{1,4}", ".{0,3}").prop_map(|(name, before)| {
                let mut text = Text::from(before);
                text.push(&Text::generated(GeneratedKey { name, length: 32, charset: Charset::Hex }));
                text.push_str("!");
                Node::new(text)
            }),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Node::new),
                prop::collection::vec((key(), inner), 0..4)
                    .prop_map(|entries| Node::new(entries.into_iter().collect::<Map>())),
            ]
        })
    }

    /// Equality that minds the spelling.
    fn spelling(node: &Node) -> String {
        match &node.value {
            Value::Number(number) => number.as_str().to_owned(),
            Value::List(items) => items.iter().map(spelling).collect::<Vec<_>>().join(","),
            Value::Map(map) => map.values().map(spelling).collect::<Vec<_>>().join(","),
            _ => String::new(),
        }
    }

    proptest! {
        #[test]
        fn every_tree_comes_back_with_its_spelling_and_generated_parts(node in any_node()) {
            let text = serde_json::to_string(&to_stored(&node)).unwrap();
            let back = from_stored(&serde_json::from_str(&text).unwrap()).unwrap();
            prop_assert_eq!(&back, &node);
            prop_assert_eq!(spelling(&back), spelling(&node));
        }
    }

    #[test]
    fn a_map_of_the_user_is_never_taken_for_an_escape() {
        let json = serde_json::json!({"$text": ["x"]});
        let node = Node::from(&json);
        assert_eq!(to_stored(&node), serde_json::json!({"$$text": ["x"]}));
        assert_eq!(from_stored(&to_stored(&node)).unwrap(), node);
        assert_eq!(from_stored(&serde_json::json!({"$later": 1})).unwrap_err(), "`$later` is not known to this kchart");
    }
}
