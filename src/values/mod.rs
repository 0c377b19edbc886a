//! Values: layers, merge, `--set` grammar, schema check.
//!
//! Layers, later wins: chart defaults < parent's values for a subchart < `-f` left to right < `--set-json` < `--set`
//! < `--set-string` < `--set-file` < `--set-literal` (Helm's fixed order of families, `pkg/cli/values/options.go`).

use std::collections::BTreeMap;

use crate::chart::Chart;
use crate::diagnostic::{Diagnostic, SourceMap};
use crate::yaml::Node;

/// Values layers as they were given on the command line, texts already read (`cli` and `action` do the reading).
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `-f`: name as given and text, left to right.
    pub files: Vec<(String, String)>,
    /// `--set-json`.
    pub set_json: Vec<String>,
    /// `--set`.
    pub set: Vec<String>,
    /// `--set-string`.
    pub set_string: Vec<String>,
    /// `--set-file`: the flag's text; `set_file_texts` has the files by path.
    pub set_file: Vec<String>,
    /// Texts of the files that `--set-file` names.
    pub set_file_texts: BTreeMap<String, String>,
    /// `--set-literal`.
    pub set_literal: Vec<String>,
}

/// The values of a chart and, below it, of its enabled subcharts by the name they have there (alias).
#[derive(Clone, Debug, Default)]
pub struct ChartValues {
    /// Merged values of this chart, subcharts' values below their names included, `global` too.
    pub values: Node,
    /// Enabled subcharts.
    pub subcharts: BTreeMap<String, ChartValues>,
}

/// Merges the given layers into one tree. Nulls stay: they delete when the tree meets defaults.
pub fn given(_inputs: &Inputs, _sources: &mut SourceMap) -> Result<Node, Vec<Diagnostic>> {
    todo!("values room")
}

/// `over` laid over `base`: maps merge, lists replace, null deletes.
#[must_use]
pub fn merge(_base: Node, _over: Node) -> Node {
    todo!("values room")
}

/// The values of a chart and its subcharts (conditions, aliases, `global`), checked against their schemas. Warnings
/// come second.
pub fn resolve(_chart: &Chart, _given: &Node) -> Result<(ChartValues, Vec<Diagnostic>), Vec<Diagnostic>> {
    todo!("values room")
}
