//! The texts that places point into.

use std::sync::Arc;

/// Number of a source in its [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

impl SourceId {
    /// No source at all.
    pub const NONE: Self = Self(0);
}

/// What a text is; decides how it is named, and that lines of values are masked when shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A values file, a values layer on stdin or a `--set` flag: may hold secrets.
    Values,
    /// A template or partial of a chart or of the Library.
    Template,
    /// Chart.yaml, values.schema.json and the like.
    Metadata,
    /// Rendered YAML given by `--manifest`: may hold secrets.
    Manifest,
}

/// One text: a file, a flag, standard input.
#[derive(Clone, Debug)]
pub struct Source {
    /// As the user would name it: a path as it was given, `--set image.tag=1`, `<stdin>`.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// The whole text.
    pub text: Arc<str>,
}

impl Source {
    /// Whether it is a flag of the command line. Its text is its name, credentials in the name concealed.
    pub fn is_flag(&self) -> bool {
        self.name.starts_with("--")
    }
}

/// All texts of one run. Grows while charts and values are loaded; read-only afterwards.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and returns its number.
    pub fn add(&mut self, name: impl Into<String>, kind: SourceKind, text: impl Into<Arc<str>>) -> SourceId {
        self.sources.push(Source { name: name.into(), kind, text: text.into() });
        SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX))
    }

    /// The text behind a number; none for [`SourceId::NONE`].
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get((id.0 as usize).checked_sub(1)?)
    }

    /// `file:line:column`, or the flag as it was typed; empty for a place that nobody wrote.
    pub fn name(&self, place: super::Place) -> String {
        match self.get(place.source) {
            None => String::new(),
            Some(source) if source.is_flag() => source.name.clone(),
            Some(source) => format!("{}:{}:{}", source.name, place.line, place.column),
        }
    }
}
