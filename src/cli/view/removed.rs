//! What `uninstall` did, and what it left.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::kept::{KeptView, VolumeView, kept_table, volume_table};
use super::style::{FAINT, GOOD, NAME, painted};
use super::{Fails, FailureView, ObjectView, View};
use crate::action::uninstall::Removed;
use crate::cli::advice::Advice;
use crate::object::ObjectId;
use crate::plan::Change;
use crate::release::StepSummary;

/// Releases that were taken away, in the order in which they were named.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct RemovedView(Vec<RemovedRelease>);

/// A release that was taken away.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RemovedRelease {
    /// Its name; null when it failed before that was known.
    name: Option<String>,
    /// Its namespace; null likewise.
    namespace: Option<String>,
    /// `uninstalled`, `failed` or `interrupted`.
    status: &'static str,
    /// `uninstalled`, `purged`, or `already uninstalled`; `failed` or `interrupted` when it did not come to that.
    outcome: &'static str,
    /// Objects that were deleted.
    deleted: Vec<ObjectView>,
    /// What stays.
    kept: Vec<KeptView>,
    /// What became of each volume; what was to become of it, when it failed.
    volumes: Vec<VolumeView>,
    /// The command that removes what stays; null when nothing does.
    purge_command: Option<String>,
    /// What could not be known or done.
    notes: Vec<String>,
    /// Why it failed; null when it did not.
    failure: Option<FailureView>,
}

impl From<Removed> for RemovedRelease {
    fn from(removed: Removed) -> Self {
        let deleted = removed.lines.iter().filter(|line| matches!(line.change, Change::Delete));
        let purge =
            format!("kchart uninstall {} -n {} --purge-volumes", removed.release.name, removed.release.namespace);
        Self {
            outcome: match (removed.purged, removed.only_leftovers) {
                (true, _) => "purged",
                (false, true) => "already uninstalled",
                (false, false) => "uninstalled",
            },
            deleted: deleted.map(|line| ObjectView::from(&line.id)).collect(),
            // The plan says the same in a note; after the fact it is said once.
            notes: removed.notes.into_iter().filter(|note| !note.contains(&purge)).collect(),
            purge_command: (!removed.purged && removed.kept.iter().any(|kept| kept.remove.is_none())).then_some(purge),
            name: Some(removed.release.name),
            namespace: Some(removed.release.namespace),
            status: "uninstalled",
            failure: None,
            kept: removed.kept.iter().map(KeptView::from).collect(),
            volumes: removed.volumes.iter().map(VolumeView::from).collect(),
        }
    }
}

impl RemovedView {
    /// With one more that was taken away.
    pub(in crate::cli) fn push(&mut self, removed: Removed) {
        self.0.push(removed.into());
    }

    /// With one more, of which nothing is known yet but what it was called.
    pub(in crate::cli) fn and_named(mut self, name: Option<String>, namespace: Option<String>) -> Self {
        self.0.push(RemovedRelease { name, namespace, ..RemovedRelease::default() });
        self
    }

    /// With one more, of which these steps were not done.
    pub(in crate::cli) fn and_in_part(mut self, mut removed: Removed, left: &[StepSummary]) -> Self {
        let is_left = |id: &ObjectId| left.iter().any(|step| step.act == "delete" && step.id.as_ref() == Some(id));
        removed.lines.retain(|line| !is_left(&line.id));
        self.0.push(removed.into());
        self
    }
}

impl Fails for RemovedView {
    /// The last one failed.
    fn failed(mut self, why: FailureView) -> Self {
        if let Some(last) = self.0.last_mut() {
            (last.status, last.outcome) = (why.status(), why.status());
            last.failure = Some(why);
        }
        self
    }
}

impl View for RemovedView {
    fn complete(&mut self, advice: &Advice) {
        for release in &mut self.0 {
            advice.complete_all(release.purge_command.iter_mut().chain(&mut release.notes));
        }
    }

    fn text(&self, width: Option<u16>) -> String {
        self.0.iter().map(|release| release.text(width)).collect()
    }
}

impl RemovedRelease {
    fn text(&self, width: Option<u16>) -> String {
        let [name, namespace] = [&self.name, &self.namespace].map(|it| it.as_deref().unwrap_or_default());
        let mut text = format!("{} {} in namespace {namespace}", painted(NAME, name), painted(GOOD, self.outcome));
        if !self.deleted.is_empty() {
            let _ = write!(text, " (delete {})", self.deleted.len());
        }
        text.push('\n');
        if !self.volumes.is_empty() {
            let _ = write!(text, "volumes\n{}", volume_table(&self.volumes, width));
        }
        if !self.kept.is_empty() {
            let _ = write!(text, "kept\n{}", kept_table(&self.kept, width));
        }
        if let Some(command) = &self.purge_command {
            let _ = writeln!(text, "to remove what was kept, data included: {command}");
        }
        for note in &self.notes {
            let _ = writeln!(text, "{} {note}", painted(FAINT, "note:"));
        }
        text
    }
}
