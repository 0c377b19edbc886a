//! What was begun on a release and is not over: a run, a rotation. What to do about it.

use std::fmt::Write;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::listing::time;
use super::style::{CHANGED, FAINT, painted};
use crate::action::status::Lock;
use crate::cli::advice::Advice;
use crate::plan::{Course, UnfinishedRotation};
use crate::release::{Record, Release, Revision, Status};

/// A run that did not end.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UnfinishedView {
    /// The revision that it was to make, or to take away.
    revision: Revision,
    /// `held`: it may still be at work; `free`: it was killed, or could not record its end; `unknown`: the lock may not
    /// be read.
    lock: &'static str,
    /// Who holds the lock, and since when; null when nobody does.
    holder: Option<String>,
    /// What to do next, best first.
    next: Vec<String>,
}

/// A rotation that was begun and is not over.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RotationView {
    /// The Secret whose key gets another value.
    secret: String,
    /// The key.
    key: String,
    /// The Secret that holds the old and the new value.
    holder: String,
    /// When it was begun (RFC 3339).
    #[schemars(with = "Option<String>")]
    since: Option<Timestamp>,
    /// Whether it goes back to the old value, or was given up without its Job.
    given_up: bool,
    /// What to do next, best first.
    next: Vec<String>,
}

impl UnfinishedView {
    pub(super) fn new(record: &Record, lock: Lock) -> Self {
        let Release { name, namespace } = &record.release;
        let of = format!("{name} -n {namespace}");
        let again = "run the same command again: it goes on from there".to_owned();
        let away = format!("or take it away: `kchart uninstall {of}` (volumes and what opens them are kept)");
        let next = match record.status {
            Status::PendingInstall => vec![again, away],
            Status::Uninstalling => vec![
                format!(
                    "`kchart uninstall {of}` goes on from there; with `--purge-volumes`, if the volumes are to go too"
                ),
                "or install it again: what was kept is used".to_owned(),
            ],
            _ => vec![again, format!("or go back to what worked: `kchart rollback {of}`")],
        };
        let (lock, holder) = match lock {
            Lock::Held(holder) => ("held", Some(holder)),
            Lock::Free => ("free", None),
            Lock::Unknown => ("unknown", None),
        };
        Self { revision: record.revision, lock, holder, next }
    }

    /// Completes the commands that it gives as advice.
    pub(super) fn complete(&mut self, advice: &Advice) {
        advice.complete_all(&mut self.next);
    }

    /// As text for people.
    pub(super) fn text(&self) -> String {
        let why = match (self.lock, &self.holder) {
            (_, Some(holder)) => format!(
                "{holder} holds the lock: it is at work, or was killed; the next run that waits replaces one that is gone"
            ),
            ("unknown", None) => "whether it is still at work is not known: the lock may not be read".to_owned(),
            _ => "nobody holds the lock: it was killed, or could not record its end".to_owned(),
        };
        section(&format!("the run of revision {} did not end:", self.revision), &why, &self.next)
    }
}

impl RotationView {
    /// As it stands; `is_gone`: its release was uninstalled.
    pub(super) fn new(open: UnfinishedRotation, release: &Release, is_gone: bool) -> Self {
        let UnfinishedRotation { key, holder, since, course } = open;
        let onward = format!("kchart credentials rotate {} -n {}", release.name, release.namespace);
        let back = format!("{onward} --abort");
        let next = match course {
            _ if is_gone => vec![
                format!("install it again: that goes on with it (`kchart install {} …`)", release.name),
                format!(
                    "or destroy what both values may open: `kchart uninstall {} -n {} --purge-volumes`",
                    release.name, release.namespace
                ),
            ],
            Course::Onward => vec![format!("`{onward}` ends it"), format!("or give it up: `{back}`")],
            Course::Back => vec![format!("`{back}` ends that"), format!("or go on to the new value: `{onward}`")],
            Course::GivenUp => vec![
                format!("`{back}` finds out which of the two the service has, and leaves the old one"),
                format!("or go on to the new value: `{onward}`"),
            ],
        };
        let given_up = course != Course::Onward;
        Self { secret: key.secret, key: key.key, holder: holder.name, since, given_up, next }
    }

    /// Completes the commands that it gives as advice.
    pub(super) fn complete(&mut self, advice: &Advice) {
        advice.complete_all(&mut self.next);
    }

    /// As text for people.
    pub(super) fn text(&self) -> String {
        let Self { secret, key, holder, since, given_up, next } = self;
        let since = since.map(|since| format!(", begun {},", time(Some(since)))).unwrap_or_default();
        let why = format!("Secret `{holder}` holds the old and the new value, so that neither is lost");
        let how = if *given_up { "is being given up" } else { "is not over" };
        section(&format!("the rotation of `{secret}/{key}`{since} {how}:"), &why, next)
    }
}

/// A title, a sentence, and what to do.
fn section(title: &str, sentence: &str, next: &[String]) -> String {
    let mut text = format!("\n{}\n  {}\n", painted(CHANGED, title), painted(FAINT, sentence));
    for next in next {
        let _ = writeln!(text, "  hint: {next}");
    }
    text
}
