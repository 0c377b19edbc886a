//! `kchart status`.

use std::fmt::Write;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::cause::FailedView;
use super::listing::{chart_name, time};
use super::style::{NAME, painted};
use super::table::table;
use super::unfinished::{RotationView, UnfinishedView};
use super::volumes::OpenerView;
use super::{ObjectView, View};
use crate::action::status::{ObjectStanding, Standing};
use crate::cli::advice::Advice;
use crate::plan::volumes::{Holding, State, holdings};
use crate::readiness::Readiness;
use crate::release::{ChartSummary, Release, Revision, Status};

/// How a release does.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct StatusView {
    /// Its name.
    name: String,
    /// Its namespace.
    namespace: String,
    /// Its newest revision; null when it is uninstalled and only its volumes are left.
    revision: Option<Revision>,
    /// What became of that revision.
    status: Status,
    /// When the status last changed (RFC 3339).
    #[schemars(with = "Option<String>")]
    updated: Option<Timestamp>,
    /// One sentence about the revision.
    description: Option<String>,
    /// Its chart; null for `--manifest`.
    chart: Option<ChartSummary>,
    /// Why the last attempt failed, as it was found then; null when it did not, or nothing was found.
    failure: Option<FailedView>,
    /// The run that did not end; null when all did.
    unfinished: Option<UnfinishedView>,
    /// Rotations of credentials that were begun and are not over.
    rotations: Vec<RotationView>,
    /// Its objects as they live.
    objects: Vec<ObjectStatusView>,
    /// Claims that it has or had, as the ledger knows them and as they are now.
    claims: Vec<ClaimView>,
    /// The chart's notes.
    notes: Option<String>,
}

/// How an object does.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ObjectStatusView {
    /// Which object.
    object: ObjectView,
    /// `ready`, `waiting`, `failed`, `missing`, or `absent`: it need not be there.
    state: &'static str,
    /// Why it is not ready, or need not be there.
    why: Option<String>,
}

/// A claim that it has, or that its ledger knows.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ClaimView {
    /// Its name.
    claim: String,
    /// Its namespace.
    namespace: String,
    /// Its volume, once it is bound.
    volume: Option<String>,
    /// Requested size.
    size: Option<String>,
    /// Phase of its volume, or of itself where that is not read; `gone` when both are, null when that is not known.
    phase: Option<&'static str>,
    /// When it was made (RFC 3339).
    #[schemars(with = "Option<String>")]
    created: Option<Timestamp>,
    /// Secret keys that open it.
    opened_by: Vec<OpenerView>,
    /// It, with its namespace where that is not the release's.
    #[serde(skip)]
    #[schemars(skip)]
    shown: String,
}

impl From<Standing> for StatusView {
    fn from(standing: Standing) -> Self {
        let record = standing.record;
        let status = record.as_ref().map_or(Status::Uninstalled, |record| record.status);
        let is_gone = status == Status::Uninstalled;
        // Of what was taken away only what is left is worth a line.
        let objects = standing.objects.into_iter().filter(|object| !is_gone || object.readiness.is_some());
        let unfinished = record.as_ref().zip(standing.lock).map(|(record, lock)| UnfinishedView::new(record, lock));
        let release = &standing.release;
        let rotations = standing.rotations.into_iter().map(|open| RotationView::new(open, release, is_gone)).collect();
        let all = holdings(&standing.estate);
        let claims = all.iter().filter(|it| it.release.as_ref() == Some(release) && it.state != State::Unproven);
        let claims = claims.map(|it| ClaimView::new(it, release)).collect();
        Self {
            name: standing.release.name,
            namespace: standing.release.namespace,
            revision: record.as_ref().map(|record| record.revision),
            status,
            updated: record.as_ref().map(|record| record.updated),
            description: record.as_ref().map(|record| record.description.clone()),
            failure: standing.failed.map(FailedView::from),
            unfinished,
            rotations,
            objects: objects.map(ObjectStatusView::from).collect(),
            claims,
            // They speak of what runs.
            notes: record.as_ref().and_then(|it| it.notes.clone()).filter(|_| status == Status::Deployed),
            chart: record.and_then(|record| record.chart),
        }
    }
}

impl From<ObjectStanding> for ObjectStatusView {
    fn from(standing: ObjectStanding) -> Self {
        let (state, why) = match standing.readiness {
            None => match standing.absence {
                Some(why) => ("absent", Some(why.to_owned())),
                None => ("missing", None),
            },
            Some(Readiness::Ready) => ("ready", None),
            Some(Readiness::Waiting(why)) => ("waiting", Some(why)),
            Some(Readiness::Failed(why)) => ("failed", Some(why)),
        };
        Self { object: ObjectView::from(&standing.id), state, why }
    }
}

impl ClaimView {
    fn new(holding: &Holding<'_>, release: &Release) -> Self {
        let Holding { name, namespace, .. } = *holding;
        let is_beside = namespace == release.namespace;
        Self {
            claim: name.to_owned(),
            namespace: namespace.to_owned(),
            volume: holding.volume_name.map(str::to_owned),
            size: holding.size().map(str::to_owned),
            phase: if holding.state == State::Gone { Some("gone") } else { holding.phase() },
            created: holding.since(),
            opened_by: holding.opened_by.iter().map(OpenerView::from).collect(),
            shown: if is_beside { name.to_owned() } else { format!("{namespace}/{name}") },
        }
    }
}

impl View for StatusView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(&mut self.notes);
        if let Some(failure) = &mut self.failure {
            failure.complete(advice);
        }
        if let Some(unfinished) = &mut self.unfinished {
            unfinished.complete(advice);
        }
        self.rotations.iter_mut().for_each(|rotation| rotation.complete(advice));
    }

    fn text(&self, width: Option<u16>) -> String {
        let mut text = format!("{} in namespace {}: {}", painted(NAME, &self.name), self.namespace, self.status);
        if let Some(revision) = self.revision {
            let _ = write!(text, ", revision {revision} of {}", time(self.updated));
        }
        if self.chart.is_some() {
            let _ = write!(text, ", chart {}", chart_name(self.chart.as_ref()));
        }
        text.push('\n');
        let usual = [None, Some("install"), Some("upgrade"), Some("install complete"), Some("upgrade complete")];
        let told_below = self.failure.as_ref().is_some_and(|failure| failure.tells(self.description.as_deref()));
        if !usual.contains(&self.description.as_deref()) && !told_below {
            let _ = writeln!(text, "  {}", self.description.as_deref().unwrap_or_default());
        }
        text.extend(self.failure.iter().map(FailedView::text));
        text.extend(self.unfinished.iter().map(UnfinishedView::text));
        text.extend(self.rotations.iter().map(RotationView::text));
        if !self.objects.is_empty() {
            let rows = self.objects.iter().map(|object| {
                vec![object.object.to_string(), object.state.to_owned(), object.why.clone().unwrap_or_default()]
            });
            let _ = write!(text, "\n{}", table(&["OBJECT", "STATE", ""], rows.collect(), width));
        }
        if !self.claims.is_empty() {
            let rows = self.claims.iter().map(|claim| {
                let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
                let keys: Vec<String> = claim.opened_by.iter().map(OpenerView::text).collect();
                let opened_by = if keys.is_empty() { "-".to_owned() } else { keys.join(", ") };
                let phase = claim.phase.unwrap_or("?").to_owned();
                vec![claim.shown.clone(), dash(&claim.size), dash(&claim.volume), phase, time(claim.created), opened_by]
            });
            let headings = ["CLAIM", "SIZE", "VOLUME", "PHASE", "SINCE", "OPENED BY"];
            let _ = write!(text, "\n{}", table(&headings, rows.collect(), width));
        }
        if let Some(notes) = self.notes.as_ref().filter(|notes| !notes.trim().is_empty()) {
            let _ = write!(text, "\n{}\n", notes.trim());
        }
        text
    }
}
