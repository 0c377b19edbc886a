//! What all workflows that plan share.

use std::collections::BTreeSet;

use super::Progress;
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::manifest;
use crate::object::{Mask, Object, ObjectId};
use crate::plan::{Facts, Plan, Refusal};
use crate::release::{LedgerKey, Record, Status, StepSummary};

/// All refusals as one failure; protecting data decides the exit code.
pub(super) fn refused(refusals: Vec<Refusal>) -> Failure {
    let class = if refusals.iter().any(|refusal| refusal.class == Class::Refused) {
        Class::Refused
    } else {
        refusals.first().map_or(Class::Failed, |refusal| refusal.class)
    };
    Failure { class, diagnostics: refusals.into_iter().map(|refusal| refusal.diagnostic).collect() }
}

/// Fresh bytes for the key of a ledger.
pub(super) fn random_key() -> Result<LedgerKey, Failure> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| {
        Failure::failed(Diagnostic::error(format!("the operating system gives no random bytes: {error}")))
    })?;
    Ok(LedgerKey(key))
}

/// What the Secrets among some objects of a release hold in the cluster: nothing that is told may show it.
pub(super) fn mask_live<'o>(objects: impl IntoIterator<Item = &'o Object> + Clone, facts: &'o Facts) -> Mask {
    manifest::mask_live(objects, |id| facts.live.get(id).map(|live| &live.body))
}

/// How far a run came that did not end: what it was to change, and what of that need not be done any more. Worked out
/// from the cluster and not from notes of the run: they would cost a write each, and be behind when it is killed.
pub(super) fn progress(unfinished: &Record, plan: &Plan, facts: &Facts) -> Progress {
    let planned: BTreeSet<(String, ObjectId)> = changes(unfinished.steps.clone()).collect();
    let still: BTreeSet<(String, ObjectId)> = changes(plan.summaries()).collect();
    let claim = |id: &ObjectId| (id.namespace.clone().unwrap_or_default(), id.name.clone());
    let is_there =
        |id: &ObjectId| facts.live.contains_key(id) || (id.is_claim() && facts.claims.contains_key(&claim(id)));
    let is_made = |step: &&(String, ObjectId)| match unfinished.status {
        // A plan that wants the objects back does not say what had gone by then.
        Status::Uninstalling => !still.contains(*step) && !is_there(&step.1),
        _ => !still.contains(*step),
    };
    Progress { made: planned.iter().filter(is_made).count(), planned: planned.len() }
}

/// The steps that change an object.
fn changes(steps: Vec<StepSummary>) -> impl Iterator<Item = (String, ObjectId)> {
    let steps =
        steps.into_iter().filter(|step| ["create", "update", "generate", "delete"].contains(&step.act.as_str()));
    steps.filter_map(|step| Some((step.act, step.id?)))
}
