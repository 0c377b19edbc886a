//! Jobs as steps of a deployment: when each runs (`kchart.dev/run`), and what became of its last run.
//!
//! A Job belongs to its release as any object does and goes with it. Its readiness is its completion, so that others
//! wait for that when they name it in `kchart.dev/depends-on`.

mod deploying;
mod leaving;
mod memory;
mod running;

pub(super) use deploying::verdict;
pub(super) use leaving::{Parting, parting};
pub use memory::ran_once;
pub(super) use memory::remembers;
pub(super) use running::{at_work, questions};

use super::{Live, Refusal, rotation};
use crate::diagnostic::{Diagnostic, nearest};
use crate::object::{Object, ObjectId, marks};
use crate::yaml::Node;

/// When a Job runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Run {
    /// When it is new, and whenever what it does changes.
    #[default]
    OnChange,
    /// To its end once in the life of the release.
    Once,
    /// In every run of install and upgrade.
    EveryDeploy,
    /// Before the workloads of the release go.
    BeforeUninstall,
}

const WORDS: [(&str, Run); 4] = [
    ("on-change", Run::OnChange),
    ("once", Run::Once),
    ("every-deploy", Run::EveryDeploy),
    ("before-uninstall", Run::BeforeUninstall),
];

impl Run {
    /// When an object runs; as by default where it does not say, or says what [`misspelt`] refuses.
    pub(super) fn of(id: &ObjectId, body: &Node) -> Self {
        let word = body.str_at(&["metadata", "annotations", marks::RUN]).filter(|_| is_job(id)).unwrap_or_default();
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, run)| *run).unwrap_or_default()
    }
}

/// What became of a live Job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It has not come to its end.
    Running,
    /// It did what it was to do.
    Complete,
    /// It gave up.
    Failed,
}

impl Outcome {
    pub(super) fn of(live: &Live) -> Self {
        let is = |wanted: &str| {
            live.body.list_at(&["status", "conditions"]).iter().any(|condition| {
                condition.str_at(&["type"]) == Some(wanted) && condition.str_at(&["status"]) == Some("True")
            })
        };
        match (is("Complete"), is("Failed")) {
            (true, _) => Self::Complete,
            (false, true) => Self::Failed,
            (false, false) => Self::Running,
        }
    }
}

/// Whether an object is a Job.
pub(super) fn is_job(id: &ObjectId) -> bool {
    id.is("batch", "Job")
}

/// Whether a wanted object does nothing before its release goes.
pub(super) fn waits_for_the_end(object: &Object) -> bool {
    Run::of(&object.id, &object.body) == Run::BeforeUninstall
}

/// Why an object of a revision in force need not be there, if there is a good reason.
pub fn absence(object: &Object) -> Option<&'static str> {
    if rotation::is_rotation_job(object) {
        return Some("runs when its credential is rotated");
    }
    if waits_for_the_end(object) {
        return Some("runs before an uninstall");
    }
    (is_job(&object.id) && has_ttl(object)).then_some("ran, and its time to live is over")
}

/// Whether a Job goes by itself some time after its end.
fn has_ttl(job: &Object) -> bool {
    job.body.at(&["spec", "ttlSecondsAfterFinished"]).is_some_and(|ttl| !ttl.is_null())
}

/// `kchart.dev/run` with a value that nobody knows, or on what is no Job.
pub(super) fn misspelt(object: &Object) -> Option<Refusal> {
    let node = object.body.at(&["metadata", "annotations", marks::RUN])?;
    let word = node.as_str().unwrap_or_default();
    let refuse = |diagnostic: Diagnostic| {
        Some(Refusal::input(diagnostic.at(node.origin.at).note_at("set here", node.origin.from)))
    };
    if !is_job(&object.id) {
        return refuse(
            Diagnostic::error(format!("`{}` of `{}` says when it runs, but it is no Job", marks::RUN, object.id))
                .hint("take the annotation away: only Jobs run to an end"),
        );
    }
    let words = WORDS.map(|(word, _)| word);
    if words.contains(&word) {
        return None;
    }
    let diagnostic = Diagnostic::error(format!("`{}` of `{}` is `{word}`", marks::RUN, object.id));
    refuse(match nearest(word, words) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.hint(format!("write one of `{}`", words.join("`, `"))),
    })
}
