//! The type of a node: from the table of Kubernetes types, or from a CustomResourceDefinition of the chart.

use crate::schema::{self, ListKind, Shape};
use crate::yaml::{Node, Value};

/// Where the type of a node is written down.
#[derive(Clone, Copy, Debug)]
pub(super) enum Typed<'a> {
    /// In the table.
    Known(schema::Type),
    /// In the structural schema of a definition in the chart.
    Custom(&'a Node),
    /// The same, of a whole custom resource: `apiVersion`, `kind` and `metadata` need not be in it.
    CustomRoot(&'a Node),
    /// Nowhere but for `metadata`: custom resources whose definition the chart does not have.
    Stranger,
    /// Nowhere.
    Anything,
}

impl<'a> Typed<'a> {
    /// What a node of it looks like.
    pub(super) fn shape(self) -> Shape {
        let schema = match self {
            Self::Known(known) => return known.shape(),
            Self::CustomRoot(_) | Self::Stranger => return Shape::Object,
            Self::Anything => return Shape::Any,
            Self::Custom(schema) => schema,
        };
        if is(schema, "x-kubernetes-int-or-string") {
            return Shape::IntOrString;
        }
        match schema.str_at(&["type"]) {
            Some("string") => Shape::String,
            Some("integer") => Shape::Integer,
            Some("number") => Shape::Number,
            Some("boolean") => Shape::Boolean,
            Some("array") => Shape::List,
            Some("object") if schema.get("properties").is_some() => Shape::Object,
            Some("object") => Shape::Map,
            _ => Shape::Any,
        }
    }

    /// Its name in the table; empty for all others.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Known(known) => known.name(),
            _ => "",
        }
    }

    /// The type of a field; none if there is no such field.
    pub(super) fn field(self, name: &str) -> Option<Self> {
        match self {
            Self::Known(known) => known.field(name).map(Self::Known),
            Self::Custom(schema) => schema.at(&["properties", name]).map(Self::Custom),
            Self::CustomRoot(_) | Self::Stranger if name == "metadata" => {
                schema::named("meta.v1.ObjectMeta").map(Self::Known)
            }
            Self::CustomRoot(_) | Self::Stranger if matches!(name, "apiVersion" | "kind") => Some(Self::Anything),
            Self::CustomRoot(schema) => Self::Custom(schema).field(name),
            Self::Stranger => Some(Self::Anything),
            Self::Anything => None,
        }
    }

    /// Names of the fields.
    pub(super) fn fields(self) -> Vec<&'a str> {
        match self {
            Self::Known(known) => known.fields().collect(),
            Self::Custom(schema) | Self::CustomRoot(schema) => {
                let properties = schema.get("properties").and_then(Node::as_map);
                properties.map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default()
            }
            Self::Stranger | Self::Anything => Vec::new(),
        }
    }

    /// Whether fields that it does not name are allowed.
    pub(super) fn is_open(self) -> bool {
        match self {
            Self::Custom(schema) | Self::CustomRoot(schema) => {
                is(schema, "x-kubernetes-preserve-unknown-fields")
                    || is(schema, "x-kubernetes-embedded-resource")
                    || schema.get("properties").is_none()
            }
            Self::Stranger | Self::Anything => true,
            Self::Known(_) => false,
        }
    }

    /// Names of the fields that must be there.
    pub(super) fn required(self) -> Vec<&'a str> {
        match self {
            Self::Known(known) => known.required().collect(),
            Self::Custom(schema) | Self::CustomRoot(schema) => {
                let wanted = schema.list_at(&["required"]).iter().filter_map(Node::as_str);
                wanted.filter(|name| schema.at(&["properties", name, "default"]).is_none()).collect()
            }
            Self::Stranger | Self::Anything => Vec::new(),
        }
    }

    /// The type of a list's items.
    pub(super) fn items(self) -> Option<Self> {
        match self {
            Self::Known(known) => known.items().map(Self::Known),
            Self::Custom(schema) => schema.get("items").map(Self::Custom),
            _ => None,
        }
    }

    /// The type of a map's values.
    pub(super) fn values(self) -> Option<Self> {
        match self {
            Self::Known(known) => known.values().map(Self::Known),
            Self::Custom(schema) => schema.get("additionalProperties").filter(|node| is_map(node)).map(Self::Custom),
            _ => None,
        }
    }

    /// The strings that are allowed; empty when all are.
    pub(super) fn enums(self) -> Vec<&'a str> {
        match self {
            Self::Known(known) => known.enums().iter().map(String::as_str).collect(),
            Self::Custom(schema) => schema.list_at(&["enum"]).iter().filter_map(Node::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Keys that no two items of a list share; `Some(vec![])` for a set, whose items differ as a whole.
    pub(super) fn keys(self) -> Option<Vec<&'a str>> {
        match self {
            Self::Known(known) => match known.list_kind()? {
                ListKind::Atomic => None,
                ListKind::Set => Some(Vec::new()),
                ListKind::Map(keys) => Some(keys.clone()),
            },
            Self::Custom(schema) => match schema.str_at(&["x-kubernetes-list-type"])? {
                "set" => Some(Vec::new()),
                "map" => {
                    Some(schema.list_at(&["x-kubernetes-list-map-keys"]).iter().filter_map(Node::as_str).collect())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// What the API server fills in, as JSON.
    pub(super) fn default(self) -> Option<String> {
        match self {
            Self::Known(known) => known.default().map(str::to_owned),
            Self::Custom(schema) => schema.get("default").map(|node| node.to_json().to_string()),
            _ => None,
        }
    }

    /// Whether an integer has 32 bits.
    pub(super) fn is_int32(self) -> bool {
        match self {
            Self::Known(known) => known.format() == Some("int32"),
            Self::Custom(schema) => schema.str_at(&["format"]) == Some("int32"),
            _ => false,
        }
    }

    /// Whether null is a value here.
    pub(super) fn is_nullable(self) -> bool {
        matches!(self, Self::Custom(schema) if is(schema, "nullable"))
    }

    /// Whether a scalar here means its spelling.
    pub(super) fn wants_string(self) -> bool {
        matches!(self.shape(), Shape::String | Shape::Quantity)
    }

    /// Whether a node could be meant to be of this type, judged by its outermost form.
    pub(super) fn fits(self, node: &Node) -> bool {
        let scalar = matches!(node.value, Value::Text(_) | Value::Number(_) | Value::Bool(_));
        match self.shape() {
            Shape::Any => true,
            Shape::List => node.as_list().is_some(),
            Shape::Map | Shape::Object => node.as_map().is_some(),
            Shape::Boolean => node.as_bool().is_some(),
            Shape::Integer | Shape::Number => matches!(node.value, Value::Number(_)),
            Shape::String | Shape::IntOrString | Shape::Quantity => scalar,
        }
    }
}

fn is(schema: &Node, flag: &str) -> bool {
    schema.get(flag).and_then(Node::as_bool) == Some(true)
}

fn is_map(node: &Node) -> bool {
    node.as_map().is_some()
}
