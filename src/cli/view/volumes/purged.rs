//! `kchart volumes purge`.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::action::volumes::purge::{Prepared, Purged};
use crate::cli::advice::Advice;
use crate::cli::view::kept::{KeptView, VolumeView, kept_table, volume_table};
use crate::cli::view::style::{BAD, FAINT, GOOD, NAME, painted};
use crate::cli::view::{Fails, FailureView, ObjectView, View};
use crate::plan::Report;
use crate::release::{Release, StepSummary};

/// Volumes that were destroyed, or would be: by release, those of none first.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct PurgedView(pub(in crate::cli) Vec<PurgedVolumes>);

/// Volumes of one release, or of none.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct PurgedVolumes {
    /// Namespace of the claims; null when it failed before that was known.
    namespace: Option<String>,
    /// The release whose they are; null when they are of none.
    release: Option<String>,
    /// `purged`, `failed` or `interrupted`; `planned` for a dry run.
    status: &'static str,
    /// What becomes of each volume; what was to become of it, when it failed.
    volumes: Vec<VolumeView>,
    /// Objects that go, in their order; those that are gone, when it failed.
    deleted: Vec<DeletedView>,
    /// Secrets that stay, and why.
    kept: Vec<KeptView>,
    /// What could not be verified, and who can.
    notes: Vec<String>,
    /// Why it failed; null when it did not.
    failure: Option<FailureView>,
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
        Self::new(prepared.namespace.clone(), prepared.release.as_ref(), &prepared.plan.report, "planned")
    }

    fn done(purged: &Purged) -> Self {
        Self::new(purged.namespace.clone(), purged.release.as_ref(), &purged.report, "purged")
    }

    fn new(namespace: String, release: Option<&Release>, report: &Report, status: &'static str) -> Self {
        let deleted =
            report.lines.iter().map(|line| DeletedView { object: ObjectView::from(&line.id), why: line.why.clone() });
        Self {
            namespace: Some(namespace),
            release: release.map(|release| release.name.clone()),
            status,
            volumes: report.volumes.iter().map(VolumeView::from).collect(),
            deleted: deleted.collect(),
            kept: report.kept.iter().map(KeptView::from).collect(),
            notes: report.notes.clone(),
            failure: None,
        }
    }

    fn text(&self, width: Option<u16>) -> String {
        let whose = self.release.as_ref().map_or_else(|| "no release".to_owned(), |name| format!("release {name}"));
        let place =
            format!("of {} in namespace {}", painted(NAME, whose), self.namespace.as_deref().unwrap_or_default());
        let mut text = match self.status {
            "planned" => format!("plan: volumes {place} to purge\n"),
            status => format!("volumes {place} {}\n", painted(GOOD, status)),
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

impl PurgedView {
    /// With those of one more release.
    pub(in crate::cli) fn push(&mut self, purged: &Purged) {
        self.0.push(PurgedVolumes::done(purged));
    }

    /// With those of one more, of which nothing was done yet.
    pub(in crate::cli) fn and_named(mut self, namespace: Option<String>, release: Option<String>) -> Self {
        self.0.push(PurgedVolumes { namespace, release, ..PurgedVolumes::default() });
        self
    }

    /// With those of one more, for which these steps were not done.
    pub(in crate::cli) fn and_in_part(mut self, mut purged: Purged, left: &[StepSummary]) -> Self {
        purged.report.lines.retain(|line| !left.iter().any(|step| step.id.as_ref() == Some(&line.id)));
        self.push(&purged);
        self
    }
}

impl Fails for PurgedView {
    /// Those of the last one failed.
    fn failed(mut self, why: FailureView) -> Self {
        if let Some(last) = self.0.last_mut() {
            last.status = why.status();
            last.failure = Some(why);
        }
        self
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
