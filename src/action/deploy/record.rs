//! The record of a revision, as it is stored before the first change.

use crate::action::rendering::Wanted;
use crate::plan::{Intent, Plan};
use crate::release::{ChartSummary, Record, Status};
use crate::yaml::Node;

/// What the record keeps beside the manifest and the plan.
pub(super) struct Kept<'a> {
    pub(super) chart: Option<ChartSummary>,
    pub(super) values: Node,
    pub(super) computed: Option<Node>,
    pub(super) is_install: bool,
    pub(super) description: Option<String>,
    /// The newest record, if nothing changes: it stays.
    pub(super) unchanged: Option<&'a Record>,
}

pub(super) fn pending(intent: &Intent, wanted: Wanted, plan: &Plan, kept: Kept) -> Record {
    if let Some(record) = kept.unchanged {
        return record.clone();
    }
    let (status, usual) =
        if kept.is_install { (Status::PendingInstall, "install") } else { (Status::PendingUpgrade, "upgrade") };
    Record {
        release: intent.release.clone(),
        revision: intent.revision,
        status,
        started: intent.now,
        updated: intent.now,
        description: kept.description.unwrap_or_else(|| usual.to_owned()),
        chart: kept.chart,
        inventory: plan.inventory.clone(),
        steps: plan.summaries(),
        values: kept.values,
        computed: kept.computed,
        objects: wanted.manifest.objects,
        notes: wanted.notes,
    }
}
