//! How server-side apply sees a node: as a whole, field by field, or item by item.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields;
use crate::sandbox::json;
use crate::sandbox::served::Served;
use crate::schema::{self, ListKind, Type};

/// What is known of a node.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) enum Shape<'a> {
    /// A type of the table.
    Known(Type),
    /// A node of the structural schema of a custom resource.
    Custom(&'a Value),
    /// The root of a custom resource: its metadata are known.
    Root(&'a Value),
    /// Nothing: maps are seen field by field, lists as a whole.
    Free,
}

/// How a node is merged.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// As a whole.
    Whole,
    /// A map with fields that the type names: they vanish when nobody owns anything in them.
    Fields,
    /// A map with any keys.
    Keys,
    /// A list of different scalars.
    Set,
    /// A list whose items are told apart by these keys.
    Items(Vec<String>),
}

impl<'a> Shape<'a> {
    /// The shape of the objects of a kind.
    pub(in crate::sandbox) fn of(served: &'a Served) -> Self {
        match &served.custom {
            Some(custom) => Self::Root(custom.schema()),
            None => {
                schema::kind(&served.kind.group, &served.version, &served.kind.kind).map_or(Self::Free, Self::Known)
            }
        }
    }

    /// The shape below a key of a map.
    pub(super) fn field(self, name: &str) -> Self {
        match self {
            Self::Known(kind) => kind.field(name).or_else(|| kind.values()).map_or(Self::Free, Self::Known),
            Self::Root(_) if name == "metadata" => schema::kind("", "v1", "ConfigMap")
                .and_then(|kind| kind.field("metadata"))
                .map_or(Self::Free, Self::Known),
            Self::Root(node) | Self::Custom(node) => {
                let inner = json::get(node, &["properties", name]).or_else(|| node.get("additionalProperties"));
                inner.map_or(Self::Free, Self::Custom)
            }
            Self::Free => Self::Free,
        }
    }

    /// The shape of a list's items.
    pub(super) fn items(self) -> Self {
        match self {
            Self::Known(kind) => kind.items().map_or(Self::Free, Self::Known),
            Self::Root(node) | Self::Custom(node) => node.get("items").map_or(Self::Free, Self::Custom),
            Self::Free => Self::Free,
        }
    }

    /// Whether the type itself names this field.
    pub(super) fn names(self, field: &str) -> bool {
        match self {
            Self::Known(kind) => kind.field(field).is_some(),
            Self::Root(node) | Self::Custom(node) => {
                json::get(node, &["properties", field]).is_some()
                    || (matches!(self, Self::Root(_)) && matches!(field, "metadata" | "apiVersion" | "kind"))
            }
            Self::Free => false,
        }
    }

    /// How a value of this shape is merged. A value of another type than the shape's is merged as a whole.
    pub(super) fn form(self, value: &Value) -> Form {
        match value {
            Value::Object(_) if self.is_atomic_map() => Form::Whole,
            Value::Object(_) => match self {
                Self::Known(kind) if kind.shape() == schema::Shape::Object => Form::Fields,
                Self::Root(_) => Form::Fields,
                Self::Custom(node) if node.get("properties").is_some() => Form::Fields,
                _ => Form::Keys,
            },
            Value::Array(_) => self.list_form(),
            _ => Form::Whole,
        }
    }

    fn is_atomic_map(self) -> bool {
        match self {
            Self::Known(kind) => kind.is_atomic(),
            Self::Custom(node) => json::text(node, &["x-kubernetes-map-type"]) == Some("atomic"),
            Self::Root(_) | Self::Free => false,
        }
    }

    fn list_form(self) -> Form {
        match self {
            Self::Known(kind) => match kind.list_kind() {
                Some(ListKind::Set) => Form::Set,
                Some(ListKind::Map(keys)) => Form::Items(keys.iter().map(|key| (*key).to_owned()).collect()),
                Some(ListKind::Atomic) | None => Form::Whole,
            },
            Self::Custom(node) => match json::text(node, &["x-kubernetes-list-type"]) {
                Some("set") => Form::Set,
                Some("map") => {
                    let keys = json::list(node, &["x-kubernetes-list-map-keys"]);
                    Form::Items(keys.iter().filter_map(|key| Some(key.as_str()?.to_owned())).collect())
                }
                _ => Form::Whole,
            },
            Self::Root(_) | Self::Free => Form::Whole,
        }
    }

    /// The step to an item of a keyed list: its keys, defaults filled in. Without one of them, the key that is missing.
    pub(super) fn step(self, keys: &[String], item: &Value) -> Result<String, String> {
        let mut found = BTreeMap::new();
        for key in keys {
            let value = item.get(key).filter(|value| !value.is_null()).cloned();
            let value = value.or_else(|| self.items().default(key)).ok_or_else(|| key.clone())?;
            found.insert(key.clone(), value);
        }
        Ok(fields::item_step(&found))
    }

    fn default(self, field: &str) -> Option<Value> {
        match self {
            Self::Known(kind) => {
                let field = kind.field(field)?;
                let empty = || (field.shape() == schema::Shape::String).then(|| Value::from(""));
                field.default().map_or_else(empty, |text| serde_json::from_str(text).ok())
            }
            Self::Root(node) | Self::Custom(node) => json::get(node, &["properties", field, "default"]).cloned(),
            Self::Free => None,
        }
    }
}
