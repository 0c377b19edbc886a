//! Install and upgrade: from a chart and values to a revision in force.
//!
//! [`prepare`] reads, decides and sends no write request; [`Prepared::carry_out`] stores the record and obeys the plan.

mod ask_server;
mod carry_out;
mod decide;
mod locked;
mod reuse;
mod settle;
mod undo;

pub use carry_out::Deployed;
pub use decide::prepare;
pub use locked::{locked, prepare_locked};

use crate::cluster::{Cluster, Held};
use crate::diagnostic::{Class, Failure};
use crate::object::Object;
use crate::plan::{Options, Plan};
use crate::release::{Past, Record, Release, Revision};
use crate::values::Inputs;

pub(super) use settle::{Content, Draft, rollback_to, settle};

use super::{SharedMask, Source};

/// What to deploy.
#[derive(Clone, Debug)]
pub struct Request {
    /// From what.
    pub source: Source,
    /// With which values.
    pub inputs: Inputs,
    /// Name of the release; else the chart's.
    pub name: Option<String>,
    /// Namespace of the release; else the one of the kubeconfig's context.
    pub namespace: Option<String>,
    /// Whether the release must be new, or must be there.
    pub verb: Verb,
    /// Where the values of an upgrade begin.
    pub reuse: Reuse,
    /// Switches for the planner.
    pub options: Options,
    /// Whether values that nothing reads are errors.
    pub strict: bool,
    /// Revisions to keep; 0 keeps all.
    pub history_max: usize,
    /// A sentence for the history, instead of the usual one.
    pub description: Option<String>,
    /// Whether a failure is followed by the way back: to the last revision that worked, or, of a first install, by
    /// taking its workloads away. Volumes and what opens them stay.
    pub rollback_on_failure: bool,
}

/// Whether the release must be new, or must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It must not be in force.
    Install,
    /// It must be there.
    Upgrade,
    /// Either.
    UpgradeOrInstall,
}

/// What a run makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Making {
    /// The first revision in force.
    Install,
    /// Another revision.
    Upgrade,
    /// An earlier revision again, under a new number.
    Rollback(Revision),
    /// The revision in force again, with another value of a credential.
    Rotation {
        /// One that was begun goes back to the old value.
        given_up: bool,
    },
}

/// Where the values of an upgrade begin, before the given layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// With the chart's defaults.
    #[default]
    Nothing,
    /// With the chart's defaults and what was given for the last revision (Helm's `--reset-then-reuse-values`).
    Given,
    /// With all values of the last revision, the defaults of its chart included (Helm's `--reuse-values`). What only
    /// the chart at hand has a default for begins with that.
    Everything,
}

/// Everything decided, nothing done.
#[derive(Debug)]
pub struct Prepared {
    cluster: Cluster,
    /// The lock, once it is taken.
    held: Option<Held>,
    /// What was stored of the release when it was decided, without its records.
    seen: Past,
    /// The record as it will be stored before the first change.
    record: Record,
    /// Whether the planner was asked to make the namespace.
    create_namespace: bool,
    /// Switches of the planner, for the way back.
    options: Options,
    history_max: usize,
    rollback_on_failure: bool,
    mask: SharedMask,
    not_yet: ask_server::NotYet,
    /// The plan: to be shown, or carried out.
    pub plan: Plan,
    /// What it deletes, as it was last recorded.
    pub leaving: Vec<Object>,
    /// What is made.
    pub making: Making,
    /// Whether nothing has to be done, and no revision is made.
    pub unchanged: bool,
}

impl Prepared {
    /// Which release.
    pub fn release(&self) -> &Release {
        &self.record.release
    }

    /// Asks the API server whether it would take what the plan applies, and notes in the plan's report what it could not
    /// be asked about. Nothing is changed. Returns everything that the server would refuse.
    pub async fn ask_server(&mut self, concurrency: usize) -> Option<Failure> {
        let (notes, refused) = ask_server::ask(&self.cluster, &self.plan, &self.not_yet, concurrency).await;
        self.plan.report.notes.extend(notes);
        refused
    }

    /// What the run would be refused for, as the plan sees it: fields of others.
    pub fn conflicts(&self) -> Option<Failure> {
        let conflicts = &self.plan.report.conflicts;
        (!conflicts.is_empty()).then(|| Failure { class: Class::Failed, diagnostics: conflicts.clone() })
    }

    /// The revision that will be made; the one in force if nothing changes.
    pub fn revision(&self) -> Revision {
        self.record.revision
    }
}
