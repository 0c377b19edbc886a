//! Questions, facts, plan: pure, synchronous, deterministic. A plan decides, the executor obeys.
//!
//! [`questions`] says what must be known, `cluster` answers with [`Facts`], [`plan`] decides. Install, upgrade and
//! uninstall differ only in what is fed to it. No clock, no randomness, no cluster here.

mod adopt;
mod asking;
mod at_rest;
mod autoscaled;
mod beside;
mod claim_size;
mod claims;
mod compared;
mod contested;
mod credentials;
mod definitions;
mod deploy;
mod deploy_report;
mod deploy_steps;
mod destroy;
mod diff;
mod drift;
mod edges;
mod facts;
mod fate;
mod fixed;
mod formats;
mod found;
mod garbage;
mod generated;
mod graph;
mod holders;
mod initialised;
mod intent;
mod jobs;
mod keys;
mod leaving;
mod ledger_writes;
mod managed;
mod order;
mod orphans;
mod overlooked;
mod ownership;
mod pods;
mod proven;
mod purge;
mod quantity;
mod question;
mod reclaim;
mod references;
mod remember;
mod remove;
mod renamed;
mod report;
mod restart;
mod retain;
mod retention;
mod rotation;
mod same;
mod scene;
mod stays;
mod step;
mod sticky;
mod surroundings;
mod takedown;
mod terminating;
mod unblock;
mod unmounted;
mod unread;
mod verdict;
pub mod volumes;
mod wanted;

pub use contested::Contested;
pub use credentials::Rule;
pub use facts::{Claim, Class, Facts, Known, Live, Mounter, Mounting, Phase, Reclaim, UnreadLedger, Volume};
pub use intent::{Goal, Intent, Options, Rotate};
pub use jobs::{absence, ran_once};
pub use question::Question;
pub use report::{Change, FieldDiff, Generated, Hazard, Kept, Line, Refusal, Report, Rotated, Stage, VolumeFate};
pub use rotation::{Course, UnfinishedRotation, holders as rotations, unfinished as unfinished_rotations};
pub use stays::keep_data;
pub use step::{Act, Deletion, Expect, KnownValue, LedgerDraft, NewValue, Plan, SecretKey, Step, StepId};

use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;
use crate::object::{Object, ObjectId, marks};
use crate::release::Past;

/// What must be known before [`plan`] can decide.
pub fn questions(intent: &Intent, want: &Manifest, past: &Past) -> Vec<Question> {
    asking::questions(intent, want, past)
}

/// Decides what to do, in which order, and says why. What is wanted counts for [`Goal::Deployed`] alone: what goes is
/// known from the records and the ledger.
///
/// # Errors
/// All reasons not to do it, each with what the user can choose from.
pub fn plan(intent: &Intent, want: &Manifest, past: &Past, facts: &Facts) -> Result<Plan, Vec<Refusal>> {
    match intent.goal {
        Goal::Deployed => deploy::plan(intent, want, past, facts),
        Goal::Removed => remove::plan(intent, past, facts),
        Goal::Purged => purge::plan(intent, past, facts),
    }
}

/// Steps that wait for each other. Where one of the objects says what it depends on, that is what closes the circle; else no
/// input leads here.
fn circular(circle: &[ObjectId], wanted: &[Object]) -> Refusal {
    let mut circle = circle.to_vec();
    circle.dedup();
    let names: Vec<String> = circle.iter().map(|id| format!("`{id}`")).collect();
    let told = Diagnostic::error(format!("the steps of these objects wait for each other: {}", names.join(" → ")));
    let depends = |object: &&Object| object.annotation(marks::DEPENDS_ON).is_some() && circle.contains(&object.id);
    match wanted.iter().find(depends) {
        Some(object) => Refusal::input(told.at(edges::depends_on_place(&object.body)).hint(format!(
            "take `{}` of `{}` away, or what it names",
            marks::DEPENDS_ON,
            object.id
        ))),
        None => Refusal { class: crate::diagnostic::Class::Bug, diagnostic: told },
    }
}
