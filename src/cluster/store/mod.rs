//! The store: records and ledgers of releases, in Secrets of their namespace.
//!
//! Rules kept: the history is read from metadata, and only the records since the last success are opened; a record is
//! whole before its first Secret, which makes it visible, is written; a ledger is only changed with its
//! `resourceVersion`, so that no run undoes what another one remembered.

mod history;
mod ledger;
mod listed;
mod past;
mod record;

use super::Cluster;
use super::errors::Doing;
use super::kinds::Kind;
use super::request::Fault;
use crate::diagnostic::Failure;
use crate::release::Release;

/// Secrets, whose kind every cluster serves.
fn secrets() -> Kind {
    Kind::core("Secret", "secrets", true)
}

impl Cluster {
    /// A fault at reading or writing what is stored of a release.
    fn store_failure(&self, fault: &Fault, verb: &'static str, release: &Release) -> Failure {
        self.failure(fault, &Doing::with(verb, format!("the records of release `{}`", release.name)))
    }
}
