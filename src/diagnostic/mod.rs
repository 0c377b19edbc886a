//! What went wrong or looks wrong, and where: the one shape of every message that kchart shows.
//!
//! A [`Diagnostic`] points into texts held by a [`SourceMap`]; a [`Failure`] is what ends a verb, with the
//! [`Class`] that decides the exit code. Painting is in `paint`; nothing here prints.

mod conceal;
mod credential;
mod excerpt;
mod failure;
mod message;
mod paint;
mod place;
mod source;
mod suggest;

pub use conceal::conceal_flag;
pub use credential::is_credential_name;
pub use failure::{Class, Failure};
pub use message::{Diagnostic, Note, Severity};
pub use paint::paint;
pub use place::{Origin, Place, Span};
pub use source::{Source, SourceId, SourceKind, SourceMap};
pub use suggest::nearest;
