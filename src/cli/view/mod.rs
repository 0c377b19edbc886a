//! How results look: text for people, and the same as JSON or YAML for programs.
//!
//! What is printed as JSON is a struct of its own, whose field names and meanings stay.

mod all;
mod cause;
mod credentials;
mod deployed;
mod encode;
mod ending;
mod failure;
mod field;
mod kept;
mod listing;
mod object;
mod plan;
mod removed;
mod revisions;
mod schemas;
mod standing;
pub(in crate::cli) mod style;
mod table;
mod unfinished;
mod unified;
mod volumes;
mod whole;

pub(super) use all::{AllView, ManifestView, NotesView, ValuesView, masked};
pub(super) use credentials::CredentialsView;
pub(super) use deployed::DeployedView;
pub(super) use encode::encode;
pub(super) use ending::{Ending, Fails, FailureView};
pub(super) use failure::paint;
pub(super) use listing::ListView;
pub(super) use plan::{PlanView, PlansView};
pub(super) use removed::RemovedView;
pub(super) use revisions::HistoryView;
pub use schemas::output_schemas;
pub(super) use standing::StatusView;
pub(super) use volumes::{AdoptedView, PurgedView, PurgedVolumes, StoryView, VolumesView};
pub(super) use whole::Contents;

use super::advice::Advice;
use object::ObjectView;

/// A result that can be printed.
pub(super) trait View: serde::Serialize + schemars::JsonSchema {
    /// As text for people, with colours (they are taken out where they are not wanted). Tables are wrapped to `width`
    /// on a terminal; in a file or pipe a row stays one line.
    fn text(&self, width: Option<u16>) -> String;

    /// Completes the commands that it gives as advice, so that they find the same cluster.
    fn complete(&mut self, _advice: &Advice) {}
}
