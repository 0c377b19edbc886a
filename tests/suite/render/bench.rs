//! A chart in memory: templates, values, and what they render to.

use kchart::chart::{Chart, Metadata, Role, TemplateFile};
use kchart::diagnostic::{Diagnostic, SourceKind, SourceMap};
use kchart::render::{Context, Rendered, render};
use kchart::values::ChartValues;
use kchart::yaml::{Dialect, Node, read_one};

/// A chart being built.
pub(crate) struct Bench {
    pub(crate) chart: Chart,
    pub(crate) values: Node,
    pub(crate) sources: SourceMap,
    pub(crate) context: Context,
}

impl Bench {
    /// A chart `demo` with these values.yaml and no template.
    pub(crate) fn new(values: &str) -> Self {
        let mut sources = SourceMap::new();
        let source = sources.add("demo/values.yaml", SourceKind::Values, values);
        let values = read_one(values, source, Dialect::Core12).expect("values are YAML");
        let metadata = Metadata {
            api_version: "v2".into(),
            name: "demo".into(),
            version: "1.0.0".into(),
            app_version: Some("2.1".into()),
            ..Metadata::default()
        };
        let chart = Chart {
            metadata,
            values: values.clone(),
            schema: None,
            crds: Vec::new(),
            templates: Vec::new(),
            files: std::collections::BTreeMap::new(),
            subcharts: Vec::new(),
            warnings: Vec::new(),
        };
        let context = Context {
            release: "web".into(),
            namespace: "shop".into(),
            revision: 1,
            is_upgrade: false,
            kube_version: "v1.34.1".into(),
            api_versions: vec!["v1".into(), "apps/v1".into()],
        };
        Self { chart, values, sources, context }
    }

    /// With a file below `templates/`.
    pub(crate) fn template(mut self, file: &str, text: &str) -> Self {
        let role = match file {
            _ if file.starts_with('_') => Role::Partial,
            "notes.txt.hbs" => Role::Notes,
            _ if file.strip_suffix(".hbs").is_some() => Role::Manifest,
            _ => Role::GoTemplate,
        };
        let source = self.sources.add(format!("demo/templates/{file}"), SourceKind::Template, text);
        self.chart.templates.push(TemplateFile { path: format!("templates/{file}"), source, role });
        self
    }

    /// With another values layer, as `-f` gives it.
    pub(crate) fn layer(mut self, text: &str) -> Self {
        let source = self.sources.add("my.yaml", SourceKind::Values, text);
        let over = read_one(text, source, Dialect::Core12).expect("values are YAML");
        self.values = kchart::values::merge(self.values, over);
        self
    }

    /// Renders it.
    pub(crate) fn render(&mut self) -> Result<Rendered, Vec<Diagnostic>> {
        let values = ChartValues { values: self.values.clone(), ..ChartValues::default() };
        render(&self.chart, &values, &self.context, &mut self.sources)
    }

    /// The documents as JSON.
    #[track_caller]
    pub(crate) fn json(&mut self) -> Vec<serde_json::Value> {
        match self.render() {
            Ok(rendered) => rendered.documents.iter().map(|document| document.root.to_json()).collect(),
            Err(errors) => panic!("{}", self.paint(&errors)),
        }
    }

    /// Messages as a user sees them, without colours.
    pub(crate) fn paint(&self, diagnostics: &[Diagnostic]) -> String {
        diagnostics
            .iter()
            .map(|diagnostic| kchart::diagnostic::paint(diagnostic, &self.sources, &|line| line.to_owned(), false))
            .collect()
    }
}

/// The documents that one template makes of these values.
#[track_caller]
pub(crate) fn rendered(values: &str, template: &str) -> Vec<serde_json::Value> {
    Bench::new(values).template("x.yaml.hbs", template).json()
}
