//! Releases: their records, one a revision, and the ledger of their claims, which outlives them.
//!
//! These are the stored forms: what an older kchart wrote is read for ever, so every form has a format number.

mod history;
mod ledger;
mod record;
mod status;
pub mod stored;

pub use history::{Header, Past, settle};
pub use ledger::{Credential, CredentialKind, Entry, Ledger, LedgerKey, Lifetime};
pub use record::{ChartSummary, Item, Record, StepSummary};
pub use status::Status;

use serde::{Deserialize, Serialize};

/// Number of a revision, from 1.
pub type Revision = u32;

/// A name in a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Release {
    /// Namespace of the release, of its records and of its ledger.
    pub namespace: String,
    /// Name: a DNS label of at most 53 characters (Helm's `pkg/chart/v2/util/validate_name.go`).
    pub name: String,
}

impl Release {
    /// Its name, with its namespace before it (`lab/web`) where that is not the one that is looked at.
    pub fn seen_from(&self, namespace: &str) -> String {
        if self.namespace == namespace { self.name.clone() } else { format!("{}/{}", self.namespace, self.name) }
    }
}
