//! Values against the chart's values.schema.json (JSON Schema, draft 7 and 2020-12).
//!
//! Where the schema wants a string, a number or a boolean gives its spelling: `tag: 1.10` satisfies `type: string`
//! and becomes the string `1.10`. Which nodes these are the validator itself says, so that `$ref`, `anyOf` and the
//! like need no second reading of the schema. Nothing outside the chart is fetched.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::Value as Json;

use super::dependencies::subcharts;
use super::violation::{Contract, path_of, violations};
use crate::chart::Chart;
use crate::diagnostic::{Diagnostic, Place};
use crate::object::{FieldPath, Segment};
use crate::yaml::{Node, Value};

/// How often scalars are made strings: one may come to light only when another is one.
const ROUNDS: usize = 8;

/// Checks the values of a chart, and makes strings of the scalars that must be. `path` names the chart's values.
pub(super) fn check(chart: &Chart, values: &mut Node, path: &str) -> Vec<Diagnostic> {
    let Some((schema, source)) = &chart.schema else { return Vec::new() };
    let validator = match jsonschema::options().offline().build(schema) {
        Ok(validator) => validator,
        Err(error) => return vec![broken(chart, &error).at(Place::new(*source, 1, 1))],
    };
    spell(&validator, values);
    // A chart's schema need not know what belongs to its subcharts or to Helm.
    let foreign = subcharts(chart).into_iter().map(|sub| sub.name).chain(["global", "tags"].map(str::to_owned));
    let contract = Contract { schema, path, chart: &chart.metadata.name, foreign: foreign.collect() };
    let json = values.to_json();
    validator.iter_errors(&json).flat_map(|error| violations(&error, values, &contract)).collect()
}

fn spell(validator: &Validator, values: &mut Node) {
    for _ in 0..ROUNDS {
        let json = values.to_json();
        let paths: Vec<_> = validator.iter_errors(&json).flat_map(|error| strings(&error, values)).collect();
        if paths.is_empty() {
            return;
        }
        for path in paths {
            if let Some(node) = node_mut(values, &path)
                && let Some(spelling) = spelling(node)
            {
                node.value = Value::from(spelling);
            }
        }
    }
}

/// The nodes that would satisfy an error if they were the strings they are spelled as.
fn strings(error: &ValidationError<'_>, root: &Node) -> Vec<FieldPath> {
    let wants_string = |spelling: &str| match error.kind() {
        Kind::Type { kind: TypeKind::Single(kind) } => *kind == JsonType::String,
        Kind::Type { kind: TypeKind::Multiple(kinds) } => kinds.contains(JsonType::String),
        Kind::Enum { options } => options.as_array().is_some_and(|all| all.iter().any(|one| one == spelling)),
        Kind::Constant { expected_value } => expected_value.as_str() == Some(spelling),
        _ => false,
    };
    match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let branches = context.iter().map(|errors| {
                let paths: Vec<_> = errors.iter().map(|error| strings(error, root)).collect();
                if paths.iter().any(Vec::is_empty) { Vec::new() } else { paths.concat() }
            });
            branches.into_iter().find(|paths| !paths.is_empty()).unwrap_or_default()
        }
        _ => {
            let path = path_of(error.instance_path().as_str(), root);
            let spelled = path.find(root).and_then(spelling).is_some_and(|spelling| wants_string(&spelling));
            if spelled { vec![path] } else { Vec::new() }
        }
    }
}

/// The digits of a number, the word of a boolean.
fn spelling(node: &Node) -> Option<String> {
    match &node.value {
        Value::Number(number) => Some(number.as_str().to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn node_mut<'n>(root: &'n mut Node, path: &FieldPath) -> Option<&'n mut Node> {
    path.0.iter().try_fold(root, |node, segment| match (segment, &mut node.value) {
        (Segment::Key(key), Value::Map(map)) => map.get_mut(key),
        (Segment::Index(index), Value::List(items)) => items.get_mut(*index),
        _ => None,
    })
}

fn broken(chart: &Chart, error: &ValidationError<'_>) -> Diagnostic {
    let name = &chart.metadata.name;
    match error.kind() {
        Kind::Referencing(error) => {
            Diagnostic::error(format!("values.schema.json of chart `{name}` refers to what it does not contain"))
                .note(error.to_string())
                .hint("copy the schema that it refers to into `$defs`")
        }
        _ => Diagnostic::error(format!("values.schema.json of chart `{name}` is no valid JSON Schema")).note(format!(
            "at `{}`: {}",
            error.instance_path(),
            error.masked_with("this")
        )),
    }
}

/// The schema that a local `$ref` names.
pub(super) fn local_reference<'s>(root: &'s Json, schema: &Json) -> Option<&'s Json> {
    root.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
}
