//! What is asked for. Time and randomness come in here, so that a plan is a function of its inputs.

use jiff::Timestamp;

use crate::release::{LedgerKey, Release, Revision};

/// What the user asked for, with the inputs that a pure planner may not fetch itself.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Which release.
    pub release: Release,
    /// The revision that the run will write.
    pub revision: Revision,
    /// What should be the case afterwards.
    pub goal: Goal,
    /// The time of the run.
    pub now: Timestamp,
    /// Fresh random bytes: the key of a ledger, if one must be made.
    pub ledger_key: LedgerKey,
    /// Switches of the command line.
    pub options: Options,
}

/// What should be the case afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The manifest is in force: install, upgrade, rollback.
    Deployed,
    /// Nothing runs any more; claims, what opens them and the ledger stay.
    Removed,
    /// Nothing is left: claims, volumes and Secrets go too.
    Purged,
}

/// Switches of the command line that decide something. The default is the careful choice.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub struct Options {
    /// Make the namespace of the release if it is missing.
    pub create_namespace: bool,
    /// Take over fields that another manager owns.
    pub force_conflicts: bool,
    /// Take over existing objects without this release's mark: `kind/name`, or `all`.
    pub adopt: Vec<String>,
    /// Take over claims that are not this release's (only with a given credential).
    pub adopt_volumes: bool,
    /// Accept that an upgrade makes a new empty claim beside a kept one.
    pub accept_new_volume: bool,
    /// Give volumes up whose claim is gone, where what opens them is to have another value.
    pub abandon_volumes: bool,
    /// A claim that is larger than what is wanted keeps its size, whatever was wanted before: a rollback.
    pub keep_sizes: bool,
    /// What gets another value although a volume was initialised with the one it has.
    pub rotate: Rotate,
    /// Do not wait for readiness.
    pub no_wait: bool,
    /// CustomResourceDefinitions that the release leaves behind and that go, with all objects of their kinds.
    pub prune_crds: Vec<String>,
    /// Run no Jobs before the workloads of a release go.
    pub skip_jobs: bool,
    /// Keep the records of an uninstalled release.
    pub keep_history: bool,
}

/// Which credentials get another value. One whose rotation was begun before is rotated in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Rotate {
    /// None.
    #[default]
    Nothing,
    /// Those whose value is given, and another one than before.
    Given,
    /// A generated one: `secret/key`; without a name the only one that can be.
    Generated(Option<String>),
    /// None: a rotation that is not over is given up (`secret/key`; without a name each of them), and the old value stays
    /// or comes back.
    Abort {
        /// Which one.
        key: Option<String>,
        /// Without the Job, which finds out what the service knows: both values stay in the cluster then.
        skip_job: bool,
    },
}
