//! The objects that a chart (or `--manifest`) wants, checked, labelled and ordered, each with its origins.

use crate::diagnostic::Diagnostic;
use crate::object::Object;
use crate::release::Release;
use crate::render::Document;

/// What a revision wants.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The objects, in the order in which they are shown.
    pub objects: Vec<Object>,
    /// Warnings found on the way.
    pub warnings: Vec<Diagnostic>,
}

/// Turns rendered documents into objects: checks them offline, turns `stringData` into `data`, puts our labels on,
/// gives namespaced objects the release's namespace, orders them.
pub fn assemble(_documents: Vec<Document>, _release: &Release) -> Result<Manifest, Vec<Diagnostic>> {
    todo!("manifest room")
}

/// Reads rendered YAML (`--manifest`) as kubectl reads it; `List`s are opened.
pub fn read(_text: &str, _source: crate::diagnostic::SourceId) -> Result<Vec<Document>, Vec<Diagnostic>> {
    todo!("manifest room")
}

/// The manifest as canonical YAML documents. Generated keys are left out, with a comment that says so. With `mask`,
/// Secret data is replaced by a mask that can't be installed.
pub fn to_yaml(_objects: &[Object], _mask: bool) -> String {
    todo!("manifest room")
}
