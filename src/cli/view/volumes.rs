//! `kchart volumes`.

mod adopted;
mod holding;
mod purged;
mod story;

pub(in crate::cli) use adopted::AdoptedView;
pub(in crate::cli) use purged::{PurgedView, PurgedVolumes};
pub(in crate::cli) use story::StoryView;

use std::fmt::Write;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use self::holding::HoldingView;
pub(in crate::cli::view) use self::holding::OpenerView;
use super::View;
use super::style::{CHANGED, FAINT, painted};
use super::table::table;
use crate::action::volumes::list::Listed;
use crate::cli::advice::Advice;
use crate::plan::Known;
use crate::plan::volumes::{Holding, State, holdings, retained_secrets};
use crate::release::Release;

/// Claims and volumes of releases, and what others left.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct VolumesView {
    /// Claims and volumes, by namespace, release and name.
    volumes: Vec<HoldingView>,
    /// Secrets that were kept for volumes.
    secrets: Vec<RetainedView>,
    /// What could not be known, and who can.
    notes: Vec<String>,
    #[serde(skip)]
    #[schemars(skip)]
    everywhere: bool,
    #[serde(skip)]
    #[schemars(skip)]
    wide: bool,
}

/// A Secret that a release left for its volumes.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RetainedView {
    /// Its name.
    name: String,
    /// Its namespace.
    namespace: String,
    /// The release that left it, as `NAMESPACE/NAME` where that is of another namespace.
    release: String,
    /// Claims that it opens; none when it opens nothing any more.
    opens: Vec<String>,
    /// The command that removes it, when it opens nothing any more.
    remove: Option<String>,
}

impl VolumesView {
    pub(in crate::cli) fn new(listed: &Listed, now: Timestamp, wide: bool) -> Self {
        let all = holdings(&listed.estate);
        let is_asked = |release: Option<&Release>| {
            let is_it = |name: &String| release.is_some_and(|release| release.name == *name);
            listed.release.as_ref().is_none_or(is_it)
        };
        // What is here, and what releases from here have elsewhere.
        let is_here = |namespace: &str, release: Option<&Release>| {
            let is_of = |here: &String| namespace == here || release.is_some_and(|it| it.namespace == *here);
            listed.namespace.as_ref().is_none_or(is_of)
        };
        let shown = all.iter().filter(|it| it.release.is_some() || !it.is_needed());
        let shown = shown.filter(|it| it.state != State::Gone);
        let shown = shown.filter(|it| is_asked(it.release.as_ref()) && is_here(it.namespace, it.release.as_ref()));
        let shown: Vec<&Holding<'_>> = shown.collect();
        let is_readable = matches!(listed.estate.facts.volumes, Known::Yes(_));
        let secrets = retained_secrets(&listed.estate, &all).into_iter();
        let secrets = secrets
            .filter(|secret| is_asked(Some(&secret.release)) && is_here(&secret.namespace, Some(&secret.release)));
        let unread = listed.estate.facts.unread_ledgers.iter();
        let mut notes: Vec<String> = unread
            .map(|it| format!("what opens the volumes of release `{}` can't be told: {}", it.release.name, it.why))
            .collect();
        if !is_readable {
            let namespace = listed.namespace.as_ref().map_or_else(|| "-A".to_owned(), |name| format!("-n {name}"));
            notes.push(format!(
                "PersistentVolumes may not be read: policies are not known, nor volumes whose claim is gone; an \
                 administrator can give the right `list` on `persistentvolumes`, or run `kchart volumes {namespace}`"
            ));
        }
        Self {
            everywhere: shown.iter().any(|it| listed.namespace.as_deref() != Some(it.namespace)),
            volumes: shown.into_iter().map(|holding| HoldingView::new(holding, now, is_readable)).collect(),
            secrets: secrets
                .map(|secret| RetainedView {
                    remove: secret
                        .opens
                        .is_empty()
                        .then(|| format!("kubectl delete secret {} -n {}", secret.name, secret.namespace)),
                    release: secret.release.seen_from(&secret.namespace),
                    name: secret.name,
                    namespace: secret.namespace,
                    opens: secret.opens,
                })
                .collect(),
            notes,
            wide,
        }
    }

    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.volumes.is_empty() && self.secrets.is_empty()
    }
}

impl View for VolumesView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(&mut self.notes);
        advice.complete_all(self.volumes.iter_mut().flat_map(HoldingView::commands));
        advice.complete_all(self.secrets.iter_mut().filter_map(|secret| secret.remove.as_mut()));
    }

    fn text(&self, width: Option<u16>) -> String {
        let mut text = String::new();
        if !self.volumes.is_empty() {
            let headings = HoldingView::headings(self.everywhere, self.wide);
            let rows = self.volumes.iter().map(|holding| holding.row(self.everywhere, self.wide));
            text = table(&headings, rows.collect(), width);
        }
        text.extend(self.volumes.iter().map(HoldingView::remarks));
        for secret in &self.secrets {
            let RetainedView { name, release, remove: Some(remove), .. } = secret else { continue };
            let _ = writeln!(
                text,
                "{} Secret `{name}`, which release `{release}` left, opens nothing any more",
                painted(CHANGED, "spent:")
            );
            let _ = writeln!(text, "  to remove it: {remove}");
        }
        for note in &self.notes {
            let _ = writeln!(text, "{} {note}", painted(FAINT, "note:"));
        }
        text
    }
}
