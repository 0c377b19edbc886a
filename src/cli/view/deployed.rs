//! What `install` and `upgrade` did.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::kept::{KeptView, kept_table};
use super::plan::word;
use super::style::{GOOD, NAME, painted};
use super::{Fails, FailureView, View};
use crate::action::deploy::{Deployed, Making};
use crate::cli::advice::Advice;
use crate::plan::Change;
use crate::release::{ChartSummary, Revision};

/// A revision in force, or one that was to be.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct DeployedView {
    /// Name of the release; null when it failed before that was known.
    name: Option<String>,
    /// Its namespace; null likewise.
    namespace: Option<String>,
    /// The revision in force, or the one that failed; null likewise.
    revision: Option<Revision>,
    /// `deployed`, `failed` or `interrupted`.
    status: &'static str,
    /// Its chart; null for `--manifest`.
    chart: Option<ChartSummary>,
    /// `installed`, `upgraded`, `rolled back`, `rotated`, `rotation aborted` or `unchanged`; `failed` or `interrupted` when it did not come to that.
    outcome: &'static str,
    /// The revision whose manifest is in force again, after a rollback.
    rolled_back_to: Option<Revision>,
    /// How many objects were changed, by kind of change; how many were to be, when it failed.
    objects: ChangesView,
    /// What an earlier install left and this one uses again: claims, and what opens them.
    found: Vec<KeptView>,
    /// What stays although the release no longer wants it.
    kept: Vec<KeptView>,
    /// What may be dangerous.
    hazards: Vec<String>,
    /// The chart's notes.
    notes: Option<String>,
    /// Why it failed; null when it did not.
    failure: Option<FailureView>,
}

/// How many objects were changed how.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangesView {
    /// Made.
    create: usize,
    /// Changed.
    update: usize,
    /// Deleted and made again.
    replace: usize,
    /// Deleted.
    delete: usize,
    /// Left as they are.
    keep: usize,
}

impl From<Deployed> for DeployedView {
    fn from(deployed: Deployed) -> Self {
        let count = |change| deployed.changes.get(&change).copied().unwrap_or(0);
        Self {
            objects: ChangesView {
                create: count(Change::Create),
                update: count(Change::Update),
                replace: count(Change::Replace),
                delete: count(Change::Delete),
                keep: count(Change::Keep),
            },
            outcome: match (deployed.unchanged, deployed.making) {
                (true, _) => "unchanged",
                (false, Making::Install) => "installed",
                (false, Making::Upgrade) => "upgraded",
                (false, Making::Rollback(_)) => "rolled back",
                (false, Making::Rotation { given_up: false }) => "rotated",
                (false, Making::Rotation { given_up: true }) => "rotation aborted",
            },
            rolled_back_to: match deployed.making {
                Making::Rollback(to) if !deployed.unchanged => Some(to),
                _ => None,
            },
            name: Some(deployed.release.name),
            namespace: Some(deployed.release.namespace),
            revision: Some(deployed.revision),
            status: "deployed",
            chart: deployed.chart,
            found: deployed.found.iter().map(KeptView::from).collect(),
            kept: deployed.kept.iter().map(KeptView::from).collect(),
            hazards: deployed.hazards.into_iter().map(|hazard| hazard.message).collect(),
            notes: deployed.notes,
            failure: None,
        }
    }
}

impl DeployedView {
    /// A deployment of which nothing is known yet but what it was called.
    pub(in crate::cli) fn named(name: Option<String>, namespace: Option<String>) -> Self {
        Self {
            name,
            namespace,
            revision: None,
            status: "failed",
            chart: None,
            outcome: "failed",
            rolled_back_to: None,
            objects: ChangesView::default(),
            found: Vec::new(),
            kept: Vec::new(),
            hazards: Vec::new(),
            notes: None,
            failure: None,
        }
    }
}

impl Fails for DeployedView {
    fn failed(self, why: FailureView) -> Self {
        let status = why.status();
        Self { status, outcome: status, notes: None, failure: Some(why), ..self }
    }
}

impl View for DeployedView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(self.hazards.iter_mut().chain(&mut self.notes));
    }

    fn text(&self, width: Option<u16>) -> String {
        let Self { outcome, objects, .. } = self;
        let name = painted(NAME, self.name.as_deref().unwrap_or_default());
        let namespace = self.namespace.as_deref().unwrap_or_default();
        let revision = self.revision.unwrap_or_default();
        let to = self.rolled_back_to.map(|to| format!(" to revision {to}")).unwrap_or_default();
        let mut text = format!("{name} {}{to} in namespace {namespace}, revision {revision}", painted(GOOD, outcome));
        let counts = [
            (objects.create, Change::Create),
            (objects.update, Change::Update),
            (objects.replace, Change::Replace),
            (objects.delete, Change::Delete),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, change)| format!("{} {count}", word(*change)))
            .collect();
        if !counts.is_empty() && *outcome != "unchanged" {
            let _ = write!(text, " ({})", counts.join(", "));
        }
        text.push('\n');
        if !self.found.is_empty() {
            let _ = write!(text, "found again\n{}", kept_table(&self.found, width));
        }
        if !self.kept.is_empty() {
            let _ = write!(text, "kept\n{}", kept_table(&self.kept, width));
        }
        let notes = if *outcome == "unchanged" { &None } else { &self.notes };
        if let Some(notes) = notes.as_ref().filter(|notes| !notes.trim().is_empty()) {
            let _ = write!(text, "\n{}\n", notes.trim());
        }
        text
    }
}
