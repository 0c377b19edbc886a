//! The values of a chart and of its subcharts: defaults, the parent's values, what was given, `global`, conditions.
//!
//! Values of a chart win over the defaults of its subcharts; a null deletes at every level, also in a parent for a
//! subchart. `global` flows down: the parent's wins (Helm's `pkg/chart/common/util/coalesce.go`).

use std::collections::BTreeMap;

use super::dependencies::{Subchart, is_enabled, subcharts};
use super::merge::{join, lay, overlay};
use super::{ChartValues, schema};
use crate::chart::Chart;
use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, Value};

const GLOBAL: &str = "global";

/// The values of a chart and its subcharts (conditions, aliases, `global`), checked against their schemas. Warnings
/// come second.
pub fn resolve(chart: &Chart, given: &Node) -> Result<(ChartValues, Vec<Diagnostic>), Vec<Diagnostic>> {
    let tags = lay(child(&chart.values, "tags"), child(given, "tags"), "tags", &mut Vec::new());
    let draft = draft(chart, given.clone(), &tags, "");
    let mut findings = Findings { errors: Vec::new(), warnings: Vec::new() };
    let values = settle(draft, "", &mut findings);
    if findings.errors.is_empty() { Ok((values, findings.warnings)) } else { Err(findings.errors) }
}

struct Findings {
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

/// The values of a chart before its schema saw them. A disabled subchart is dropped with all that was found in it.
struct Draft<'c> {
    chart: &'c Chart,
    values: Node,
    subcharts: BTreeMap<String, Draft<'c>>,
    findings: Findings,
}

fn draft<'c>(chart: &'c Chart, given: Node, tags: &Node, path: &str) -> Draft<'c> {
    let mut findings = Findings { errors: Vec::new(), warnings: Vec::new() };
    let subs = subcharts(chart);
    let all = overlay(chart.values.clone(), given.clone());
    let values = lay(chart.values.clone(), given, path, &mut findings.warnings);

    let mut drafts = BTreeMap::new();
    let mut seen = values.clone();
    for sub in &subs {
        let over = child(&all, &sub.name);
        if !matches!(over.value, Value::Map(_)) {
            findings.errors.push(no_map(&join(path, &sub.name), &over, sub));
            continue;
        }
        let over = with_global(over, child(&all, GLOBAL));
        let draft = draft(sub.chart, over, tags, &join(path, &sub.name));
        put(&mut seen, &sub.name, draft.values.clone());
        drafts.insert(sub.name.clone(), draft);
    }
    // Conditions may look at the defaults of any subchart, so they are judged when all values are there.
    let enabled = |sub: &&Subchart<'_>| is_enabled(sub, &seen, Some(tags), &mut findings.warnings);
    let enabled: Vec<_> = subs.iter().filter(enabled).map(|sub| sub.name.clone()).collect();
    drafts.retain(|name, _| enabled.contains(name));
    Draft { chart, values, subcharts: drafts, findings }
}

/// Schemas are checked from the leaves up: a scalar that becomes a string in a subchart is one in its parent's tree.
fn settle(draft: Draft<'_>, path: &str, findings: &mut Findings) -> ChartValues {
    findings.warnings.extend(draft.findings.warnings);
    findings.errors.extend(draft.findings.errors);
    let mut values = draft.values;
    let mut settled = BTreeMap::new();
    for (name, sub) in draft.subcharts {
        let sub = settle(sub, &join(path, &name), findings);
        put(&mut values, &name, sub.values.clone());
        settled.insert(name, sub);
    }
    findings.errors.extend(schema::check(draft.chart, &mut values, path));
    ChartValues { values, subcharts: settled }
}

/// A map to lay over a subchart's defaults; null and nothing change nothing.
fn child(node: &Node, name: &str) -> Node {
    node.get(name).filter(|node| !node.is_null()).cloned().unwrap_or_else(Node::map)
}

fn with_global(mut over: Node, parent: Node) -> Node {
    let own = child(&over, GLOBAL);
    let global = overlay(own, parent);
    if global.as_map().is_some_and(|map| !map.is_empty()) {
        put(&mut over, GLOBAL, global);
    }
    over
}

fn put(node: &mut Node, name: &str, value: Node) {
    if let Some(map) = node.as_map_mut() {
        map.insert(name.to_owned(), value);
    }
}

fn no_map(path: &str, node: &Node, sub: &Subchart<'_>) -> Diagnostic {
    let error = format!("`{path}` holds the values of a subchart and must be a map, it is {}", node.kind());
    let error = Diagnostic::error(error).at(node.origin.from);
    let condition = sub.dependency.and_then(|dependency| dependency.condition.as_deref());
    match condition.and_then(|paths| paths.split(',').next()).filter(|_| matches!(node.value, Value::Bool(_))) {
        Some(condition) => error.hint(format!("the subchart is switched by `{condition}`")),
        None => error,
    }
}
