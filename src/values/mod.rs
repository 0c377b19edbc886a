//! Values: layers, merge, `--set` grammar, schema check.
//!
//! Layers, later wins: chart defaults < parent's values for a subchart < `-f` left to right < `--set-json` < `--set`
//! < `--set-string` < `--set-file` < `--set-literal` (Helm's fixed order of families, `pkg/cli/values/options.go`).
//!
//! Each leaf keeps the place that set it, a line of a file or a flag. No message repeats a value.

mod dependencies;
mod layers;
mod merge;
mod resolve;
mod schema;
mod set;
mod violation;
mod write_only;

pub use dependencies::{Subchart, subcharts};
pub use layers::{Inputs, given, set_file_paths};
pub use merge::merge;
pub use resolve::resolve;
pub use write_only::write_only;

use std::collections::BTreeMap;

use crate::yaml::Node;

/// The values of a chart and, below it, of its enabled subcharts by the name they have there (alias).
#[derive(Clone, Debug, Default)]
pub struct ChartValues {
    /// Merged values of this chart, subcharts' values below their names included, `global` too.
    pub values: Node,
    /// Enabled subcharts.
    pub subcharts: BTreeMap<String, ChartValues>,
}
