//! `kchart history`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::listing::{chart_name, time};
use super::table::table;
use crate::release::{ChartSummary, Header, Revision, Status};

/// Revisions of a release, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct HistoryView(Vec<RevisionView>);

/// One revision.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RevisionView {
    /// Its number.
    revision: Revision,
    /// When its run began (RFC 3339).
    #[schemars(with = "Option<String>")]
    started: Option<Timestamp>,
    /// When its status last changed, be it by a later revision (RFC 3339).
    #[schemars(with = "String")]
    updated: Timestamp,
    /// What became of it.
    status: Status,
    /// Its chart; null for `--manifest`.
    chart: Option<ChartSummary>,
    /// One sentence.
    description: String,
}

impl HistoryView {
    pub(in crate::cli) fn new(headers: Vec<Header>) -> Self {
        Self(headers.into_iter().map(RevisionView::from).collect())
    }
}

impl From<Header> for RevisionView {
    fn from(header: Header) -> Self {
        let Header { revision, status, started, updated, chart, description } = header;
        Self { revision, started, updated, status, chart, description }
    }
}

impl View for HistoryView {
    fn text(&self, width: Option<u16>) -> String {
        let rows = self.0.iter().map(|revision| {
            vec![
                revision.revision.to_string(),
                time(revision.started),
                revision.status.to_string(),
                chart_name(revision.chart.as_ref()),
                revision.description.clone(),
            ]
        });
        table(&["REVISION", "STARTED", "STATUS", "CHART", "DESCRIPTION"], rows.collect(), width)
    }
}
