//! A plan: what would be done, and why.

use std::fmt::Write;

use anstyle::Style;
use schemars::JsonSchema;
use serde::Serialize;

use super::kept::{KeptView, VolumeView, kept_table, volume_table};
use super::style::{BAD, CHANGED, FAINT, GOOD, NAME, painted};
use super::{ObjectView, View};
use crate::cli::advice::Advice;
use crate::plan::{Change, FieldDiff, Line, Report};
use crate::release::Release;
use crate::yaml::Node;

/// A plan that was not carried out.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct PlanView {
    /// Name of the release.
    name: String,
    /// Its namespace.
    namespace: String,
    /// Whether anything would change.
    changes: bool,
    /// What would happen to each object.
    objects: Vec<LineView>,
    /// What an earlier install left and this one would use again: claims, and what opens them.
    found: Vec<KeptView>,
    /// What would stay.
    kept: Vec<KeptView>,
    /// What would become of volumes.
    volumes: Vec<VolumeView>,
    /// What may be dangerous.
    hazards: Vec<String>,
    /// What could not be known, or would not be done.
    notes: Vec<String>,
}

/// Plans of several releases, in the order in which they were named.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct PlansView(pub(in crate::cli) Vec<PlanView>);

/// What would happen to an object.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LineView {
    /// Which object.
    object: ObjectView,
    /// `create`, `update`, `replace`, `delete` or `keep`.
    change: &'static str,
    /// Why, where it is not plain.
    why: Option<String>,
    /// What differs.
    fields: Vec<FieldView>,
}

/// A field that differs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FieldView {
    /// Its path.
    path: String,
    /// What it is; null where it is not there or is a secret.
    live: Option<serde_json::Value>,
    /// What it would be; null where it would go or is a secret.
    wanted: Option<serde_json::Value>,
    /// Whether the values are not shown.
    secret: bool,
}

impl PlanView {
    pub(in crate::cli) fn new(release: &Release, report: &Report) -> Self {
        Self {
            name: release.name.clone(),
            namespace: release.namespace.clone(),
            changes: report.lines.iter().any(|line| line.change != Change::Keep),
            objects: report.lines.iter().map(LineView::from).collect(),
            found: report.found.iter().map(KeptView::from).collect(),
            kept: report.kept.iter().map(KeptView::from).collect(),
            volumes: report.volumes.iter().map(VolumeView::from).collect(),
            hazards: report.hazards.iter().map(|hazard| hazard.message.clone()).collect(),
            notes: report.notes.clone(),
        }
    }
}

impl From<&Line> for LineView {
    fn from(line: &Line) -> Self {
        Self {
            object: ObjectView::from(&line.id),
            change: word(line.change),
            why: line.why.clone(),
            fields: line.fields.iter().map(FieldView::from).collect(),
        }
    }
}

impl From<&FieldDiff> for FieldView {
    fn from(diff: &FieldDiff) -> Self {
        let shown = |node: &Option<Node>| node.as_ref().filter(|_| !diff.secret).map(Node::to_json);
        Self { path: diff.path.to_string(), live: shown(&diff.live), wanted: shown(&diff.wanted), secret: diff.secret }
    }
}

/// The word for a change, as it is printed and written into JSON.
pub(super) fn word(change: Change) -> &'static str {
    match change {
        Change::Create => "create",
        Change::Update => "update",
        Change::Replace => "replace",
        Change::Delete => "delete",
        Change::Keep => "keep",
    }
}

fn sign(change: &str) -> (&'static str, Style) {
    match change {
        "create" => ("+", GOOD),
        "update" => ("~", CHANGED),
        "replace" => ("±", CHANGED),
        "delete" => ("-", BAD),
        _ => ("=", FAINT),
    }
}

impl View for PlanView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(self.hazards.iter_mut().chain(&mut self.notes));
    }

    fn text(&self, width: Option<u16>) -> String {
        let mut text = format!("plan for {} in namespace {}\n", painted(NAME, &self.name), self.namespace);
        for line in self.objects.iter().filter(|line| line.change != word(Change::Keep)) {
            let (sign, style) = sign(line.change);
            let why = line.why.as_ref().map(|why| format!("  ({why})")).unwrap_or_default();
            let shown = format!("{sign} {:<7} {}", line.change, line.object);
            let _ = writeln!(text, "  {}{why}", painted(style, shown));
            for field in &line.fields {
                let _ = writeln!(text, "      {}", field.text());
            }
        }
        let stays = self.objects.iter().filter(|line| line.change == word(Change::Keep)).count();
        if stays > 0 {
            let _ = writeln!(text, "  {}", painted(FAINT, format!("= keep    {stays} as they are")));
        }
        if !self.changes {
            text.push_str("  nothing would change\n");
        }
        if !self.volumes.is_empty() {
            let _ = write!(text, "volumes\n{}", volume_table(&self.volumes, width));
        }
        if !self.found.is_empty() {
            let _ = write!(text, "found again\n{}", kept_table(&self.found, width));
        }
        if !self.kept.is_empty() {
            let _ = write!(text, "kept\n{}", kept_table(&self.kept, width));
        }
        for hazard in &self.hazards {
            let _ = writeln!(text, "{} {hazard}", painted(CHANGED, "hazard:"));
        }
        for note in &self.notes {
            let _ = writeln!(text, "{} {note}", painted(FAINT, "note:"));
        }
        text
    }
}

impl View for PlansView {
    fn text(&self, width: Option<u16>) -> String {
        self.0.iter().map(|plan| plan.text(width)).collect()
    }

    fn complete(&mut self, advice: &Advice) {
        self.0.iter_mut().for_each(|plan| plan.complete(advice));
    }
}

impl FieldView {
    fn text(&self) -> String {
        if self.secret {
            return format!("{}: changes (secret, not shown)", self.path);
        }
        let shown = |value: &Option<serde_json::Value>| {
            value.as_ref().map_or_else(|| "(nothing)".to_owned(), ToString::to_string)
        };
        format!("{}: {} → {}", self.path, shown(&self.live), shown(&self.wanted))
    }
}
