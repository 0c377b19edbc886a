//! What became of a revision. Helm's words (`pkg/release/common/status.go`).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Status of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Its first change may have been made; the run that made it did not end.
    PendingInstall,
    /// As [`Status::PendingInstall`], of a later revision.
    PendingUpgrade,
    /// As [`Status::PendingInstall`], of a rollback.
    PendingRollback,
    /// In force.
    Deployed,
    /// Was in force; a later revision is.
    Superseded,
    /// Its run ended with an error.
    Failed,
    /// Being taken away; the run that does it did not end.
    Uninstalling,
    /// Taken away; only seen with `--keep-history`.
    Uninstalled,
}

impl Status {
    /// Whether its run did not end.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback | Self::Uninstalling)
    }

    /// The word, as stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingInstall => "pending-install",
            Self::PendingUpgrade => "pending-upgrade",
            Self::PendingRollback => "pending-rollback",
            Self::Deployed => "deployed",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Uninstalling => "uninstalling",
            Self::Uninstalled => "uninstalled",
        }
    }

    /// The status of that word.
    pub fn parse(word: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
