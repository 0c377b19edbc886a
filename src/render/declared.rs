//! Which values a chart declares: by values.yaml and by its schema.
//!
//! Below a map that is empty (or null) in values.yaml, or open in the schema, any key goes. A schema is open where it
//! says so (`additionalProperties`, `patternProperties`) or lists no properties at all. What a subchart declares is
//! declared for its parent below the subchart's name; `global` and `tags` are open.

use serde_json::Value as Json;

use super::handlebars::Step;
use super::unit::subchart;
use crate::chart::Chart;
use crate::diagnostic::{Place, nearest};
use crate::yaml::{Node, Value};

/// References are followed so many times in a row.
const MAX_REFERENCES: usize = 32;

/// A step that leads nowhere.
#[derive(Debug)]
pub(super) struct Undeclared {
    /// Number of the step.
    pub(super) index: usize,
    /// The nearest key that is declared, and where values.yaml does.
    pub(super) near: Option<(String, Place)>,
}

/// Checks that a path below `values` is declared.
pub(super) fn check(chart: &Chart, path: &[Step]) -> Result<(), Undeclared> {
    if let Some(Step::Key(first)) = path.first() {
        if matches!(first.as_str(), "global" | "tags") {
            return Ok(());
        }
        if let Some(subchart) = subchart(chart, first) {
            let Err(below) = check(subchart, &path[1..]) else { return Ok(()) };
            let here = follow(chart, path);
            return here.map_err(|here| {
                if here.near.is_some() { here } else { Undeclared { index: below.index + 1, ..below } }
            });
        }
    }
    follow(chart, path)
}

/// Whether the schema names a path on its own.
pub(super) fn schema_names(chart: &Chart, path: &[Step]) -> bool {
    let Some((root, _)) = &chart.schema else { return false };
    let mut schemas = Schemas { root, all: vec![root] };
    for step in path {
        schemas = schemas.step(step);
    }
    !schemas.all.is_empty()
}

fn follow(chart: &Chart, path: &[Step]) -> Result<(), Undeclared> {
    let schema = chart.schema.as_ref().map(|(schema, _)| schema);
    let mut schemas = schema.map(|root| Schemas { root, all: vec![root] });
    let mut defaults = Defaults::Node(&chart.values);
    for (index, step) in path.iter().enumerate() {
        let next = defaults.step(step);
        let schemas_next = schemas.as_ref().map(|schemas| schemas.step(step)).filter(|next| !next.all.is_empty());
        let closed = schemas.as_ref().is_some_and(Schemas::lists_properties);
        let by_defaults = match next {
            Defaults::Nothing => false,
            Defaults::Node(_) => true,
            Defaults::Open => !closed,
        };
        if !by_defaults && schemas_next.is_none() {
            return Err(Undeclared { index, near: near(chart, index, step, defaults, schemas.as_ref()) });
        }
        defaults = next;
        schemas = schemas_next;
    }
    Ok(())
}

fn near(
    chart: &Chart,
    index: usize,
    step: &Step,
    defaults: Defaults<'_>,
    schemas: Option<&Schemas<'_>>,
) -> Option<(String, Place)> {
    let Step::Key(key) = step else { return None };
    let map = match defaults {
        Defaults::Node(node) => node.as_map(),
        Defaults::Open | Defaults::Nothing => None,
    };
    let declared = map.into_iter().flat_map(|map| map.keys().map(String::as_str));
    let named = schemas.into_iter().flat_map(Schemas::properties);
    let subcharts = chart.metadata.dependencies.iter().filter(|_| index == 0);
    let subcharts = subcharts.map(|dependency| dependency.alias.as_deref().unwrap_or(&dependency.name));
    let near = nearest(key, declared.chain(named).chain(subcharts))?;
    let place = map.and_then(|map| map.get(near)).map_or(Place::NOWHERE, |node| node.key);
    Some((near.to_owned(), place))
}

/// What values.yaml says at some path.
#[derive(Clone, Copy, Debug)]
enum Defaults<'c> {
    Node(&'c Node),
    /// Anything goes.
    Open,
    Nothing,
}

impl Defaults<'_> {
    fn step(self, step: &Step) -> Self {
        let Self::Node(node) = self else { return self };
        match (&node.value, step) {
            (Value::Null | Value::List(_), _) | (Value::Map(_), Step::Item) => Self::Open,
            (Value::Map(map), _) if map.is_empty() => Self::Open,
            (Value::Map(map), Step::Key(key)) => map.get(key).map_or(Self::Nothing, Self::Node),
            (Value::Bool(_) | Value::Number(_) | Value::Text(_), _) => Self::Nothing,
        }
    }
}

/// The alternatives that a schema allows at some path.
#[derive(Clone, Debug)]
struct Schemas<'c> {
    root: &'c Json,
    all: Vec<&'c Json>,
}

impl<'c> Schemas<'c> {
    /// All alternatives, references and combinations resolved.
    fn open_up(&self) -> Vec<&'c Json> {
        let mut found = Vec::new();
        let mut left: Vec<(&'c Json, usize)> = self.all.iter().map(|schema| (*schema, 0)).collect();
        while let Some((schema, depth)) = left.pop() {
            if depth > MAX_REFERENCES {
                continue;
            }
            found.push(schema);
            if let Some(reference) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
                left.extend(self.root.pointer(reference).map(|schema| (schema, depth + 1)));
            }
            for combination in ["allOf", "anyOf", "oneOf"] {
                left.extend(schema[combination].as_array().into_iter().flatten().map(|schema| (schema, depth + 1)));
            }
            for branch in ["then", "else"] {
                left.extend(schema.get(branch).map(|schema| (schema, depth + 1)));
            }
        }
        found
    }

    fn step(&self, step: &Step) -> Self {
        let all = self.open_up().into_iter().filter_map(|schema| below(schema, step)).collect();
        Self { root: self.root, all }
    }

    /// Names of the properties that are listed here.
    fn properties(&self) -> impl Iterator<Item = &'c str> {
        let all = self.open_up().into_iter().filter_map(|schema| schema["properties"].as_object());
        all.flat_map(|properties| properties.keys().map(String::as_str))
    }

    fn lists_properties(&self) -> bool {
        self.properties().next().is_some()
    }
}

/// What one schema says of a step.
fn below<'c>(schema: &'c Json, step: &Step) -> Option<&'c Json> {
    const ANYTHING: &Json = &Json::Bool(true);
    if schema == ANYTHING {
        return Some(ANYTHING);
    }
    let object = schema.as_object()?;
    let types = |wanted: &str| match object.get("type") {
        None => true,
        Some(Json::Array(types)) => types.iter().any(|one| one == wanted),
        Some(one) => one == wanted,
    };
    if let Some(items) = object.get("items").filter(|items| items.is_object() || items.is_boolean()) {
        let number = matches!(step, Step::Key(key) if key.parse::<usize>().is_ok());
        if number || matches!(step, Step::Item) {
            return Some(items);
        }
    } else if types("array") && object.contains_key("type") {
        return Some(ANYTHING);
    }
    let properties = object.get("properties").and_then(Json::as_object);
    if let (Some(properties), Step::Key(key)) = (properties, step)
        && let Some(property) = properties.get(key)
    {
        return Some(property);
    }
    if object.contains_key("patternProperties") || (properties.is_some() && matches!(step, Step::Item)) {
        return Some(ANYTHING);
    }
    match object.get("additionalProperties") {
        Some(Json::Bool(false)) => None,
        Some(schema) => Some(schema),
        // A schema that speaks of a map and lists nothing is open; one that only combines others is not.
        None if properties.is_none() && object.contains_key("type") && types("object") => Some(ANYTHING),
        None if object.is_empty()
            || object.keys().all(|key| matches!(key.as_str(), "description" | "title" | "default")) =>
        {
            Some(ANYTHING)
        }
        None => None,
    }
}
