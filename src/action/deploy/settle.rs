//! From what is wanted to a plan and the record of a new revision: shared by install, upgrade and rollback.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::action::planning::{mask_live, progress, random_key, refused};
use crate::action::{Reading, Remark, SharedMask};
use crate::cluster::Cluster;
use crate::diagnostic::{Diagnostic, Failure};
use crate::manifest::Manifest;
use crate::object::{Object, ObjectId};
use crate::plan::{self, Change, Goal, Intent, Options, Plan, Stage};
use crate::release::{ChartSummary, Past, Record, Release, Revision, Status};
use crate::yaml::Node;

use super::ask_server::NotYet;
use super::{Making, Prepared};

/// What a revision is to be.
pub(in crate::action) struct Draft {
    pub(in crate::action) release: Release,
    pub(in crate::action) making: Making,
    /// What is wanted, and what its record keeps beside it.
    pub(in crate::action) content: Content,
    pub(in crate::action) options: Options,
    pub(in crate::action) history_max: usize,
    /// Instead of the usual sentence.
    pub(in crate::action) description: Option<String>,
    /// What becomes of it when it fails.
    pub(in crate::action) rollback_on_failure: bool,
}

/// What is wanted, and what its record keeps beside it.
pub(in crate::action) struct Content {
    pub(in crate::action) manifest: Manifest,
    pub(in crate::action) chart: Option<ChartSummary>,
    pub(in crate::action) values: Node,
    pub(in crate::action) computed: Option<Node>,
    pub(in crate::action) notes: Option<String>,
}

/// Asks the cluster what must be known, and decides.
///
/// # Errors
/// All reasons not to do it.
pub(in crate::action) async fn settle(
    cluster: Cluster,
    past: Past,
    draft: Draft,
    reading: &mut Reading,
) -> Result<Prepared, Failure> {
    let Draft { release, making, mut content, options, history_max, description, rollback_on_failure } = draft;
    let intent = Intent {
        release,
        revision: past.next_revision(),
        goal: Goal::Deployed,
        now: Timestamp::now(),
        ledger_key: random_key()?,
        options,
    };
    let questions = plan::questions(&intent, &content.manifest, &past);
    tracing::info!(
        "{} objects are wanted; the cluster is asked {} questions",
        content.manifest.objects.len(),
        questions.len()
    );
    let facts = cluster.answer(&questions).await?;
    let before = past.records.iter().flat_map(|record| &record.objects);
    let holders = plan::rotations(&facts);
    reading.mask.extend(&mask_live(content.manifest.objects.iter().chain(before).chain(&holders), &facts));
    reading.warnings.extend(cluster.take_warnings().into_iter().map(Diagnostic::warning));
    let mut kept = Vec::new();
    if let Making::Rollback(_) | Making::Rotation { .. } = making {
        kept = plan::keep_data(&mut content.manifest, &past, &facts, &intent.options.rotate);
    }
    let mut plan = plan::plan(&intent, &content.manifest, &past, &facts).map_err(refused)?;
    plan.report.notes.extend(kept);
    tracing::info!("the plan has {} steps", plan.count());
    reading.remarks.extend(plan.report.rotated.iter().cloned().map(Remark::Rotates));
    for remark in &mut reading.remarks {
        if let Remark::Continues(_, _, known) = remark {
            *known = past.newest().map(|newest| progress(newest, &plan, &facts));
        }
    }
    let unchanged = is_unchanged(&plan, &past);
    let record = match past.newest().filter(|_| unchanged) {
        // It stays.
        Some(newest) => newest.clone(),
        None => Record { ran: plan::ran_once(&past), ..pending(&intent, &plan, making, content, description) },
    };
    let leaving = leaving(&plan, &past);
    Ok(Prepared {
        cluster,
        held: None,
        leaving,
        seen: Past { records: Vec::new(), ..past },
        record,
        create_namespace: intent.options.create_namespace,
        options: intent.options,
        history_max,
        rollback_on_failure,
        mask: SharedMask::clone(&reading.mask),
        not_yet: NotYet::new(&plan, &facts),
        plan,
        making,
        unchanged,
    })
}

/// What the plan deletes, as the newest revision that had it recorded it.
fn leaving(plan: &Plan, past: &Past) -> Vec<Object> {
    let goes = plan.report.lines.iter().filter(|line| line.change == Change::Delete);
    let goes: BTreeSet<&ObjectId> = goes.map(|line| &line.id).collect();
    if goes.is_empty() {
        return Vec::new();
    }
    let recorded = past.records.iter().flat_map(|record| &record.objects).filter(|object| goes.contains(&object.id));
    let newest: BTreeMap<&ObjectId, &Object> = recorded.map(|object| (&object.id, object)).collect();
    newest.into_values().cloned().collect()
}

/// An upgrade that changes nothing makes no revision; one that goes on from a failed or unfinished revision does.
fn is_unchanged(plan: &Plan, past: &Past) -> bool {
    plan.is_empty() && past.newest().is_some_and(|newest| newest.status == Status::Deployed)
}

/// The record as it is stored before the first change.
fn pending(intent: &Intent, plan: &Plan, making: Making, content: Content, description: Option<String>) -> Record {
    let (status, usual) = match making {
        Making::Install => (Status::PendingInstall, "install".to_owned()),
        Making::Upgrade => (Status::PendingUpgrade, "upgrade".to_owned()),
        Making::Rollback(to) => (Status::PendingRollback, rollback_to(to)),
        Making::Rotation { .. } => (Status::PendingUpgrade, rotation_of(plan)),
    };
    Record {
        release: intent.release.clone(),
        revision: intent.revision,
        status,
        started: intent.now,
        updated: intent.now,
        description: description.unwrap_or(usual),
        chart: content.chart,
        inventory: plan.inventory.clone(),
        steps: plan.summaries(),
        values: content.values,
        computed: content.computed,
        objects: content.manifest.objects,
        notes: content.notes,
        ran: BTreeSet::new(),
    }
}

/// What the history says of a rotation.
fn rotation_of(plan: &Plan) -> String {
    let rotated = &plan.report.rotated;
    let keys: Vec<String> = rotated.iter().map(|rotated| rotated.key.to_string()).collect();
    let given_up = rotated.iter().any(|rotated| rotated.stage == Stage::GivenUp);
    format!("rotation of {}{}", keys.join(", "), if given_up { " given up" } else { "" })
}

/// What the history says of a rollback.
pub(in crate::action) fn rollback_to(revision: Revision) -> String {
    format!("rollback to revision {revision}")
}
