//! Charts: metadata, loading from a folder, an archive or the binary itself, dependencies, `.helmignore`.

//!
//! Everything that is read lies inside the chart: links out of it, entries that leave an archive and special files
//! are refused, and there are limits on number and size. The order is by path, whatever the file system says.

mod archive;
mod assemble;
mod bundled;
mod chartfile;
mod folder;
mod home;
mod ignore;
mod lookup;
mod metadata;
mod role;
mod tree;
mod version;

pub use bundled::names as bundled_names;
pub use lookup::{load, load_folder};
pub use metadata::{Dependency, Metadata};
pub use version::{Range, version as read_version};

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, SourceId};
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
    /// Objects under `crds/`, taken as they are, with their paths within the chart.
    pub crds: Vec<(String, Node)>,
    /// `files/` by path below it.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Subcharts by the name of their folder's chart; `metadata.dependencies` says condition and alias.
    pub subcharts: Vec<Chart>,
    /// What looks wrong in it and in its subcharts.
    pub warnings: Vec<Diagnostic>,
}

impl Default for Chart {
    /// A chart of nothing, with values that are a map.
    fn default() -> Self {
        Self {
            metadata: Metadata::default(),
            values: Node::map(),
            schema: None,
            templates: Vec::new(),
            crds: Vec::new(),
            files: BTreeMap::new(),
            subcharts: Vec::new(),
            warnings: Vec::new(),
        }
    }
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
