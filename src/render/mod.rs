//! Templates and values to documents, by typed holes: values never reach the YAML parser as text.

use crate::chart::Chart;
use crate::diagnostic::{Diagnostic, SourceMap};
use crate::values::ChartValues;
use crate::yaml::Node;

/// What templates see beside values.
#[derive(Clone, Debug)]
pub struct Context {
    /// Release name.
    pub release: String,
    /// Release namespace.
    pub namespace: String,
    /// Revision number.
    pub revision: u32,
    /// Whether it is an upgrade (else an install).
    pub is_upgrade: bool,
    /// `v1.37.2`.
    pub kube_version: String,
    /// `apps/v1`, `apps/v1/Deployment` …
    pub api_versions: Vec<String>,
}

/// One rendered document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Name of the template, for messages: `orchestrator/templates/deployment.yaml.hbs`.
    pub template: String,
    /// The tree; every scalar knows its template line and the values layer that set it.
    pub root: Node,
}

/// What a chart renders to.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// Documents of the chart and its subcharts, empty ones left out.
    pub documents: Vec<Document>,
    /// notes.txt of the top chart.
    pub notes: Option<String>,
    /// Warnings: values keys that no template reads and no schema names.
    pub warnings: Vec<Diagnostic>,
}

/// Renders a chart and its enabled subcharts.
pub fn render(
    _chart: &Chart,
    _values: &ChartValues,
    _context: &Context,
    _sources: &mut SourceMap,
) -> Result<Rendered, Vec<Diagnostic>> {
    todo!("render room")
}
