//! Environment variables: the parameter `env` of `kchart/workload`, and the partial `kchart/env`.

use std::collections::{BTreeMap, BTreeSet};

use super::parameters::{Fields, parameters};
use crate::diagnostic::Diagnostic;
use crate::object::FieldPath;
use crate::yaml::{Map, Node, Value};

/// Variables in one of two forms.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(super) enum Env {
    /// As Kubernetes writes them; of the order that `$(NAME)` needs.
    List(Vec<Variable>),
    /// By name, which values layers can merge; null leaves a variable out.
    Map(BTreeMap<String, Option<Entry>>),
}

/// A variable of the map form.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(super) enum Entry {
    /// Its value.
    Value(String),
    /// Where its value comes from.
    Source(Variant),
}

parameters! {
    /// Parameters of `kchart/env`.
    EnvParameters {
        /// The variables.
        env: Option<Env>,
    }
}

parameters! {
    /// A variable of the list form.
    Variable {
        /// Its name.
        name: String,
        /// Its value.
        value: Option<String>,
        /// Where its value comes from instead.
        value_from: Option<ValueFrom>,
    }
}

parameters! {
    /// A variable of the map form, written out.
    Variant {
        /// Its value.
        value: Option<String>,
        /// Where its value comes from instead.
        value_from: Option<ValueFrom>,
    }
}

parameters! {
    /// Where a variable's value comes from: one of these.
    #[expect(clippy::struct_field_names, reason = "the names of Kubernetes")]
    ValueFrom {
        /// A key of a Secret.
        secret_key_ref: Option<KeyRef>,
        /// A key of a ConfigMap.
        config_map_key_ref: Option<KeyRef>,
        /// A field of the Pod: `{fieldPath: status.podIP}`.
        field_ref: Option<Fields>,
        /// A resource of the container: `{resource: limits.memory}`.
        resource_field_ref: Option<Fields>,
    }
}

parameters! {
    /// A key of a Secret or of a ConfigMap.
    KeyRef {
        /// Name of the object.
        name: String,
        /// The key in it.
        key: String,
        /// Whether the Pod may start without it.
        optional: Option<bool>,
    }
}

/// Puts `env` into Kubernetes' own form: a list, without the nulls that stand for what was left out.
pub(super) fn complete(arguments: &mut Node, errors: &mut Vec<Diagnostic>) {
    if let Some(env) = parameter(arguments, "env") {
        let variables = variables(std::mem::take(&mut env.value), &FieldPath::keys(&["env"]), errors);
        env.value = Value::List(variables);
    }
}

/// The same for a workload, whose `envOver` is laid over `env`.
pub(super) fn complete_layers(arguments: &mut Node, errors: &mut Vec<Diagnostic>) {
    complete(arguments, errors);
    let layers = parameter(arguments, "envOver").map(|layers| std::mem::take(&mut layers.value));
    let Some(env) = parameter(arguments, "env") else { return };
    if let (Value::List(all), Some(Value::List(layers))) = (&mut env.value, layers) {
        for (index, layer) in layers.into_iter().enumerate() {
            let path = FieldPath::keys(&["envOver"]).index(index);
            for variable in variables(layer.value, &path, errors) {
                let name = variable.str_at(&["name"]);
                match all.iter_mut().find(|one| one.str_at(&["name"]) == name) {
                    Some(replaced) => *replaced = variable,
                    None => all.push(variable),
                }
            }
        }
    }
}

fn parameter<'n>(arguments: &'n mut Node, name: &str) -> Option<&'n mut Node> {
    arguments.as_map_mut()?.get_mut(name)
}

/// The variables of either form as a list, checked.
fn variables(given: Value, path: &FieldPath, errors: &mut Vec<Diagnostic>) -> Vec<Node> {
    let variables: Vec<Node> = match given {
        Value::List(variables) => variables,
        Value::Map(variables) => {
            let given = variables.into_iter().filter(|(_, entry)| !entry.is_null());
            given.map(|(name, entry)| named(name, entry)).collect()
        }
        _ => Vec::new(),
    };
    let mut seen = BTreeSet::new();
    for (index, variable) in variables.iter().enumerate() {
        check_sources(variable, &path.index(index), errors);
        if let Some(name) = variable.str_at(&["name"])
            && !seen.insert(name)
        {
            let error = Diagnostic::error(format!("the variable `{name}` is set twice")).at(variable.origin.at);
            errors.push(error.note_at("set here", variable.origin.from));
        }
    }
    variables.into_iter().map(without_nulls).collect()
}

/// An entry of the map form as a variable of the list form.
fn named(name: String, entry: Node) -> Node {
    let origin = entry.origin;
    let mut name = Node::with(name, origin);
    name.key = entry.key;
    let mut map = Map::from_iter([("name".to_owned(), name)]);
    match entry.value {
        Value::Map(fields) => map.extend(fields),
        value => {
            map.insert("value".to_owned(), Node { value, ..entry });
        }
    }
    Node::with(map, origin)
}

fn check_sources(variable: &Node, path: &FieldPath, errors: &mut Vec<Diagnostic>) {
    let given =
        |node: &Node| -> usize { node.as_map().into_iter().flatten().filter(|(_, value)| !value.is_null()).count() };
    let has_value = variable.get("value").is_some_and(|value| !value.is_null());
    let source = variable.get("valueFrom").filter(|source| !source.is_null());
    let message = match source {
        Some(_) if has_value => format!("`{path}` has both `value` and `valueFrom`"),
        Some(source) if given(source) != 1 => {
            format!(
                "`{path}.valueFrom` must have one of `secretKeyRef`, `configMapKeyRef`, `fieldRef`, `resourceFieldRef`"
            )
        }
        _ => return,
    };
    errors.push(Diagnostic::error(message).at(variable.origin.at).note_at("set here", variable.origin.from));
}

fn without_nulls(mut node: Node) -> Node {
    if let Value::Map(map) = node.value {
        let kept = map.into_iter().filter(|(_, value)| !value.is_null());
        node.value = Value::Map(kept.map(|(key, value)| (key, without_nulls(value))).collect());
    }
    node
}
