//! Templates and values to documents, by typed holes: values never reach the YAML parser as text.

mod check;
mod declared;
mod handlebars;
mod naming;
mod read;
mod root;
mod unit;
mod unread;

pub use handlebars::functions;

use handlebars::{Budget, Program, Scene};
use root::Root;

use crate::chart::{Chart, Role};
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

/// Renders a chart and its enabled subcharts. Texts of Library partials that it uses are added to `sources`.
pub fn render(
    chart: &Chart,
    values: &ChartValues,
    context: &Context,
    sources: &mut SourceMap,
) -> Result<Rendered, Vec<Diagnostic>> {
    let charts = unit::units(chart, values, context);
    let read = read::read(&charts, sources)?;
    let sources = &*sources;
    let mut rendered = Rendered::default();
    let mut errors = Vec::new();
    let defaults = charts.iter().map(|unit| unit.chart.values.origin.at.source).collect();
    for (unit, templates) in charts.iter().zip(&read.units) {
        let program = Program { partials: &templates.partials, library: &read.library };
        let reads = handlebars::reads(templates.templates.iter().map(|(_, template)| template), program);
        errors.extend(check::undeclared(unit, &reads));
        rendered.warnings.extend(unread::warnings(unit, &reads, &defaults));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let budget = Budget::default();
    let capabilities = root::capabilities(context);
    for (unit, templates) in charts.iter().zip(&read.units) {
        let program = Program { partials: &templates.partials, library: &read.library };
        let definitions = unit.chart.crds.iter();
        rendered.documents.extend(
            definitions.map(|(path, root)| Document { template: format!("{}/{path}", unit.path), root: root.clone() }),
        );
        for (file, template) in &templates.templates {
            let name = format!("{}/{}", unit.path, file.path);
            let label = root::template(&name);
            let parts = [&unit.release, &unit.metadata, &capabilities, &label];
            let root = Root::new(unit.values, parts, &unit.chart.files);
            let scene = Scene { program: &program, root: &root, budget: &budget, sources };
            match file.role {
                Role::Manifest => match handlebars::documents(template, scene) {
                    Ok(roots) => rendered
                        .documents
                        .extend(roots.into_iter().map(|root| Document { template: name.clone(), root })),
                    Err(found) => errors.extend(found),
                },
                Role::Notes if unit.is_top => match handlebars::text(template, scene) {
                    Ok(text) => rendered.notes = Some(text),
                    Err(found) => errors.extend(found),
                },
                Role::Notes | Role::Partial | Role::GoTemplate => {}
            }
        }
    }
    if errors.is_empty() { Ok(rendered) } else { Err(errors) }
}
