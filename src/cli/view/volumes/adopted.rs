//! `kchart volumes adopt`.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::action::volumes::adopt::Adopted;
use crate::cli::advice::Advice;
use crate::cli::view::plan::word;
use crate::cli::view::style::{CHANGED, FAINT, GOOD, NAME, painted};
use crate::cli::view::{Fails, FailureView, ObjectView, View};
use crate::object::ObjectId;
use crate::plan::Report;
use crate::release::{Release, StepSummary};

/// A volume that waits for the next install of a release.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct AdoptedView {
    /// The release that will use it; null when it failed before that was known.
    release: Option<String>,
    /// Its namespace; null likewise.
    namespace: Option<String>,
    /// `adopted`, `failed` or `interrupted`; `planned` for a dry run.
    status: &'static str,
    /// Objects that are made or changed; those that were, when it failed.
    objects: Vec<ChangedView>,
    /// What may be wrong.
    hazards: Vec<String>,
    /// What else there is to know.
    notes: Vec<String>,
    /// The command that uses it; null when it failed.
    install_command: Option<String>,
    /// Why it failed; null when it did not.
    failure: Option<FailureView>,
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
            release: Some(release.name.clone()),
            namespace: Some(release.namespace.clone()),
            status: if done { "adopted" } else { "planned" },
            objects: objects.collect(),
            hazards: report.hazards.iter().map(|hazard| hazard.message.clone()).collect(),
            notes: report.notes.clone(),
            install_command: Some(format!("kchart install {} CHART -n {}", release.name, release.namespace)),
            failure: None,
        }
    }

    /// One of which nothing was done yet.
    pub(in crate::cli) fn named(release: Option<String>, namespace: Option<String>) -> Self {
        Self { release, namespace, ..Self::default() }
    }

    /// One for which these steps were not done.
    pub(in crate::cli) fn in_part(mut adopted: Adopted, left: &[StepSummary]) -> Self {
        let is_left = |id: &ObjectId| left.iter().any(|step| step.act != "await-ready" && step.id.as_ref() == Some(id));
        adopted.report.lines.retain(|line| !is_left(&line.id));
        Self::new(&adopted.release, &adopted.report, true)
    }
}

impl Fails for AdoptedView {
    fn failed(self, why: FailureView) -> Self {
        Self { status: why.status(), install_command: None, failure: Some(why), ..self }
    }
}

impl View for AdoptedView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(self.notes.iter_mut().chain(&mut self.install_command));
    }

    fn text(&self, _width: Option<u16>) -> String {
        let [release, namespace] = [&self.release, &self.namespace].map(|it| it.as_deref().unwrap_or_default());
        let whose = format!("for release {} in namespace {namespace}", painted(NAME, release));
        let mut text = match self.status {
            "planned" => format!("plan: a volume {whose}\n"),
            status => format!("volume {} {whose}\n", painted(GOOD, status)),
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
        if let Some(command) = self.install_command.as_ref().filter(|_| self.status == "adopted") {
            let _ = writeln!(text, "to use it with its data: {command}");
        }
        text
    }
}
