//! `kchart volumes adopt`.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::advice::Advice;
use crate::cli::view::plan::word;
use crate::cli::view::style::{CHANGED, FAINT, GOOD, NAME, painted};
use crate::cli::view::{ObjectView, View};
use crate::plan::Report;
use crate::release::Release;

/// A volume that waits for the next install of a release.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct AdoptedView {
    /// The release that will use it.
    release: String,
    /// Its namespace.
    namespace: String,
    /// `adopted`, or `planned` for a dry run.
    outcome: &'static str,
    /// Objects that are made or changed.
    objects: Vec<ChangedView>,
    /// What may be wrong.
    hazards: Vec<String>,
    /// What else there is to know.
    notes: Vec<String>,
    /// The command that uses it.
    install_command: String,
}

/// An object that is made or changed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangedView {
    /// Which object.
    object: ObjectView,
    /// `create` or `update`.
    change: &'static str,
    /// Why.
    why: Option<String>,
}

impl AdoptedView {
    pub(in crate::cli) fn new(release: &Release, report: &Report, done: bool) -> Self {
        let objects = report.lines.iter().map(|line| ChangedView {
            object: ObjectView::from(&line.id),
            change: word(line.change),
            why: line.why.clone(),
        });
        Self {
            release: release.name.clone(),
            namespace: release.namespace.clone(),
            outcome: if done { "adopted" } else { "planned" },
            objects: objects.collect(),
            hazards: report.hazards.iter().map(|hazard| hazard.message.clone()).collect(),
            notes: report.notes.clone(),
            install_command: format!("kchart install {} CHART -n {}", release.name, release.namespace),
        }
    }
}

impl View for AdoptedView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(self.notes.iter_mut().chain([&mut self.install_command]));
    }

    fn text(&self, _width: Option<u16>) -> String {
        let release = painted(NAME, &self.release);
        let mut text = match self.outcome {
            "planned" => format!("plan: a volume for release {release} in namespace {}\n", self.namespace),
            outcome => {
                format!("volume {} for release {release} in namespace {}\n", painted(GOOD, outcome), self.namespace)
            }
        };
        for ChangedView { object, change, why } in &self.objects {
            let (sign, style) = if *change == "create" { ("+", GOOD) } else { ("~", CHANGED) };
            let why = why.as_ref().map(|why| format!("  ({why})")).unwrap_or_default();
            let _ = writeln!(text, "  {}{why}", painted(style, format!("{sign} {change:<7} {object}")));
        }
        for hazard in &self.hazards {
            let _ = writeln!(text, "{} {hazard}", painted(CHANGED, "hazard:"));
        }
        for note in &self.notes {
            let _ = writeln!(text, "{} {note}", painted(FAINT, "note:"));
        }
        if self.outcome == "adopted" {
            let _ = writeln!(text, "to use it with its data: {}", self.install_command);
        }
        text
    }
}
