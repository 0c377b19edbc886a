//! What a value does wrong, in words: the expected thing, the place of the value, near misses.
//!
//! No message repeats a value. A hint that would tell one is left out where the name is that of a credential.

use std::collections::BTreeSet;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as Json;

use super::merge::join;
use crate::diagnostic::{Diagnostic, Span, is_credential_name, nearest};
use crate::object::{FieldPath, Segment};
use crate::yaml::{Node, Value};

/// What values are checked against.
pub(super) struct Contract<'c> {
    pub(super) schema: &'c Json,
    /// Where the chart's values lie in the top chart's.
    pub(super) path: &'c str,
    /// The chart's name.
    pub(super) chart: &'c str,
    /// Top-level keys that the schema need not know.
    pub(super) foreign: BTreeSet<String>,
}

/// The messages of one error of the validator; an unknown property gives one each.
pub(super) fn violations(error: &ValidationError<'_>, root: &Node, contract: &Contract<'_>) -> Vec<Diagnostic> {
    let path = path_of(error.instance_path().as_str(), root);
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .filter(|name| !(path.0.is_empty() && contract.foreign.contains(*name)))
            .map(|name| unknown(error, &path, name, root, contract))
            .collect(),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => match best(context, path.0.len()) {
            Some(Branch::Types(types)) => vec![wrong_type(&types, &path, root, contract)],
            Some(Branch::Errors(errors)) => errors.iter().flat_map(|error| violations(error, root, contract)).collect(),
            None => vec![said(error, &path, root, contract)],
        },
        _ => vec![said(error, &path, root, contract)],
    }
}

/// The path of a JSON pointer; keys of digits are keys where a map is.
pub(super) fn path_of(pointer: &str, root: &Node) -> FieldPath {
    let mut path = FieldPath::default();
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        let in_list = path.find(root).is_some_and(|node| node.as_list().is_some());
        path = match key.parse() {
            Ok(index) if in_list => path.index(index),
            _ => path.key(&key),
        };
    }
    path
}

/// What to say about a value that fits none of several schemas.
enum Branch<'e> {
    /// Each wants another type.
    Types(Vec<JsonType>),
    /// The schema that the value was meant for: its errors lie deepest.
    Errors(&'e [ValidationError<'static>]),
}

/// `level` is how deep the value itself lies.
fn best<'e>(context: &'e [Vec<ValidationError<'static>>], level: usize) -> Option<Branch<'e>> {
    let depth = |errors: &[ValidationError<'_>]| {
        errors.iter().map(|error| error.instance_path().segments().count()).min().unwrap_or(level)
    };
    let type_of = |errors: &[ValidationError<'_>]| match errors {
        [error] => types(error.kind()),
        _ => None,
    };
    if let Some(types) = context.iter().map(|errors| type_of(errors)).collect::<Option<Vec<_>>>()
        && context.iter().all(|errors| depth(errors) == level)
    {
        return Some(Branch::Types(types.concat()));
    }
    let meant = |errors: &&Vec<ValidationError<'_>>| type_of(errors).is_none() || depth(errors) > level;
    let candidates = context.iter().filter(|errors| !errors.is_empty());
    candidates.max_by_key(|errors| (meant(errors), depth(errors))).map(|errors| Branch::Errors(errors))
}

fn types(kind: &Kind) -> Option<Vec<JsonType>> {
    match kind {
        Kind::Type { kind: TypeKind::Single(kind) } => Some(vec![*kind]),
        Kind::Type { kind: TypeKind::Multiple(kinds) } => Some(kinds.iter().collect()),
        _ => None,
    }
}

fn unknown(
    error: &ValidationError<'_>,
    path: &FieldPath,
    name: &str,
    root: &Node,
    contract: &Contract<'_>,
) -> Diagnostic {
    let full = path.key(name);
    let place = full.find(root).map(|node| node.key).unwrap_or_default();
    let width = u32::try_from(name.chars().count()).unwrap_or(1);
    let message = format!("`{}` is not in the schema of chart `{}`", shown(&full, contract), contract.chart);
    let known = error.schema_path().as_str().rsplit_once('/').and_then(|(schema, _)| contract.schema.pointer(schema));
    let known = known.and_then(|schema| schema.get("properties")).and_then(Json::as_object);
    let near = known.and_then(|known| nearest(name, known.keys().map(String::as_str)));
    let diagnostic = Diagnostic::error(message).at(place.span(width));
    match near {
        Some(near) => diagnostic.hint(format!("did you mean `{}`?", shown(&path.key(near), contract))),
        None => diagnostic,
    }
}

fn wrong_type(types: &[JsonType], path: &FieldPath, root: &Node, contract: &Contract<'_>) -> Diagnostic {
    let node = path.find_nearest(root);
    let mut words: Vec<_> = types.iter().map(|kind| word(*kind)).collect();
    words.dedup();
    let message = format!("`{}`: expected {}, got {}", shown(path, contract), either(&words), node.kind());
    let mut diagnostic = Diagnostic::error(message).at(span(node));
    if !is_secret(path)
        && let Some(hint) = node.as_str().and_then(|text| meant(text, types))
    {
        diagnostic = diagnostic.hint(hint);
    }
    diagnostic
}

/// YAML 1.1 had booleans and numbers that are strings today.
fn meant(text: &str, types: &[JsonType]) -> Option<String> {
    let number = types.iter().any(|kind| matches!(kind, JsonType::Integer | JsonType::Number));
    if types.contains(&JsonType::Boolean) {
        let meant = match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" | "true" => "true",
            "no" | "off" | "n" | "false" => "false",
            _ => return None,
        };
        return Some(format!("write `{meant}`, without quotes"));
    }
    if !number {
        return None;
    }
    if let Some(octal) = text.strip_prefix('0').filter(|digits| !digits.is_empty())
        && let Ok(value) = u64::from_str_radix(octal, 8)
    {
        return Some(format!("write the octal number as `{value}` or `0o{octal}`"));
    }
    let fraction = text.parse::<f64>().is_ok_and(f64::is_finite);
    fraction.then(|| "write the number without quotes; on the command line `--set-json` takes any number".to_owned())
}

fn said(error: &ValidationError<'_>, path: &FieldPath, root: &Node, contract: &Contract<'_>) -> Diagnostic {
    let node = path.find_nearest(root);
    if let Some(types) = types(error.kind()) {
        return wrong_type(&types, path, root, contract);
    }
    let name = shown(path, contract);
    let count = |limit: &u64, one: &str, many: &str| format!("{limit} {}", if *limit == 1 { one } else { many });
    let expected = match error.kind() {
        Kind::Required { property } => {
            let missing = shown(&path.key(property.as_str().unwrap_or_default()), contract);
            let place = if node.key.is_known() { node.key } else { node.origin.from };
            return Diagnostic::error(format!("`{missing}` is required by the schema of chart `{}`", contract.chart))
                .at(place);
        }
        Kind::FalseSchema | Kind::Not { .. } => {
            return Diagnostic::error(format!("`{name}` is not allowed by the schema of chart `{}`", contract.chart))
                .at(span(node));
        }
        Kind::Enum { options } => {
            let options: Vec<_> = options.as_array().map(|all| all.iter().map(option).collect()).unwrap_or_default();
            let words: Vec<_> = options.iter().map(|option| format!("`{option}`")).collect();
            let message = format!("`{name}`: expected {}", either(&words));
            let diagnostic = Diagnostic::error(message).at(span(node));
            let value = node.as_str().filter(|_| !is_secret(path));
            return match value.and_then(|value| nearest(value, options.iter().map(String::as_str))) {
                Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                None => diagnostic,
            };
        }
        Kind::Constant { expected_value } => format!("`{}`", option(expected_value)),
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("at least {}", count(limit, "character", "characters")),
        Kind::MaxLength { limit } => format!("at most {}", count(limit, "character", "characters")),
        Kind::MinItems { limit } => format!("at least {}", count(limit, "item", "items")),
        Kind::MaxItems { limit } => format!("at most {}", count(limit, "item", "items")),
        Kind::MinProperties { limit } => format!("at least {}", count(limit, "key", "keys")),
        Kind::MaxProperties { limit } => format!("at most {}", count(limit, "key", "keys")),
        Kind::UniqueItems => "items that differ from each other".to_owned(),
        Kind::Pattern { pattern } => format!("a string that matches `{pattern}`"),
        Kind::Format { format } => format!("a string of the format `{format}`"),
        _ => {
            let message = error.masked_with("the value").to_string().to_lowercase();
            return Diagnostic::error(format!("`{name}`: {message}")).at(span(node));
        }
    };
    Diagnostic::error(format!("`{name}`: expected {expected}")).at(span(node))
}

fn option(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn either<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", first.join(", "), last.as_ref())
        }
    }
}

fn word(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "a list",
        JsonType::Object => "a map",
    }
}

fn shown(path: &FieldPath, contract: &Contract<'_>) -> String {
    match path.to_string() {
        path if path.is_empty() && contract.path.is_empty() => "values".to_owned(),
        path if path.is_empty() => contract.path.to_owned(),
        path => join(contract.path, &path),
    }
}

fn is_secret(path: &FieldPath) -> bool {
    path.0.iter().any(|segment| matches!(segment, Segment::Key(key) if is_credential_name(key)))
}

/// The value, as far as its length on its line is known.
fn span(node: &Node) -> Span {
    let width = match &node.value {
        Value::Number(number) => number.as_str().len(),
        Value::Text(text) => text.known().filter(|text| !text.contains('\n')).map_or(1, |text| text.chars().count()),
        _ => 1,
    };
    node.origin.from.span(u32::try_from(width).unwrap_or(1).max(1))
}
