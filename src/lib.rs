//! kchart renders Kubernetes manifests from a chart and a values file, applies them, waits until they work, and
//! looks after the volumes and credentials that a release leaves behind.
//!
//! The folders are stages of a pipeline; dependencies go one way, from top to bottom of this list:
//!
//! ```text
//! values files ─ values ─┐
//! chart ─────────────────┴─ render ─ manifest ─ questions ─ facts ─ plan ─ apply ─ record, ledger
//!                                                live objects ┘      └─ readiness, events → report
//! ```

pub mod action;
pub mod apply;
pub mod chart;
pub mod cli;
pub mod cluster;
pub mod diagnostic;
pub mod library;
pub mod manifest;
pub mod object;
pub mod plan;
pub mod readiness;
pub mod release;
pub mod render;
pub mod sandbox;
pub mod schema;
pub mod values;
pub mod yaml;
