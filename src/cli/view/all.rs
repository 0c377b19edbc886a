//! `kchart get all` and its parts.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use crate::cli::advice::Advice;
use crate::manifest;
use crate::release::{ChartSummary, Record, Revision, Status};
use crate::yaml::{self, Node};

/// The values with what flowed into Secrets masked, unless they shall be shown.
pub(in crate::cli) fn masked(values: &Node, record: &Record, reveal: bool) -> Node {
    if reveal { values.clone() } else { manifest::mask(&record.objects, []).node(values) }
}

/// The values that were given for a revision, with `--all` those of its chart, too; secrets are masked without
/// `--reveal`. Generated values are left out.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct ValuesView(serde_json::Value);

impl ValuesView {
    pub(in crate::cli) fn new(values: &Node) -> Self {
        Self(values.to_json())
    }
}

/// The objects of a revision, as they were applied; Secret data is masked without `--reveal`. Generated values are left
/// out.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct ManifestView(Vec<serde_json::Value>);

impl ManifestView {
    pub(in crate::cli) fn new(record: &Record, reveal: bool) -> Self {
        Self(objects(record, reveal))
    }
}

/// Everything that is stored of a revision.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct AllView {
    /// Name of the release.
    name: String,
    /// Its namespace.
    namespace: String,
    /// The revision.
    revision: Revision,
    /// What became of it.
    status: Status,
    /// When its run began (RFC 3339).
    #[schemars(with = "String")]
    started: Timestamp,
    /// When its status last changed (RFC 3339).
    #[schemars(with = "String")]
    updated: Timestamp,
    /// One sentence.
    description: String,
    /// Its chart; null for `--manifest`.
    chart: Option<ChartSummary>,
    /// The given values; secrets are masked without `--reveal`.
    values: serde_json::Value,
    /// The objects; Secret data is masked without `--reveal`.
    manifest: Vec<serde_json::Value>,
    /// The chart's notes.
    notes: Option<String>,
    #[serde(skip)]
    #[schemars(skip)]
    text: String,
}

impl AllView {
    pub(in crate::cli) fn new(record: &Record, reveal: bool) -> Self {
        let values = masked(&record.values, record, reveal);
        let manifest = manifest::to_yaml(&record.objects, !reveal);
        Self {
            name: record.release.name.clone(),
            namespace: record.release.namespace.clone(),
            revision: record.revision,
            status: record.status,
            started: record.started,
            updated: record.updated,
            description: record.description.clone(),
            chart: record.chart.clone(),
            text: format!("values:\n{}\nmanifest:\n{manifest}", yaml::write(&values)),
            values: values.to_json(),
            manifest: objects(record, reveal),
            notes: record.notes.clone(),
        }
    }
}

/// The objects as JSON, masked unless they shall be shown.
fn objects(record: &Record, reveal: bool) -> Vec<serde_json::Value> {
    record
        .objects
        .iter()
        .map(|object| if reveal { object.body.to_json() } else { manifest::masked(object).to_json() })
        .collect()
}

impl View for AllView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(&mut self.notes);
    }

    fn text(&self, _width: Option<u16>) -> String {
        let notes = self.notes.as_ref().map(|notes| format!("\nnotes:\n{}\n", notes.trim())).unwrap_or_default();
        let Self { name, namespace, revision, status, .. } = self;
        format!("{name} in namespace {namespace}, revision {revision}, {status}\n\n{}{notes}", self.text)
    }
}

/// The notes of a revision.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::cli) struct NotesView {
    /// The chart's notes; null if it has none.
    notes: Option<String>,
}

impl NotesView {
    pub(in crate::cli) fn new(notes: Option<String>) -> Self {
        Self { notes }
    }
}

impl View for NotesView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(&mut self.notes);
    }

    fn text(&self, _width: Option<u16>) -> String {
        self.notes.as_ref().map(|notes| format!("{}\n", notes.trim_end())).unwrap_or_default()
    }
}
