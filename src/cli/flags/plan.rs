//! Flags that decide what a plan may do: the same for those who carry it out and those who only look.

use clap::Args;

use crate::plan::{Options, Rotate};

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Planning")]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub(in crate::cli) struct PlanFlags {
    /// Make the release's namespace if it is missing
    #[arg(long)]
    create_namespace: bool,

    /// Take over fields that another field manager owns
    #[arg(long)]
    force_conflicts: bool,

    /// Take over an existing object that is not this release's: `kind/name`, or `all`
    #[arg(long, value_name = "KIND/NAME")]
    adopt: Vec<String>,

    /// Take over volumes that are not this release's; their credential must be given
    #[arg(long)]
    adopt_volumes: bool,

    /// Have credentials whose given value is another one changed inside their service too, as the chart says how
    #[arg(long)]
    rotate_credentials: bool,

    /// Delete a CustomResourceDefinition that the chart no longer has, with all objects of its kind
    #[arg(long, value_name = "NAME")]
    prune_crd: Vec<String>,

    /// Accept that a workload starts with a new, empty volume, or with none, beside one that is kept
    #[arg(long)]
    accept_new_volume: bool,

    /// Let volumes whose claim somebody deleted lose what opens them; the release then knows them no more
    #[arg(long)]
    abandon_volumes: bool,
}

impl PlanFlags {
    /// The switches that the planner knows.
    pub(in crate::cli) fn options(&self, no_wait: bool) -> Options {
        Options {
            create_namespace: self.create_namespace,
            force_conflicts: self.force_conflicts,
            adopt: self.adopt.clone(),
            adopt_volumes: self.adopt_volumes,
            accept_new_volume: self.accept_new_volume,
            abandon_volumes: self.abandon_volumes,
            keep_sizes: false,
            rotate: if self.rotate_credentials { Rotate::Given } else { Rotate::Nothing },
            no_wait,
            prune_crds: self.prune_crd.clone(),
            skip_jobs: false,
            keep_history: false,
        }
    }
}
