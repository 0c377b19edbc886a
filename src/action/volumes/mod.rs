//! Volumes by name: what is kept and orphaned, what opens it, and what may be done to it.

pub mod adopt;
pub mod explain;
mod gather;
pub mod list;
pub mod purge;
