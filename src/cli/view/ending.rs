//! How a verb that changes releases failed: the document that `-o json` prints then has the shape of success, a status
//! and why. Standard error tells the same for people.

use schemars::JsonSchema;
use serde::Serialize;

use super::cause::CauseView;
use super::{ObjectView, View, encode};
use crate::action::{Aborted, Reading, Steps};
use crate::cli::advice::Advice;
use crate::cli::exit;
use crate::cli::flags::Format;
use crate::diagnostic::{Class, Diagnostic, Failure, Severity, Source, Span};
use crate::readiness::Cause;
use crate::release::StepSummary;

/// How a verb failed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct FailureView {
    /// The exit code.
    exit_code: u8,
    /// What the exit code means.
    meaning: &'static str,
    /// The root cause in one sentence.
    sentence: String,
    /// What standard error says, the most important first.
    messages: Vec<MessageView>,
    /// Why objects were not ready, one each.
    causes: Vec<CauseView>,
    /// How far it came; null when it failed before it was decided what to do.
    steps: Option<StepsView>,
}

/// A message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MessageView {
    /// `error` or `warning`.
    severity: &'static str,
    /// What is wrong.
    message: String,
    /// The file with line and column, or the flag, where it is wrong; null where it is about none.
    at: Option<String>,
    /// More facts.
    notes: Vec<NoteView>,
    /// What to do next.
    hints: Vec<String>,
}

/// A fact beside a message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NoteView {
    /// What it says: a sentence, or what was done at its place (`set here`).
    text: String,
    /// The file with line and column, or the flag, that it is about; null where it is about none.
    at: Option<String>,
}

/// Where something stands. Of a flag only what it sets: its value may be a secret.
fn place(span: Option<Span>, reading: &Reading) -> Option<String> {
    let place = span.map(|span| span.place).filter(|place| place.is_known())?;
    let name = reading.sources.name(place);
    let is_flag = reading.sources.get(place.source).is_some_and(Source::is_flag);
    let shown = if is_flag { name.split('=').next().unwrap_or_default() } else { &name };
    (!shown.is_empty()).then(|| reading.mask.text(shown))
}

/// How far a run came.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct StepsView {
    /// How many steps it was to do.
    planned: usize,
    /// How many were done.
    done: usize,
    /// Those that were not, in the order of the plan.
    left: Vec<StepView>,
}

/// A step of a plan.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct StepView {
    /// What: `create`, `update`, `delete`, `await-ready` …
    act: String,
    /// To which object; null where it is about none.
    object: Option<ObjectView>,
}

/// A document that can say that what it is about failed.
pub(in crate::cli) trait Fails: View {
    /// The same, failed.
    fn failed(self, why: FailureView) -> Self;
}

/// A document that waits for why it failed.
type Document = dyn FnOnce(FailureView, &Advice, Format) -> Result<String, Failure>;

/// What a verb prints when it fails, as far as it is known by then.
pub(in crate::cli) struct Ending {
    document: Box<Document>,
    causes: Vec<Cause>,
    steps: Option<Steps>,
}

impl Ending {
    /// Nothing was begun.
    pub(in crate::cli) fn new(document: impl Fails + 'static) -> Self {
        let document = Box::new(|why, advice: &Advice, format| {
            let mut failed = document.failed(why);
            failed.complete(advice);
            encode(&failed, format)
        });
        Self { document, causes: Vec::new(), steps: None }
    }

    /// It was begun; `document` says what it was to bring about.
    pub(in crate::cli) fn of<T, D: Fails + 'static>(
        aborted: Aborted<T>,
        document: impl FnOnce(T, &[StepSummary]) -> D,
    ) -> (Self, Failure) {
        let Aborted { failure, wanted, causes, steps } = aborted;
        let document = document(wanted, &steps.left);
        (Self { causes, steps: Some(steps), ..Self::new(document) }, failure)
    }

    /// The document, with why it failed.
    ///
    /// # Errors
    /// It can't be written in this format.
    pub(in crate::cli) fn encode(
        self,
        failure: &Failure,
        reading: &Reading,
        advice: &Advice,
        format: Format,
    ) -> Result<String, Failure> {
        let steps = self.steps.map(StepsView::from);
        (self.document)(FailureView::new(failure, self.causes, steps, reading, advice), advice, format)
    }
}

impl FailureView {
    fn new(
        failure: &Failure,
        causes: Vec<Cause>,
        steps: Option<StepsView>,
        reading: &Reading,
        advice: &Advice,
    ) -> Self {
        let mask = |text: &str| reading.mask.text(text);
        let causes: Vec<Cause> = causes.into_iter().map(|cause| cause.masked(&mask)).collect();
        let exit_code = exit::code(failure.class);
        Self {
            exit_code,
            meaning: exit::meaning(exit_code),
            sentence: causes.first().map_or_else(|| mask(&failure.to_string()), Cause::headline),
            messages: failure
                .diagnostics
                .iter()
                .map(|it| MessageView::new(&advice.complete_message(it), reading))
                .collect(),
            causes: causes.into_iter().map(|cause| CauseView::from(cause).completed(advice)).collect(),
            steps,
        }
    }

    /// `failed` or `interrupted`.
    pub(super) fn status(&self) -> &'static str {
        if self.exit_code == exit::code(Class::Interrupted) { "interrupted" } else { "failed" }
    }
}

impl MessageView {
    fn new(diagnostic: &Diagnostic, reading: &Reading) -> Self {
        let mask = |text: &str| reading.mask.text(text);
        Self {
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: mask(&diagnostic.message),
            at: place(diagnostic.span, reading),
            notes: diagnostic
                .notes
                .iter()
                .map(|note| NoteView { text: mask(&note.text), at: place(note.span, reading) })
                .collect(),
            hints: diagnostic.hints.iter().map(|hint| mask(hint)).collect(),
        }
    }
}

impl From<Steps> for StepsView {
    fn from(steps: Steps) -> Self {
        let view = |StepSummary { act, id }: StepSummary| StepView { act, object: id.as_ref().map(ObjectView::from) };
        let Steps { planned, left } = steps;
        Self { planned, done: planned - left.len(), left: left.into_iter().map(view).collect() }
    }
}
