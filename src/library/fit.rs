//! Arguments fitted to a parameter struct by its schema. Works on nodes, not on JSON, so that places survive and a
//! generated string counts as a string.
//!
//! Knows what schemars writes for our structs, and no more of JSON Schema: type, properties, required,
//! additionalProperties, items, enum, const, anyOf, oneOf, `$ref`, minimum, maximum, minItems, default.

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, nearest};
use crate::object::FieldPath;
use crate::yaml::{Node, Text, Value};

/// Fits `arguments` to `schema`; `partial` is the name for messages.
pub(super) fn fit(partial: &str, schema: &Json, arguments: Node, errors: &mut Vec<Diagnostic>) -> Node {
    Fit { partial, root: schema, errors }.node(schema, arguments, &FieldPath::default())
}

struct Fit<'a> {
    partial: &'a str,
    root: &'a Json,
    errors: &'a mut Vec<Diagnostic>,
}

impl<'a> Fit<'a> {
    fn node(&mut self, schema: &'a Json, mut node: Node, path: &FieldPath) -> Node {
        let schema = self.resolve(schema, &node);
        if let Some(words) = words(schema) {
            self.word(&words, &node, path);
            return node;
        }
        let types = types(schema);
        if types.is_empty() || (node.is_null() && types.contains(&"null")) {
            return node;
        }
        if types.contains(&"string") && !types.contains(&kind(&node)) {
            node = spelled(node);
        }
        let kind = kind(&node);
        let fits = types.contains(&kind) || (kind == "integer" && types.contains(&"number"));
        if !fits {
            let wanted: Vec<_> = types.iter().filter(|kind| **kind != "null").map(|kind| article(kind)).collect();
            let what = format!("must be {}, not {}", wanted.join(" or "), node.kind());
            self.wrong(&node, path, &what);
            return node;
        }
        match node.value {
            Value::Map(_) => self.map(schema, node, path),
            Value::List(ref items) if items.len() < least_items(schema) => {
                self.wrong(&node, path, "must not be empty");
                node
            }
            Value::List(items) => {
                let items = match schema.get("items") {
                    None => items,
                    Some(schema) => {
                        let items = items.into_iter().enumerate();
                        items.map(|(index, item)| self.node(schema, item, &path.index(index))).collect()
                    }
                };
                Node { value: Value::List(items), origin: node.origin, key: node.key }
            }
            Value::Number(ref number) => {
                let value = number.as_f64();
                let least = schema["minimum"].as_f64().filter(|least| value < *least);
                let most = schema["maximum"].as_f64().filter(|most| value > *most);
                match (least, most) {
                    (Some(least), _) => self.wrong(&node, path, &format!("must be at least {least}")),
                    (_, Some(most)) => self.wrong(&node, path, &format!("must be at most {most}")),
                    _ => {}
                }
                node
            }
            _ => node,
        }
    }

    fn map(&mut self, schema: &'a Json, mut node: Node, path: &FieldPath) -> Node {
        let properties = schema["properties"].as_object();
        let open = schema.get("additionalProperties").is_none_or(|more| more != &Json::Bool(false));
        let origin = node.origin;
        let Some(map) = node.as_map_mut() else { return node };
        let given = std::mem::take(map);
        let mut fitted = crate::yaml::Map::default();
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
        let required: Vec<&str> = required.collect();
        for (key, value) in given {
            let below = path.key(&key);
            if let Some(schema) = properties.and_then(|properties| properties.get(&key)) {
                // `key: null` is the same as leaving the key out.
                if value.is_null() && !required.contains(&key.as_str()) {
                    continue;
                }
                let value = self.node(schema, value, &below);
                fitted.insert(key, value);
            } else if open {
                let value = match schema.get("additionalProperties").filter(|more| more.is_object()) {
                    Some(schema) => self.node(schema, value, &below),
                    None => value,
                };
                fitted.insert(key, value);
            } else {
                let known = properties.into_iter().flatten().map(|(known, _)| known.as_str());
                self.unknown(&key, &value, path, known);
            }
        }
        for (key, schema) in properties.into_iter().flatten() {
            if fitted.contains_key(key) {
                continue;
            }
            if required.contains(&key.as_str()) {
                let message = format!("{} needs `{}`", self.name(), path.key(key));
                self.errors.push(Diagnostic::error(message).at(origin.at).note_at("set here", origin.from));
            } else {
                fitted.insert(key.clone(), schema.get("default").map_or_else(Node::default, Node::from));
            }
        }
        node.value = Value::Map(fitted);
        node
    }

    /// Follows references and takes the alternative that is of the node's kind.
    fn resolve(&self, mut schema: &'a Json, node: &Node) -> &'a Json {
        // Our schemas have no circles; the bound is for the reader's peace.
        for _ in 0..16 {
            if let Some(reference) = schema["$ref"].as_str() {
                schema = self.root.pointer(reference.trim_start_matches('#')).unwrap_or(&Json::Null);
            } else if let Some(alternatives) = schema["anyOf"].as_array() {
                let fitting = alternatives.iter().find(|one| types(self.resolve(one, node)).contains(&kind(node)));
                schema = fitting.or(alternatives.first()).unwrap_or(&Json::Null);
            } else {
                break;
            }
        }
        schema
    }

    fn word(&mut self, words: &[&str], node: &Node, path: &FieldPath) {
        let given = node.as_str();
        if given.is_some_and(|given| words.contains(&given)) {
            return;
        }
        let listed: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        self.wrong(node, path, &format!("must be one of {}", listed.join(", ")));
        if let Some(near) = given.and_then(|given| nearest(given, words.iter().copied()))
            && let Some(error) = self.errors.pop()
        {
            self.errors.push(error.hint(format!("did you mean `{near}`?")));
        }
    }

    fn unknown<'k>(&mut self, key: &str, value: &Node, path: &FieldPath, known: impl Iterator<Item = &'k str>) {
        let width = u32::try_from(key.chars().count()).unwrap_or(1);
        let place = if value.key.is_known() { value.key.span(width) } else { value.origin.at.into() };
        let error = Diagnostic::error(format!("{} takes no `{}`", self.name(), path.key(key))).at(place);
        let error = error.note_at("set here", value.origin.from);
        self.errors.push(match nearest(key, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if path.0.is_empty() => error.hint("fields that the partial has no parameter for go under `extra`"),
            None => error,
        });
    }

    fn wrong(&mut self, node: &Node, path: &FieldPath, what: &str) {
        let subject = if path.0.is_empty() { "the parameters".to_owned() } else { format!("`{path}`") };
        let error = Diagnostic::error(format!("{}: {subject} {what}", self.name()));
        self.errors.push(error.at(node.origin.at).note_at("set here", node.origin.from));
    }

    fn name(&self) -> String {
        format!("`{}`", self.partial)
    }
}

/// The words of an enumeration: `enum`, or `oneOf` constants where the variants have docs.
fn words(schema: &Json) -> Option<Vec<&str>> {
    if let Some(words) = schema["enum"].as_array() {
        return Some(words.iter().filter_map(Json::as_str).collect());
    }
    let constants = schema["oneOf"].as_array()?.iter().map(|one| one["const"].as_str());
    constants.collect()
}

fn types(schema: &Json) -> Vec<&str> {
    match &schema["type"] {
        Json::String(one) => vec![one],
        Json::Array(many) => many.iter().filter_map(Json::as_str).collect(),
        // An enumeration is of strings.
        _ if words(schema).is_some() => vec!["string"],
        _ => Vec::new(),
    }
}

fn least_items(schema: &Json) -> usize {
    schema["minItems"].as_u64().and_then(|least| usize::try_from(least).ok()).unwrap_or(0)
}

fn kind(node: &Node) -> &'static str {
    match &node.value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_integer() => "integer",
        Value::Number(_) => "number",
        Value::Text(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

fn article(kind: &str) -> &'static str {
    match kind {
        "boolean" => "a boolean",
        "integer" => "an integer",
        "number" => "a number",
        "string" => "a string",
        "array" => "a list",
        _ => "a map",
    }
}

/// A scalar as the string that was written.
fn spelled(node: Node) -> Node {
    let text = match &node.value {
        Value::Number(number) => number.as_str().to_owned(),
        Value::Bool(value) => value.to_string(),
        _ => return node,
    };
    Node { value: Value::Text(Text::from(text)), ..node }
}
