//! `kchart list`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::table::table;
use crate::cluster::Listed;
use crate::release::{ChartSummary, Revision, Status};

/// Releases of a namespace, or of all.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct ListView(Vec<ListedView>);

/// One release.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListedView {
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
    /// Its chart; null for a release made with `--manifest`.
    chart: Option<ChartSummary>,
    /// Names of its claims, also of those that it left when it was uninstalled.
    claims: Vec<String>,
}

impl ListView {
    pub(in crate::cli) fn new(listed: Vec<Listed>) -> Self {
        Self(listed.into_iter().map(ListedView::from).collect())
    }

    /// Names alone, one a line.
    pub(in crate::cli) fn names(&self) -> String {
        self.0.iter().flat_map(|listed| [listed.name.as_str(), "\n"]).collect()
    }

    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Listed> for ListedView {
    fn from(listed: Listed) -> Self {
        let Listed { release, header, claims } = listed;
        let (revision, updated) = (header.as_ref().map(|it| it.revision), header.as_ref().map(|it| it.updated));
        let status = header.as_ref().map_or(Status::Uninstalled, |header| header.status);
        let chart = header.and_then(|header| header.chart);
        Self { name: release.name, namespace: release.namespace, revision, status, updated, chart, claims }
    }
}

impl View for ListView {
    fn text(&self, width: Option<u16>) -> String {
        let rows = self.0.iter().map(|listed| {
            vec![
                listed.name.clone(),
                listed.namespace.clone(),
                listed.revision.map_or_else(|| "-".to_owned(), |revision| revision.to_string()),
                listed.status.to_string(),
                time(listed.updated),
                chart_name(listed.chart.as_ref()),
                listed.claims.len().to_string(),
            ]
        });
        table(&["NAME", "NAMESPACE", "REVISION", "STATUS", "UPDATED", "CHART", "VOLUMES"], rows.collect(), width)
    }
}

/// A time to the second, in UTC, so that two runners print the same.
pub(super) fn time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}

/// `orchestrator-0.1.0`, as Helm writes it.
pub(super) fn chart_name(chart: Option<&ChartSummary>) -> String {
    chart.map_or_else(|| "-".to_owned(), |chart| format!("{}-{}", chart.name, chart.version))
}
