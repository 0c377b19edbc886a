//! What went wrong or looks wrong, and where: the one shape of every message that kchart shows.
//!
//! A [`Diagnostic`] points into texts held by a [`SourceMap`]; a [`Failure`] is what ends a verb, with the
//! [`Class`] that decides the exit code. Painting is in `paint`; nothing here prints.

mod failure;
mod message;
mod place;
mod source;
mod suggest;

pub use failure::{Class, Failure};
pub use message::{Diagnostic, Note, Severity};
pub use place::{Origin, Place, Span};
pub use source::{Source, SourceId, SourceKind, SourceMap};
pub use suggest::nearest;
