//! `kchart volumes purge`.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::action::volumes::purge::{Prepared, Purged};
use crate::cli::advice::Advice;
use crate::cli::view::kept::{KeptView, VolumeView, kept_table, volume_table};
use crate::cli::view::style::{BAD, FAINT, GOOD, NAME, painted};
use crate::cli::view::{ObjectView, View};
use crate::plan::Report;
use crate::release::Release;

/// Volumes that were destroyed, or would be: by release, those of none first.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct PurgedView(pub(in crate::cli) Vec<PurgedVolumes>);

/// Volumes of one release, or of none.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct PurgedVolumes {
    /// Namespace of the claims.
    namespace: String,
    /// The release whose they are; null when they are of none.
    release: Option<String>,
    /// `purged`, or `planned` for a dry run.
    outcome: &'static str,
    /// What becomes of each volume.
    volumes: Vec<VolumeView>,
    /// Objects that go, in their order.
    deleted: Vec<DeletedView>,
    /// Secrets that stay, and why.
    kept: Vec<KeptView>,
    /// What could not be verified, and who can.
    notes: Vec<String>,
}

/// An object that goes.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeletedView {
    /// Which object.
    object: ObjectView,
    /// What goes with it, or why it goes.
    why: Option<String>,
}

impl PurgedVolumes {
    pub(in crate::cli) fn planned(prepared: &Prepared) -> Self {
        Self::new(&prepared.namespace, prepared.release.as_ref(), &prepared.plan.report, "planned")
    }

    pub(in crate::cli) fn done(purged: &Purged) -> Self {
        Self::new(&purged.namespace, purged.release.as_ref(), &purged.report, "purged")
    }

    fn new(namespace: &str, release: Option<&Release>, report: &Report, outcome: &'static str) -> Self {
        let deleted =
            report.lines.iter().map(|line| DeletedView { object: ObjectView::from(&line.id), why: line.why.clone() });
        Self {
            namespace: namespace.to_owned(),
            release: release.map(|release| release.name.clone()),
            outcome,
            volumes: report.volumes.iter().map(VolumeView::from).collect(),
            deleted: deleted.collect(),
            kept: report.kept.iter().map(KeptView::from).collect(),
            notes: report.notes.clone(),
        }
    }

    fn text(&self, width: Option<u16>) -> String {
        let whose = self.release.as_ref().map_or_else(|| "no release".to_owned(), |name| format!("release {name}"));
        let place = format!("of {} in namespace {}", painted(NAME, whose), self.namespace);
        let mut text = match self.outcome {
            "planned" => format!("plan: volumes {place} to purge\n"),
            outcome => format!("volumes {place} {}\n", painted(GOOD, outcome)),
        };
        for deleted in &self.deleted {
            let why = deleted.why.as_ref().map(|why| format!("  ({why})")).unwrap_or_default();
            let _ = writeln!(text, "  {}{why}", painted(BAD, format!("- delete  {}", deleted.object)));
        }
        if !self.volumes.is_empty() {
            let _ = write!(text, "volumes\n{}", volume_table(&self.volumes, width));
        }
        if !self.kept.is_empty() {
            let _ = write!(text, "kept\n{}", kept_table(&self.kept, width));
        }
        for note in &self.notes {
            let _ = writeln!(text, "{} {note}", painted(FAINT, "note:"));
        }
        text
    }
}

impl View for PurgedView {
    fn complete(&mut self, advice: &Advice) {
        for volumes in &mut self.0 {
            advice.complete_all(&mut volumes.notes);
        }
    }

    fn text(&self, width: Option<u16>) -> String {
        self.0.iter().map(|volumes| volumes.text(width)).collect()
    }
}
