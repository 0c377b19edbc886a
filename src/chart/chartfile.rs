//! Chart.yaml, read and checked. What Helm refuses is refused (`Metadata.Validate` in `pkg/chart/v2`), at its place.

use serde::Deserialize;

use super::metadata::{Dependency, Metadata};
use super::version::{Range, version};
use crate::diagnostic::{Diagnostic, SourceId, Span, nearest};
use crate::yaml::{self, Dialect, Node};

/// Longest name of a chart (Helm's `maxChartNameLength`).
const MAX_NAME: usize = 250;

/// Chart.yaml with the places of its dependencies.
#[derive(Debug)]
pub(super) struct ChartFile {
    pub(super) metadata: Metadata,
    /// One span for each of `metadata.dependencies`.
    pub(super) dependency_spans: Vec<Span>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Reads Chart.yaml. `requirements` is requirements.yaml, where charts of apiVersion v1 name their dependencies.
pub(super) fn read(
    text: &str,
    source: SourceId,
    requirements: Option<(&str, SourceId)>,
) -> Result<ChartFile, Vec<Diagnostic>> {
    let node = yaml::read_one(text, source, Dialect::Core12).map_err(|error| vec![error])?;
    if node.as_map().is_none() {
        let message = format!("Chart.yaml must be a map of `apiVersion`, `name` and so on, not {}", node.kind());
        return Err(vec![Diagnostic::error(message).at(node.origin.at)]);
    }
    let mut warnings = unknown_keys(&node, &property_names(&schemars::schema_for!(Metadata)));
    let missing = missing_keys(&node);
    if !missing.is_empty() {
        return Err(missing);
    }
    let mut metadata: Metadata = typed(text, source, "Chart.yaml")?;
    let mut listed: &[Node] = node.list_at(&["dependencies"]);
    let required;
    if metadata.api_version == "v1"
        && let Some((text, source)) = requirements
    {
        required = yaml::read_one(text, source, Dialect::Core12).map_err(|error| vec![error])?;
        metadata.dependencies = typed::<Requirements>(text, source, "requirements.yaml")?.dependencies;
        listed = required.list_at(&["dependencies"]);
    }
    let known = property_names(&schemars::schema_for!(Dependency));
    warnings.extend(listed.iter().flat_map(|one| unknown_keys(one, &known)));
    let mut errors = check(&metadata, &node);
    let dependency_spans = listed.iter().map(|one| one.get("name").map_or(one.origin.at.into(), span)).collect();
    for (dependency, node) in metadata.dependencies.iter().zip(listed) {
        errors.extend(check_dependency(dependency, node));
    }
    if errors.is_empty() { Ok(ChartFile { metadata, dependency_spans, warnings }) } else { Err(errors) }
}

#[derive(Deserialize)]
struct Requirements {
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

/// The typed form. Scalars are read as strings where strings are wanted, with their digits: `appVersion: 1.10`.
fn typed<T: serde::de::DeserializeOwned>(text: &str, source: SourceId, file: &str) -> Result<T, Vec<Diagnostic>> {
    serde_yaml::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let error_at = |location: serde_yaml::Location| {
            let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
            crate::diagnostic::Place::new(source, number(location.line()), number(location.column()))
        };
        let diagnostic = Diagnostic::error(format!("{file} is wrong: {message}"));
        vec![match error.location() {
            Some(location) => diagnostic.at(error_at(location)),
            None => diagnostic,
        }]
    })
}

fn missing_keys(node: &Node) -> Vec<Diagnostic> {
    let keys = ["apiVersion", "name", "version"];
    let missing = keys.iter().filter(|key| node.get(key).is_none_or(Node::is_null));
    missing
        .map(|key| {
            let error = Diagnostic::error(format!("Chart.yaml has no `{key}`")).at(node.origin.at);
            let written = node.as_map().into_iter().flat_map(|map| map.keys().map(String::as_str));
            match nearest(key, written) {
                Some(near) => error.hint(format!("did you mean `{key}` where it says `{near}`?")),
                None if *key == "apiVersion" => error.hint("write `apiVersion: v2`"),
                None if *key == "version" => error.hint("write `version: 0.1.0`, and count it up with each change"),
                None => error,
            }
        })
        .collect()
}

/// Keys that no reader of Chart.yaml knows. Helm ignores them, so they are warnings.
fn unknown_keys(node: &Node, known: &[String]) -> Vec<Diagnostic> {
    let keys = node.as_map().into_iter().flatten().filter(|(key, _)| !known.contains(key));
    keys.map(|(key, value)| {
        let width = u32::try_from(key.chars().count()).unwrap_or(1);
        let warning =
            Diagnostic::warning(format!("Chart.yaml knows no `{key}`: it is ignored")).at(value.key.span(width));
        match nearest(key, known.iter().map(String::as_str)) {
            Some(near) => warning.hint(format!("did you mean `{near}`?")),
            None => warning,
        }
    })
    .collect()
}

fn property_names(schema: &schemars::Schema) -> Vec<String> {
    let properties = schema.get("properties").and_then(|properties| properties.as_object());
    properties.into_iter().flat_map(|map| map.keys().cloned()).collect()
}

fn check(metadata: &Metadata, node: &Node) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let mut wrong = |key: &str, message: String, hint: Option<&str>| {
        let error = Diagnostic::error(message);
        let error = node.get(key).map_or(error.clone(), |node| error.at(span(node)));
        errors.push(hint.map_or(error.clone(), |hint| error.hint(hint)));
    };
    if !matches!(metadata.api_version.as_str(), "v1" | "v2") {
        wrong("apiVersion", format!("`{}` is no apiVersion of charts", metadata.api_version), Some("write `v2`"));
    }
    if !is_chart_name(&metadata.name) {
        let message = format!(
            "`{}` is no name of a chart: letters, digits, `.`, `_` and `-`, at most {MAX_NAME}",
            metadata.name.escape_debug()
        );
        wrong("name", message, None);
    }
    if version(&metadata.version).is_none() {
        let message = format!("`{}` is no version: MAJOR.MINOR.PATCH (SemVer 2)", metadata.version.escape_debug());
        wrong("version", message, None);
    }
    if let Some(kind) = metadata.kind.as_deref().filter(|kind| !matches!(*kind, "application" | "library" | "")) {
        wrong("type", format!("`{kind}` is no type of chart: `application` or `library`"), None);
    }
    if let Some(range) = metadata.kube_version.as_deref().filter(|range| Range::parse(range).is_none()) {
        let hint = "for example `>=1.30.0-0`; the `-0` lets versions such as v1.31.1-gke.1 in";
        wrong("kubeVersion", format!("`{range}` is no range of versions"), Some(hint));
    }
    errors
}

fn check_dependency(dependency: &Dependency, node: &Node) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let mut wrong = |key: &str, message: String| {
        let error = Diagnostic::error(message);
        errors.push(node.get(key).map_or(error.clone(), |node| error.at(span(node))));
    };
    if !is_chart_name(&dependency.name) {
        wrong("name", format!("`{}` is no name of a chart", dependency.name.escape_debug()));
    }
    if let Some(range) = dependency.version.as_deref().filter(|range| !range.is_empty())
        && Range::parse(range).is_none()
    {
        wrong("version", format!("`{range}` is no range of versions"));
    }
    // Helm's `aliasNameFormat`: a dot would make it a path in values.
    if let Some(alias) = dependency.alias.as_deref().filter(|alias| !alias.is_empty())
        && !alias.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    {
        wrong("alias", format!("`{}` is no alias: letters, digits, `_` and `-`", alias.escape_debug()));
    }
    if let Some(imports) = node.get("import-values") {
        let message =
            "`import-values` is not supported: the parent's templates can read the subchart's values themselves";
        errors.push(Diagnostic::error(message).at(imports.key.span(13)));
    }
    errors
}

/// Helm's rule for names of charts. The name becomes a part of paths.
pub(super) fn is_chart_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME
        && !matches!(name, "." | "..")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn span(node: &Node) -> Span {
    let width = node.as_str().map_or(1, |text| text.chars().count());
    node.origin.at.span(u32::try_from(width).unwrap_or(1))
}
