//! A plan: what would be done, and why.

use std::fmt::Write;

use anstyle::Style;
use schemars::JsonSchema;
use serde::Serialize;

use super::field::FieldView;
use super::kept::{KeptView, VolumeView, kept_table, volume_table};
use super::style::{BAD, CHANGED, FAINT, GOOD, NAME, painted};
use super::whole::{Contents, Whole};
use super::{ObjectView, View};
use crate::action::{Reading, SharedMask};
use crate::cli::advice::Advice;
use crate::diagnostic::Failure;
use crate::object::{FieldPath, Mask};
use crate::plan::{Change, Generated, Line, Report};
use crate::release::Release;

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
    /// How much.
    counts: CountsView,
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
    /// What the API server would refuse, if it was asked.
    refusals: Vec<String>,
    #[serde(skip)]
    #[schemars(skip)]
    summary: String,
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
    /// Whether somebody deleted it since the last revision applied it.
    drift: bool,
    /// What differs.
    fields: Vec<FieldView>,
    /// The whole object without secrets, where it would be made or deleted; null otherwise, with `--short`, and where it
    /// is not known.
    manifest: Option<serde_json::Value>,
    #[serde(skip)]
    #[schemars(skip)]
    text: String,
}

/// How much a plan does.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CountsView {
    /// Objects that would be made.
    create: usize,
    /// Objects that would be changed.
    update: usize,
    /// Fields of them that would change.
    fields: usize,
    /// Objects that would be deleted and made again.
    replace: usize,
    /// Objects that would be deleted.
    delete: usize,
    /// Objects that stay as they are.
    unchanged: usize,
    /// Objects that stay although the release no longer wants them, or goes.
    kept: usize,
}

impl PlanView {
    /// A plan as it is shown. What was read knows where values stand, and what must not be shown.
    pub(in crate::cli) fn new(release: &Release, report: &Report, contents: &Contents<'_>, reading: &Reading) -> Self {
        let mask = reading.mask.now();
        Self {
            name: release.name.clone(),
            namespace: release.namespace.clone(),
            changes: report.lines.iter().any(|line| line.change != Change::Keep),
            counts: CountsView::new(report),
            objects: report.lines.iter().map(|line| LineView::new(line, report, contents, reading, &mask)).collect(),
            found: report.found.iter().map(KeptView::from).collect(),
            kept: report.kept.iter().map(KeptView::from).collect(),
            volumes: report.volumes.iter().map(VolumeView::from).collect(),
            hazards: report.hazards.iter().map(|hazard| hazard.message.clone()).collect(),
            notes: report.notes.clone(),
            refusals: Vec::new(),
            summary: report.summary(),
        }
    }

    /// Whether anything would change.
    pub(in crate::cli) fn changes(&self) -> bool {
        self.changes
    }

    /// Adds what the API server would refuse.
    pub(in crate::cli) fn refused(&mut self, failure: &Failure, mask: &SharedMask) {
        self.refusals.extend(failure.diagnostics.iter().map(|diagnostic| mask.text(&diagnostic.message)));
    }
}

impl CountsView {
    fn new(report: &Report) -> Self {
        let counts = report.counts();
        let count = |change| counts.get(&change).copied().unwrap_or(0);
        let updates = report.lines.iter().filter(|line| line.change == Change::Update);
        Self {
            create: count(Change::Create),
            update: count(Change::Update),
            fields: updates.map(|line| line.fields.len()).sum(),
            replace: count(Change::Replace),
            delete: count(Change::Delete),
            unchanged: count(Change::Keep),
            kept: report.kept.len(),
        }
    }
}

impl LineView {
    fn new(line: &Line, report: &Report, contents: &Contents<'_>, reading: &Reading, mask: &Mask) -> Self {
        let drifted = |path: &FieldPath| report.drift.contains(&(line.id.clone(), path.clone()));
        let mut fields: Vec<FieldView> =
            line.fields.iter().map(|field| FieldView::new(field, drifted(&field.path), reading, mask)).collect();
        let mut why = line.why.clone();
        if matches!(line.change, Change::Create | Change::Update | Change::Replace) {
            for ((_, key), fate) in report.generated.iter().filter(|((id, _), _)| *id == line.id) {
                let generated = FieldView::generated(key, *fate);
                fields.retain(|field| field.path() != generated.path());
                fields.push(generated);
                if *fate == Generated::New {
                    // The reason of such a line is that the key is generated.
                    why = None;
                }
            }
        }
        let whole = contents.whole(&line.id, line.change, mask);
        Self {
            object: ObjectView::from(&line.id),
            change: word(line.change),
            why,
            drift: drifted(&FieldPath::default()),
            manifest: whole.as_ref().map(Whole::json),
            text: whole.map_or_else(|| fields.iter().map(FieldView::text).collect(), |whole| whole.text(report)),
            fields,
        }
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
            let drift = line.drift.then(|| painted(CHANGED, "drift: somebody deleted it"));
            let why: Vec<&str> = line.why.iter().chain(&drift).map(String::as_str).collect();
            let why = if why.is_empty() { String::new() } else { format!("  ({})", why.join(", ")) };
            let shown = format!("{sign} {:<7} {}", line.change, line.object);
            let _ = writeln!(text, "  {}{why}", painted(style, shown));
            for row in line.text.lines() {
                let _ = writeln!(text, "      {row}");
            }
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
        for refusal in &self.refusals {
            let _ = writeln!(text, "{} {refusal}", painted(BAD, "refused:"));
        }
        let summary = painted(NAME, &self.summary);
        let _ =
            if self.changes { writeln!(text, "{summary}") } else { writeln!(text, "nothing would change: {summary}") };
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
