//! Why a revision failed: one sentence an object, then the way down to the root cause.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::ObjectView;
use super::style::{BAD, FAINT, painted};
use crate::action::status::FailedAttempt;
use crate::cli::advice::Advice;
use crate::readiness::{Branch, Cause, Reason};
use crate::release::Revision;

/// An attempt that failed, as it was found then.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FailedView {
    /// Which revision.
    revision: Revision,
    /// The root cause in one sentence; null when nothing was found.
    sentence: Option<String>,
    /// Why objects were not ready, one each.
    causes: Vec<CauseView>,
}

/// Why an object was not ready.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CauseView {
    /// Which object was waited for.
    object: ObjectView,
    /// What kind of trouble it is.
    reason: Reason,
    /// The root cause in one sentence.
    sentence: String,
    /// What to do next, best first.
    next: Vec<String>,
    /// The field of the object that has to do with it; null where none has.
    field: Option<String>,
    /// From the object down to the root cause.
    tree: Branch,
}

impl From<FailedAttempt> for FailedView {
    fn from(failed: FailedAttempt) -> Self {
        let sentence = failed.causes.first().map(Cause::headline);
        Self { revision: failed.revision, sentence, causes: failed.causes.into_iter().map(CauseView::from).collect() }
    }
}

impl From<Cause> for CauseView {
    fn from(cause: Cause) -> Self {
        Self {
            object: ObjectView::from(&cause.object),
            reason: cause.reason,
            sentence: cause.headline(),
            next: cause.next,
            field: cause.field,
            tree: cause.tree,
        }
    }
}

impl CauseView {
    /// With commands that name the cluster.
    pub(super) fn completed(mut self, advice: &Advice) -> Self {
        advice.complete_all(&mut self.next);
        self
    }
}

impl FailedView {
    /// Completes the commands that it gives as advice.
    pub(super) fn complete(&mut self, advice: &Advice) {
        advice.complete_all(self.causes.iter_mut().flat_map(|cause| &mut cause.next));
    }

    /// Whether this sentence is one of its own.
    pub(super) fn tells(&self, sentence: Option<&str>) -> bool {
        self.causes.iter().any(|cause| Some(cause.sentence.as_str()) == sentence)
    }

    /// As text for people.
    pub(super) fn text(&self) -> String {
        let mut text = format!("\nwhy revision {} failed:\n", self.revision);
        for cause in &self.causes {
            let _ = writeln!(text, "  {}", painted(BAD, &cause.sentence));
            for line in cause.tree.lines() {
                let _ = writeln!(text, "    {}", painted(FAINT, &line));
            }
            for next in &cause.next {
                let _ = writeln!(text, "    hint: {next}");
            }
        }
        text
    }
}
