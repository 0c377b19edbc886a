//! Flags that install and upgrade share.

use clap::{Args, ValueEnum};

use super::LockFlags;
use crate::plan::Options;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Deploying")]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub(in crate::cli) struct DeployFlags {
    /// Make the release's namespace if it is missing
    #[arg(long)]
    pub(in crate::cli) create_namespace: bool,

    /// Show what would be done and change nothing
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "none", default_missing_value = "client", hide_default_value = true)]
    pub(in crate::cli) dry_run: DryRun,

    /// Wait until everything is ready (the default)
    #[arg(long, overrides_with = "no_wait")]
    wait: bool,

    /// Do not wait until everything is ready
    #[arg(long, overrides_with = "wait")]
    no_wait: bool,

    /// Take over fields that another field manager owns
    #[arg(long)]
    force_conflicts: bool,

    /// Take over an existing object that is not this release's: `kind/name`, or `all`
    #[arg(long, value_name = "KIND/NAME")]
    adopt: Vec<String>,

    /// Take over volumes that are not this release's; their credential must be given
    #[arg(long)]
    adopt_volumes: bool,

    /// Accept that a new, empty volume is made beside one that is kept
    #[arg(long)]
    accept_new_volume: bool,

    #[command(flatten)]
    pub(in crate::cli) lock: LockFlags,

    /// Revisions to keep in the history; 0 keeps all
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(in crate::cli) history_max: usize,

    /// A sentence about this revision, for the history
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) description: Option<String>,
}

/// What a dry run asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DryRun {
    /// Not a dry run
    #[default]
    None,
    /// Compare with what lives in the cluster (what --dry-run alone means)
    Client,
    /// The same, and ask the API server whether it would take it
    Server,
}

impl DeployFlags {
    /// The switches that the planner knows.
    pub(in crate::cli) fn options(&self) -> Options {
        Options {
            create_namespace: self.create_namespace,
            force_conflicts: self.force_conflicts,
            adopt: self.adopt.clone(),
            adopt_volumes: self.adopt_volumes,
            accept_new_volume: self.accept_new_volume,
            no_wait: self.no_wait,
            keep_history: false,
        }
    }
}
