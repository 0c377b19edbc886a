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
        add(subchart, values, context, Unit::new(subchart, values, context, name.clone(), path, false), units);
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
        }
    }
}
