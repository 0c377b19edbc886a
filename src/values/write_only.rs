//! Values that a schema declares `writeOnly`: they are masked wherever they flow.

use serde_json::Value as Json;

use super::ChartValues;
use super::dependencies::subcharts;
use super::schema::local_reference;
use crate::chart::Chart;
use crate::object::FieldPath;
use crate::yaml::{Node, Value};

/// All `writeOnly` values of a chart and its enabled subcharts, by their path in the chart's values.
///
/// Every branch of `anyOf`, `if` and the like counts: masking too much is the safe side.
pub fn write_only(values: &ChartValues, chart: &Chart) -> Vec<(FieldPath, Node)> {
    let mut out = Vec::new();
    collect(values, chart, &FieldPath::default(), &mut out);
    out.sort_by(|(a, _), (b, _)| a.cmp(b));
    out.dedup_by(|(a, _), (b, _)| a == b);
    out
}

fn collect(values: &ChartValues, chart: &Chart, path: &FieldPath, out: &mut Vec<(FieldPath, Node)>) {
    if let Some((schema, _)) = &chart.schema {
        Walk { root: schema, out }.node(schema, &values.values, path);
    }
    for sub in subcharts(chart) {
        if let Some(values) = values.subcharts.get(&sub.name) {
            collect(values, sub.chart, &path.key(&sub.name), out);
        }
    }
}

struct Walk<'w> {
    root: &'w Json,
    out: &'w mut Vec<(FieldPath, Node)>,
}

impl Walk<'_> {
    fn node(&mut self, schema: &Json, node: &Node, path: &FieldPath) {
        self.visit(schema, node, path, &mut Vec::new());
    }

    /// `seen` has the schemas that were applied to this node: they may refer to each other in circles.
    fn visit<'s>(&mut self, schema: &'s Json, node: &Node, path: &FieldPath, seen: &mut Vec<&'s Json>)
    where
        Self: 's,
    {
        if seen.iter().any(|other| std::ptr::eq(*other, schema)) {
            return;
        }
        seen.push(schema);
        if schema.get("writeOnly") == Some(&Json::Bool(true)) {
            self.out.push((path.clone(), node.clone()));
        }
        if let Some(target) = local_reference(self.root, schema) {
            self.visit(target, node, path, seen);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for branch in schema.get(keyword).and_then(Json::as_array).into_iter().flatten() {
                self.visit(branch, node, path, seen);
            }
        }
        for branch in ["if", "then", "else"].into_iter().filter_map(|keyword| schema.get(keyword)) {
            self.visit(branch, node, path, seen);
        }
        match &node.value {
            Value::Map(map) => {
                for (key, child) in map {
                    self.property(schema, key, child, &path.key(key));
                }
            }
            Value::List(items) => {
                for (index, child) in items.iter().enumerate() {
                    for schema in item_schemas(schema, index) {
                        self.node(schema, child, &path.index(index));
                    }
                }
            }
            _ => {}
        }
    }

    fn property(&mut self, schema: &Json, key: &str, child: &Node, path: &FieldPath) {
        let named = schema.get("properties").and_then(|all| all.get(key));
        // Patterns are not matched: one that may apply is taken to apply.
        let patterns =
            schema.get("patternProperties").and_then(Json::as_object).into_iter().flat_map(|all| all.values());
        let others = schema.get("additionalProperties").filter(|_| named.is_none());
        for schema in named.into_iter().chain(patterns).chain(others) {
            self.node(schema, child, path);
        }
    }
}

/// Draft 7 has a list of schemas in `items`, 2020-12 in `prefixItems`.
fn item_schemas(schema: &Json, index: usize) -> impl Iterator<Item = &Json> {
    let items = schema.get("items");
    let prefix = schema.get("prefixItems").or(items).and_then(Json::as_array);
    let every = items.filter(|items| items.is_object() && prefix.is_none_or(|prefix| index >= prefix.len()));
    let rest = schema.get("additionalItems").filter(|_| prefix.is_some_and(|prefix| index >= prefix.len()));
    prefix.and_then(|prefix| prefix.get(index)).into_iter().chain(every).chain(rest)
}
