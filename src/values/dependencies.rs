//! Which subcharts a chart has, by which name, and which of them are enabled (Helm's `pkg/chart/v2/util/dependencies.go`).

use crate::chart::{Chart, Dependency, Range, read_version};
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// A subchart as its parent sees it.
#[derive(Clone, Debug)]
pub struct Subchart<'c> {
    /// The key of its values in the parent's: the alias, else its name.
    pub name: String,
    /// The chart.
    pub chart: &'c Chart,
    /// What Chart.yaml says about it; none for a chart that only lies in `charts/`.
    pub dependency: Option<&'c Dependency>,
}

/// The subcharts of a chart, enabled or not: those that only lie there first, then those of Chart.yaml in its order.
/// One chart may be there several times under different aliases.
pub fn subcharts(chart: &Chart) -> Vec<Subchart<'_>> {
    let declared = &chart.metadata.dependencies;
    let undeclared = chart.subcharts.iter().filter(|sub| !declared.iter().any(|dependency| fits(dependency, sub)));
    let mut out: Vec<_> =
        undeclared.map(|sub| Subchart { name: sub.metadata.name.clone(), chart: sub, dependency: None }).collect();
    for dependency in declared {
        if let Some(sub) = chart.subcharts.iter().find(|sub| fits(dependency, sub)) {
            let alias = dependency.alias.as_deref().filter(|alias| !alias.is_empty());
            let name = alias.unwrap_or(&dependency.name).to_owned();
            out.push(Subchart { name, chart: sub, dependency: Some(dependency) });
        }
    }
    out
}

fn fits(dependency: &Dependency, chart: &Chart) -> bool {
    if dependency.name != chart.metadata.name {
        return false;
    }
    let range = dependency.version.as_deref().filter(|range| !range.is_empty()).and_then(Range::parse);
    match (range, read_version(&chart.metadata.version)) {
        (Some(range), Some(version)) => range.contains(&version),
        // The loader of charts says what is wrong with a version.
        _ => true,
    }
}

/// Whether a subchart is enabled: by the first of its conditions that is a boolean in the parent's values (subcharts'
/// values included), else by its tags in the top chart's values, else it is.
pub(super) fn is_enabled(
    sub: &Subchart<'_>,
    parent: &Node,
    tags: Option<&Node>,
    warnings: &mut Vec<Diagnostic>,
) -> bool {
    let Some(dependency) = sub.dependency else { return true };
    for condition in dependency.condition.iter().flat_map(|condition| condition.split(',')).map(str::trim) {
        let path: Vec<_> = condition.split('.').collect();
        let Some(node) = parent.at(&path).filter(|node| !node.is_null()) else { continue };
        match node.as_bool() {
            Some(enabled) => return enabled,
            None => warnings.push(not_boolean(condition, node, &sub.name)),
        }
    }
    let mut switches = Vec::new();
    for tag in &dependency.tags {
        let Some(node) = tags.and_then(|tags| tags.get(tag)).filter(|node| !node.is_null()) else { continue };
        match node.as_bool() {
            Some(enabled) => switches.push(enabled),
            None => warnings.push(not_boolean(&format!("tags.{tag}"), node, &sub.name)),
        }
    }
    switches.is_empty() || switches.contains(&true)
}

fn not_boolean(path: &str, node: &Node, name: &str) -> Diagnostic {
    Diagnostic::warning(format!("`{path}` switches subchart `{name}` and must be true or false, it is {}", node.kind()))
        .at(node.origin.from)
}
