//! What a text may cost. A hostile text ends in an error, never in an abort.

/// Bytes of one text.
pub(super) const TEXT_BYTES: usize = 64 * 1024 * 1024;

/// Levels of nesting, aliases followed.
pub(super) const DEPTH: usize = 200;

/// Nodes of one text, those that aliases copy included. A manifest of 10,000 objects has fewer than a million.
pub(super) const NODES: usize = 4_000_000;

/// So many bytes of a copied string cost as much as a node.
pub(super) const BYTES_PER_NODE: usize = 32;
