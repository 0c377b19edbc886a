//! Files to a [`Chart`]: which file is what, its texts into the [`SourceMap`], its subcharts and dependencies.

use std::path::{Path, PathBuf};

use super::chartfile::{self, ChartFile};
use super::home::Home;
use super::tree::{Budget, FileTree, is_archive};
use super::version::{Range, version};
use super::{Chart, Dependency, Role, TemplateFile, archive, bundled, folder};
use crate::diagnostic::{Diagnostic, SourceId, SourceKind, SourceMap, Span};
use crate::yaml::{self, Dialect, Node};

/// Charts in charts beyond this are refused.
const MAX_DEPTH: usize = 16;

/// The loading of one chart with everything in it.
pub(super) struct Assembly<'a> {
    pub(super) sources: &'a mut SourceMap,
    budget: Budget,
    /// The charts on the way down, for circles of `file://`.
    above: Vec<PathBuf>,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(sources: &'a mut SourceMap) -> Self {
        Self { sources, budget: Budget::default(), above: Vec::new() }
    }

    /// Loads a chart folder.
    pub(super) fn folder(&mut self, real: &Path, shown: &str) -> Result<Chart, Vec<Diagnostic>> {
        let tree = folder::read(real, shown, &mut self.budget, self.sources).map_err(|error| vec![error])?;
        self.chart(tree, &Home::Folder { real: real.to_owned(), shown: shown.to_owned() })
    }

    /// Loads a packed chart.
    pub(super) fn archive(&mut self, packed: &[u8], shown: &str) -> Result<Chart, Vec<Diagnostic>> {
        let tree = archive::read(packed, shown, &mut self.budget).map_err(|error| vec![error])?;
        self.chart(tree, &Home::Enclosed { shown: shown.to_owned() })
    }

    /// Loads a chart of the binary; none if there is no such chart.
    pub(super) fn bundled(&mut self, name: &str) -> Option<Result<Chart, Vec<Diagnostic>>> {
        let tree = bundled::read(name)?;
        Some(self.chart(tree, &Home::Bundled { name: name.to_owned() }))
    }

    fn chart(&mut self, mut tree: FileTree, home: &Home) -> Result<Chart, Vec<Diagnostic>> {
        if self.above.len() >= MAX_DEPTH {
            let message = format!("`{}` lies more than {MAX_DEPTH} charts deep", home.shown());
            return Err(vec![Diagnostic::error(message)]);
        }
        let Some(text) = tree.files.remove("Chart.yaml") else {
            return Err(vec![Diagnostic::error(format!("`{}` is no chart: it has no Chart.yaml", home.shown()))]);
        };
        let (text, source) = self.text(text, "Chart.yaml", home, SourceKind::Metadata).map_err(|error| vec![error])?;
        let requirements = match tree.files.remove("requirements.yaml") {
            Some(bytes) => {
                Some(self.text(bytes, "requirements.yaml", home, SourceKind::Metadata).map_err(|error| vec![error])?)
            }
            None => None,
        };
        let requirements = requirements.as_ref().map(|(text, source)| (text.as_str(), *source));
        let ChartFile { metadata, dependency_spans, warnings } = chartfile::read(&text, source, requirements)?;

        let mut chart = Chart { metadata, warnings, ..Chart::default() };
        let mut errors = Vec::new();
        match self.values(&mut tree, home) {
            Ok(values) => chart.values = values,
            Err(error) => errors.push(error),
        }
        match self.schema(&mut tree, home) {
            Ok(schema) => chart.schema = schema,
            Err(error) => errors.push(error),
        }
        chart.files = tree.split_off("files/").files;
        self.templates(&mut tree, home, &mut chart, &mut errors);
        self.definitions(&mut tree, home, &mut chart, &mut errors);
        self.above.push(home.key());
        self.vendored(&mut tree, home, &mut chart, &mut errors);
        let dependencies = chart.metadata.dependencies.clone();
        for (dependency, span) in dependencies.iter().zip(dependency_spans) {
            match self.dependency(dependency, span, home, &chart.subcharts) {
                Ok(found) => chart.subcharts.extend(found),
                Err(found) => errors.extend(found),
            }
        }
        self.above.pop();
        for subchart in &mut chart.subcharts {
            chart.warnings.append(&mut subchart.warnings);
        }
        if errors.is_empty() { Ok(chart) } else { Err(errors) }
    }

    fn values(&mut self, tree: &mut FileTree, home: &Home) -> Result<Node, Diagnostic> {
        let Some(bytes) = tree.files.remove("values.yaml") else {
            return Ok(Node::map());
        };
        let (text, source) = self.text(bytes, "values.yaml", home, SourceKind::Values)?;
        let node = yaml::read_one(&text, source, Dialect::Core12)?;
        if node.is_null() {
            return Ok(Node::map());
        }
        if node.as_map().is_none() {
            let message = format!("values.yaml must be a map, not {}", node.kind());
            return Err(Diagnostic::error(message).at(node.origin.at));
        }
        Ok(node)
    }

    fn schema(
        &mut self,
        tree: &mut FileTree,
        home: &Home,
    ) -> Result<Option<(serde_json::Value, SourceId)>, Diagnostic> {
        let Some(bytes) = tree.files.remove("values.schema.json") else {
            return Ok(None);
        };
        let (text, source) = self.text(bytes, "values.schema.json", home, SourceKind::Metadata)?;
        if let Some(json) = yaml::json(&text).filter(|json| json.is_object() || json.is_boolean()) {
            return Ok(Some((json, source)));
        }
        // JSON is YAML; read this way its errors have places.
        let node = yaml::read_one(&text, source, Dialect::Core12)?;
        if node.as_map().is_none() && node.as_bool().is_none() {
            let message = format!("values.schema.json must be a map, not {}", node.kind());
            return Err(Diagnostic::error(message).at(node.origin.at));
        }
        Ok(Some((node.to_json(), source)))
    }

    fn templates(&mut self, tree: &mut FileTree, home: &Home, chart: &mut Chart, errors: &mut Vec<Diagnostic>) {
        let paths: Vec<String> = tree.files.keys().filter(|path| path.starts_with("templates/")).cloned().collect();
        for path in paths {
            let Some(bytes) = tree.files.remove(&path) else { continue };
            let role = match Role::of(&path) {
                Ok(role) => role,
                Err(diagnostic) if diagnostic.severity == crate::diagnostic::Severity::Warning => {
                    chart.warnings.push(diagnostic);
                    continue;
                }
                Err(diagnostic) => {
                    errors.push(diagnostic);
                    continue;
                }
            };
            match self.text(bytes, &path, home, SourceKind::Template) {
                Ok((_, source)) => chart.templates.push(TemplateFile { path, source, role }),
                Err(error) => errors.push(error),
            }
        }
    }

    /// The objects under `crds/`. Helm takes them as they are, too (`CRDObjects` in `pkg/chart/v2/chart.go`).
    fn definitions(&mut self, tree: &mut FileTree, home: &Home, chart: &mut Chart, errors: &mut Vec<Diagnostic>) {
        let is_yaml =
            |path: &&String| path.rsplit_once('.').is_some_and(|(_, ending)| matches!(ending, "yaml" | "yml" | "json"));
        let paths = tree.files.keys().filter(|path| path.starts_with("crds/")).filter(is_yaml);
        for path in paths.cloned().collect::<Vec<_>>() {
            let Some(bytes) = tree.files.remove(&path) else { continue };
            let read = self
                .text(bytes, &path, home, SourceKind::Template)
                .and_then(|(text, source)| yaml::read(&text, source, Dialect::Kubectl11));
            match read {
                Ok(roots) => {
                    chart
                        .crds
                        .extend(roots.into_iter().filter(|root| !root.is_null()).map(|root| (path.clone(), root)));
                }
                Err(error) => errors.push(error),
            }
        }
    }

    /// The charts under `charts/`, as folders and as archives. Helm passes over names that begin with `_` or `.`.
    fn vendored(&mut self, tree: &mut FileTree, home: &Home, chart: &mut Chart, errors: &mut Vec<Diagnostic>) {
        let mut names: Vec<String> = tree
            .files
            .keys()
            .filter_map(|path| path.strip_prefix("charts/"))
            .filter_map(|rest| rest.split('/').next())
            .filter(|name| !name.starts_with(['_', '.']))
            .map(str::to_owned)
            .collect();
        names.dedup();
        for name in names {
            let path = format!("charts/{name}");
            let loaded = if is_archive(&name)
                && let Some(packed) = tree.files.remove(&path)
            {
                self.archive(&packed, &home.shown_file(&path))
            } else {
                let inside = tree.split_off(&format!("{path}/"));
                self.chart(inside, &home.inside(&path))
            };
            match loaded {
                Ok(subchart) => chart.subcharts.push(subchart),
                Err(found) => errors.extend(found),
            }
        }
    }

    /// The chart that a dependency names, if it is not under `charts/` already.
    fn dependency(
        &mut self,
        wanted: &Dependency,
        span: Span,
        home: &Home,
        present: &[Chart],
    ) -> Result<Option<Chart>, Vec<Diagnostic>> {
        let fits = |chart: &Chart| {
            let range = wanted.version.as_deref().filter(|range| !range.is_empty()).and_then(Range::parse);
            range.is_none_or(|range| version(&chart.metadata.version).is_some_and(|version| range.contains(&version)))
        };
        let wrong_version = |chart: &Chart| {
            let range = wanted.version.as_deref().unwrap_or_default();
            let found = &chart.metadata.version;
            vec![
                Diagnostic::error(format!("`{}` is there in version {found}, but {range} is wanted", wanted.name))
                    .at(span),
            ]
        };
        let named: Vec<&Chart> = present.iter().filter(|chart| chart.metadata.name == wanted.name).collect();
        if named.iter().any(|chart| fits(chart)) {
            return Ok(None);
        }
        let repository = wanted.repository.as_deref().unwrap_or_default();
        let Some(path) = repository.strip_prefix("file://") else {
            return Err(match named.first() {
                Some(chart) => wrong_version(chart),
                None => vec![missing(wanted, repository, span, home)],
            });
        };
        let Some(neighbour) = home.beside(path) else {
            let message = format!(
                "the dependency `{}` is `{repository}`, but a chart in an archive or in another chart has no neighbours",
                wanted.name
            );
            let hint = "its dependencies must lie under its own charts/ (`helm dependency update` puts them there)";
            return Err(vec![Diagnostic::error(message).at(span).hint(hint)]);
        };
        if self.above.contains(&neighbour.key()) {
            let message = format!(
                "the dependency `{}` leads back to `{}`: charts depend on each other in a circle",
                wanted.name,
                neighbour.shown()
            );
            return Err(vec![Diagnostic::error(message).at(span)]);
        }
        let chart = self.neighbour(&neighbour, wanted, span)?;
        if chart.metadata.name != wanted.name {
            let message = format!(
                "the dependency is `{}`, but the chart in `{}` is `{}`",
                wanted.name,
                neighbour.shown(),
                chart.metadata.name
            );
            return Err(vec![Diagnostic::error(message).at(span)]);
        }
        if fits(&chart) { Ok(Some(chart)) } else { Err(wrong_version(&chart)) }
    }

    fn neighbour(&mut self, home: &Home, wanted: &Dependency, span: Span) -> Result<Chart, Vec<Diagnostic>> {
        let nothing = || {
            let message = format!("the dependency `{}` is not there: no chart in `{}`", wanted.name, home.shown());
            vec![Diagnostic::error(message).at(span)]
        };
        match home {
            Home::Folder { real, shown } if real.join("Chart.yaml").is_file() => self.folder(real, shown),
            Home::Bundled { name } => self.bundled(name).unwrap_or_else(|| Err(nothing())),
            Home::Folder { .. } | Home::Enclosed { .. } => Err(nothing()),
        }
    }

    /// A file's text, and its number in the source map. A byte order mark is dropped, as Helm drops it.
    fn text(
        &mut self,
        bytes: Vec<u8>,
        path: &str,
        home: &Home,
        kind: SourceKind,
    ) -> Result<(String, SourceId), Diagnostic> {
        let shown = home.shown_file(path);
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = String::from_utf8_lossy(valid).matches('\n').count() + 1;
            Diagnostic::error(format!("`{shown}` is not UTF-8 text (line {line})"))
        })?;
        let text = text.strip_prefix('\u{FEFF}').map_or_else(|| text.clone(), str::to_owned);
        let source = self.sources.add(shown, kind, text.as_str());
        Ok((text, source))
    }
}

/// A dependency that is nowhere, and what to do about it.
fn missing(wanted: &Dependency, repository: &str, span: Span, home: &Home) -> Diagnostic {
    let name = &wanted.name;
    let error = Diagnostic::error(format!("the dependency `{name}` is not there")).at(span);
    let folder = home.shown_file(&format!("charts/{name}"));
    if repository.is_empty() {
        return error.hint(format!("put it into `{folder}`, or say where it is: `repository: file://../{name}`"));
    }
    error.hint(format!(
        "kchart does not fetch from `{repository}` yet: `helm dependency update {}` puts it under charts/",
        home.shown()
    ))
}
