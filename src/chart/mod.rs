//! Charts: metadata, loading from a folder, an archive or the binary itself, dependencies, `.helmignore`.

mod metadata;

pub use metadata::{Dependency, Metadata};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, SourceId, SourceMap};
use crate::yaml::Node;

/// A loaded chart. Everything is in memory: nothing outside can be read later.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Chart.yaml.
    pub metadata: Metadata,
    /// values.yaml; an empty map if there is none.
    pub values: Node,
    /// values.schema.json, as JSON with its source.
    pub schema: Option<(serde_json::Value, SourceId)>,
    /// Templates, partials and notes, by path within the chart, sorted.
    pub templates: Vec<TemplateFile>,
    /// `files/` by path below it.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Subcharts by the name of their folder's chart; `metadata.dependencies` says condition and alias.
    pub subcharts: Vec<Chart>,
}

/// A text under `templates/`.
#[derive(Clone, Debug)]
pub struct TemplateFile {
    /// Path within the chart: `templates/deployment.yaml.hbs`.
    pub path: String,
    /// Its text.
    pub source: SourceId,
    /// What it is.
    pub role: Role,
}

/// What a file under `templates/` is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `*.yaml.hbs`: renders objects.
    Manifest,
    /// `_*.hbs`: a partial.
    Partial,
    /// `notes.txt.hbs`.
    Notes,
    /// `.yaml`, `.yml`, `.tpl`, `.txt`: Helm's Go templates, not rendered yet.
    GoTemplate,
}

/// Where charts are looked up by name.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// The working directory: `./charts` and relative paths.
    pub directory: PathBuf,
    /// Folders of `$KCHART_CHARTS`.
    pub folders: Vec<PathBuf>,
}

/// Which chart was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A folder.
    Folder(PathBuf),
    /// An archive.
    Archive(PathBuf),
    /// One of the charts in the binary.
    Bundled(String),
}

/// Finds and loads the chart that a user names: a path if it has a slash, ends in `.tgz` or is a folder with a
/// Chart.yaml; else a name, looked up in `./charts`, `$KCHART_CHARTS` and the bundled charts.
pub fn load(_reference: &str, _lookup: &Lookup, _sources: &mut SourceMap) -> Result<(Chart, Taken), Vec<Diagnostic>> {
    todo!("chart room")
}

/// Loads a folder.
pub fn load_folder(_folder: &Path, _sources: &mut SourceMap) -> Result<Chart, Vec<Diagnostic>> {
    todo!("chart room")
}
