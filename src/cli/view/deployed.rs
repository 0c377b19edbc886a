//! What `install` and `upgrade` did.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::kept::{KeptView, kept_table};
use super::plan::word;
use super::style::{GOOD, NAME, painted};
use crate::action::deploy::{Deployed, Making};
use crate::cli::advice::Advice;
use crate::plan::Change;
use crate::release::{ChartSummary, Revision, Status};

/// A revision in force.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct DeployedView {
    /// Name of the release.
    name: String,
    /// Its namespace.
    namespace: String,
    /// The revision in force.
    revision: Revision,
    /// Always `deployed`.
    status: Status,
    /// Its chart; null for `--manifest`.
    chart: Option<ChartSummary>,
    /// `installed`, `upgraded`, `rolled back` or `unchanged`.
    outcome: &'static str,
    /// The revision whose manifest is in force again, after a rollback.
    rolled_back_to: Option<Revision>,
    /// How many objects were changed, by kind of change.
    objects: ChangesView,
    /// What an earlier install left and this one uses again: claims, and what opens them.
    found: Vec<KeptView>,
    /// What stays although the release no longer wants it.
    kept: Vec<KeptView>,
    /// What may be dangerous.
    hazards: Vec<String>,
    /// The chart's notes.
    notes: Option<String>,
}

/// How many objects were changed how.
#[derive(Debug, Serialize, JsonSchema)]
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
                (false, Making::Rotation) => "rotated",
            },
            rolled_back_to: match deployed.making {
                Making::Rollback(to) if !deployed.unchanged => Some(to),
                _ => None,
            },
            name: deployed.release.name,
            namespace: deployed.release.namespace,
            revision: deployed.revision,
            status: Status::Deployed,
            chart: deployed.chart,
            found: deployed.found.iter().map(KeptView::from).collect(),
            kept: deployed.kept.iter().map(KeptView::from).collect(),
            hazards: deployed.hazards.into_iter().map(|hazard| hazard.message).collect(),
            notes: deployed.notes,
        }
    }
}

impl View for DeployedView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(self.hazards.iter_mut().chain(&mut self.notes));
    }

    fn text(&self, width: Option<u16>) -> String {
        let Self { namespace, revision, outcome, objects, .. } = self;
        let name = painted(NAME, &self.name);
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
