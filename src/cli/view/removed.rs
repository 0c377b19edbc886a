//! What `uninstall` did, and what it left.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::kept::{KeptView, VolumeView, kept_table, volume_table};
use super::style::{FAINT, GOOD, NAME, painted};
use super::{ObjectView, View};
use crate::action::uninstall::Removed;
use crate::cli::advice::Advice;
use crate::plan::Change;

/// Releases that were taken away, in the order in which they were named.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct RemovedView(pub(in crate::cli) Vec<RemovedRelease>);

/// A release that was taken away.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct RemovedRelease {
    /// Its name.
    name: String,
    /// Its namespace.
    namespace: String,
    /// `uninstalled`, `purged`, or `already uninstalled`.
    outcome: &'static str,
    /// Objects that were deleted.
    deleted: Vec<ObjectView>,
    /// What stays.
    kept: Vec<KeptView>,
    /// What became of each volume.
    volumes: Vec<VolumeView>,
    /// The command that removes what stays; null when nothing does.
    purge_command: Option<String>,
    /// What could not be known or done.
    notes: Vec<String>,
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
            name: removed.release.name,
            namespace: removed.release.namespace,
            kept: removed.kept.iter().map(KeptView::from).collect(),
            volumes: removed.volumes.iter().map(VolumeView::from).collect(),
        }
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
        let Self { namespace, outcome, .. } = self;
        let mut text = format!("{} {} in namespace {namespace}", painted(NAME, &self.name), painted(GOOD, outcome));
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
