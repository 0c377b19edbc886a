//! A chart and its enabled subcharts, each with what its templates see.

use super::{Context, root};
use crate::chart::Chart;
use crate::values::ChartValues;
use crate::yaml::Node;

/// One chart to render.
#[derive(Debug)]
pub(super) struct Unit<'c> {
    pub(super) chart: &'c Chart,
    /// Name under which its parent knows it: its alias, else the chart's name.
    pub(super) name: String,
    /// As Helm names templates: `orchestrator`, `orchestrator/charts/rabbitmq`.
    pub(super) path: String,
    pub(super) values: &'c Node,
    /// `release` as its templates see it.
    pub(super) release: Node,
    /// `chart` as its templates see it.
    pub(super) metadata: Node,
    /// The chart that was asked for, no subchart.
    pub(super) is_top: bool,
    /// Paths in its values that turn it or its subcharts on and off.
    pub(super) conditions: Vec<String>,
}

/// The chart and all enabled subcharts below it, parents first.
pub(super) fn units<'c>(chart: &'c Chart, values: &'c ChartValues, context: &Context) -> Vec<Unit<'c>> {
    let mut units = Vec::new();
    let name = chart.metadata.name.clone();
    add(chart, values, context, Unit::new(chart, values, context, name.clone(), name, true), &mut units);
    units
}

fn add<'c>(chart: &'c Chart, values: &'c ChartValues, context: &Context, unit: Unit<'c>, units: &mut Vec<Unit<'c>>) {
    let path = unit.path.clone();
    units.push(unit);
    for (name, values) in &values.subcharts {
        let Some(subchart) = subchart(chart, name) else { continue };
        let path = format!("{path}/charts/{name}");
        let mut unit = Unit::new(subchart, values, context, name.clone(), path, false);
        let own = conditions(chart).filter_map(|condition| condition.strip_prefix(name.as_str())?.strip_prefix('.'));
        unit.conditions.extend(own.map(str::to_owned));
        add(subchart, values, context, unit, units);
    }
}

/// The subchart that a chart knows under `name`.
pub(super) fn subchart<'c>(chart: &'c Chart, name: &str) -> Option<&'c Chart> {
    let dependency = chart
        .metadata
        .dependencies
        .iter()
        .find(|dependency| dependency.alias.as_deref().unwrap_or(&dependency.name) == name);
    let wanted = dependency.map_or(name, |dependency| dependency.name.as_str());
    chart.subcharts.iter().find(|subchart| subchart.metadata.name == wanted)
}

/// The conditions of a chart's dependencies; a comma separates alternatives (Helm docs, "Tags and Condition fields").
fn conditions(chart: &Chart) -> impl Iterator<Item = &str> {
    let all = chart.metadata.dependencies.iter().filter_map(|dependency| dependency.condition.as_deref());
    all.flat_map(|condition| condition.split(',').map(str::trim))
}

impl<'c> Unit<'c> {
    fn new(
        chart: &'c Chart,
        values: &'c ChartValues,
        context: &Context,
        name: String,
        path: String,
        is_top: bool,
    ) -> Self {
        Self {
            release: root::release(context, &name, &chart.metadata),
            metadata: root::chart(&name, &chart.metadata),
            chart,
            name,
            path,
            values: &values.values,
            is_top,
            conditions: conditions(chart).map(str::to_owned).collect(),
        }
    }
}
