//! What the history shows, in labels and annotations: reading it opens no Secret.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{RECORD, broken};
use crate::diagnostic::Diagnostic;
use crate::object::marks;
use crate::release::{ChartSummary, Header, Revision, Status};

/// Annotation: when the status last changed.
const UPDATED: &str = "kchart.dev/updated";
/// Annotation: one sentence.
const DESCRIPTION: &str = "kchart.dev/description";
/// Annotation: the chart, as JSON.
const CHART: &str = "kchart.dev/chart";

/// Annotations are 256 KiB in all; a sentence that is longer than this helps nobody.
const LONGEST_DESCRIPTION: usize = 1000;

/// The labels and annotations to set when the status of a record changes: nothing else of it does.
pub fn marks_of(
    status: Status,
    updated: Timestamp,
    description: &str,
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let short: String = description.chars().take(LONGEST_DESCRIPTION).collect();
    (
        BTreeMap::from([(marks::STATUS.to_owned(), status.as_str().to_owned())]),
        BTreeMap::from([(UPDATED.to_owned(), updated.to_string()), (DESCRIPTION.to_owned(), short)]),
    )
}

/// The release that a record, a ledger, a claim or another object carries in its labels.
pub fn release_of(labels: &BTreeMap<String, String>) -> Option<&str> {
    labels.get(marks::RELEASE).map(String::as_str)
}

/// The header of a record, from the labels and annotations of its first Secret.
///
/// # Errors
/// Which label or annotation is missing or damaged; `namespace` and `name` are the Secret's.
pub fn header(
    namespace: &str,
    name: &str,
    labels: &BTreeMap<String, String>,
    annotations: &BTreeMap<String, String>,
) -> Result<Header, Diagnostic> {
    let damaged = |mark: &str| broken(namespace, name, &format!("`{mark}` is missing or damaged"));
    let read = |map: &BTreeMap<String, String>, mark: &str| map.get(mark).cloned().ok_or_else(|| damaged(mark));
    if labels.get(marks::STORES).map(String::as_str) != Some(RECORD) {
        return Err(damaged(marks::STORES));
    }
    let revision: Revision = read(labels, marks::REVISION)?.parse().map_err(|_| damaged(marks::REVISION))?;
    let status = Status::parse(&read(labels, marks::STATUS)?).ok_or_else(|| damaged(marks::STATUS))?;
    let updated: Timestamp = read(annotations, UPDATED)?.parse().map_err(|_| damaged(UPDATED))?;
    let chart: Option<ChartSummary> = match annotations.get(CHART) {
        Some(text) => Some(serde_json::from_str(text).map_err(|_| damaged(CHART))?),
        None => None,
    };
    let description = annotations.get(DESCRIPTION).cloned().unwrap_or_default();
    Ok(Header { revision, status, started: None, updated, chart, description })
}

/// Writes the chart where [`header`] finds it.
pub(super) fn set_chart(annotations: &mut BTreeMap<String, String>, chart: Option<&ChartSummary>) {
    if let Some(json) = chart.and_then(|chart| serde_json::to_string(chart).ok()) {
        annotations.insert(CHART.to_owned(), json);
    }
}
