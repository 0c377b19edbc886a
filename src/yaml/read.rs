//! Text to nodes.

use super::dialect::Dialect;
use super::hook::{Hook, Scalar};
use super::loader::Loader;
use super::{Map, Node};
use crate::diagnostic::{Diagnostic, Origin, Place, SourceId};

/// Reads all documents of a text; an empty document is a null, a text without any document gives none.
///
/// Each node's origin is its own place in `source`, and `key` the place of its key.
pub fn read(text: &str, source: SourceId, dialect: Dialect) -> Result<Vec<Node>, Diagnostic> {
    Loader::new(text, dialect, Origin::value, &mut Complete(source)).documents()
}

/// Reads a text that is one document: a values file, Chart.yaml. An empty one is an empty map.
///
/// Several documents are an error: Helm 3 silently took the first one, Helm 4 merges them.
pub fn read_one(text: &str, source: SourceId, dialect: Dialect) -> Result<Node, Diagnostic> {
    let mut documents = read(text, source, dialect)?.into_iter().filter(|document| !document.is_null());
    let start = Place::new(source, 1, 1);
    let first = documents.next().unwrap_or_else(|| Node::with(Map::default(), Origin::value(start)));
    match documents.next() {
        None => Ok(first),
        Some(second) => Err(Diagnostic::error("expected one document, found a second one")
            .at(second.origin.at)
            .note_at("the first begins here", first.origin.at)
            .hint("write each document into a file of its own, or remove the `---` between them")),
    }
}

/// Reads all documents of a text that `hook` completes. Places are the hook's, and origins those of a template: what
/// the hook does not fill was written where it stands and came from no values layer.
pub fn read_with(text: &str, dialect: Dialect, hook: &mut dyn Hook) -> Result<Vec<Node>, Diagnostic> {
    Loader::new(text, dialect, Origin::template, hook).documents()
}

/// Nothing is open in the text of a source.
struct Complete(SourceId);

impl Hook for Complete {
    fn place(&mut self, line: u32, column: u32) -> Place {
        Place::new(self.0, line, column)
    }

    fn scalar(&mut self, _: &Scalar<'_>) -> Result<Option<Node>, Diagnostic> {
        Ok(None)
    }

    fn key(&mut self, _: &Scalar<'_>) -> Result<Option<String>, Diagnostic> {
        Ok(None)
    }
}
