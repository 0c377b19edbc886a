//! Flags about carrying a plan out: what install, upgrade and rollback share.

use clap::{Args, ValueEnum};

use super::LockFlags;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Deploying")]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub(in crate::cli) struct RunFlags {
    /// Show what would be done and change nothing
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "none", default_missing_value = "client", hide_default_value = true)]
    pub(in crate::cli) dry_run: DryRun,

    /// In a dry run: one line for an object that would be made or deleted, without its content
    #[arg(long)]
    pub(in crate::cli) short: bool,

    /// Wait until everything is ready (the default)
    #[arg(long, overrides_with = "no_wait")]
    wait: bool,

    /// Do not wait until everything is ready
    #[arg(long, overrides_with = "wait")]
    no_wait: bool,

    /// Do not ask before `--adopt all` takes objects over
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,

    /// Revisions to keep in the history; 0 keeps all
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(in crate::cli) history_max: usize,

    /// A sentence about this revision, for the history
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) description: Option<String>,

    // Last: what follows would stand below its heading.
    #[command(flatten)]
    pub(in crate::cli) lock: LockFlags,
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

impl RunFlags {
    /// Whether readiness is not waited for.
    pub(in crate::cli) fn no_wait(&self) -> bool {
        self.no_wait
    }
}
