//! Flags that say where the values of an upgrade begin.

use clap::Args;

use crate::action::deploy::Reuse;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Values")]
pub(in crate::cli) struct ReuseFlags {
    /// Begin with all values of the last revision, the defaults of its chart included
    #[arg(long, conflicts_with_all = ["reset_values", "reset_then_reuse_values"])]
    reuse_values: bool,

    /// Begin with the defaults of the chart at hand, then the values given for the last revision
    #[arg(long, conflicts_with = "reset_values")]
    reset_then_reuse_values: bool,

    /// Begin with the defaults of the chart at hand (the default)
    #[arg(long)]
    reset_values: bool,
}

impl ReuseFlags {
    pub(in crate::cli) fn reuse(&self) -> Reuse {
        if self.reuse_values {
            Reuse::Everything
        } else if self.reset_then_reuse_values {
            Reuse::Given
        } else {
            Reuse::Nothing
        }
    }
}
