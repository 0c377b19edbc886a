//! Templates and values to documents.

mod bench;
mod language;
