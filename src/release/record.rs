//! What is stored of a revision, before its first change and until it is pruned from the history.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Release, Revision, Status};
use crate::object::{Object, ObjectId};
use crate::yaml::Node;

/// A revision of a release.
#[derive(Clone)]
pub struct Record {
    /// Which release.
    pub release: Release,
    /// Which revision.
    pub revision: Revision,
    /// What became of it.
    pub status: Status,
    /// When the run began.
    pub started: Timestamp,
    /// When the status last changed.
    pub updated: Timestamp,
    /// One sentence: "install complete", "cluster refused …".
    pub description: String,
    /// The chart it was made from; none for `--manifest`.
    pub chart: Option<ChartSummary>,
    /// Everything that the revision wants, template claims and what it only keeps included.
    pub inventory: Vec<Item>,
    /// The steps of its plan, in order. The objects themselves are in `objects`.
    pub steps: Vec<StepSummary>,
    /// The values layers that were given, merged (not the chart's defaults).
    pub values: Node,
    /// All values that the templates saw, the chart's defaults included; none for `--manifest`.
    pub computed: Option<Node>,
    /// The wanted objects; generated keys stand in them as such, never with a value.
    pub objects: Vec<Object>,
    /// Rendered notes.
    pub notes: Option<String>,
    /// Jobs that ran to their end and are not to run again: in this revision, or in earlier ones of the same life.
    pub ran: BTreeSet<ObjectId>,
}

impl fmt::Debug for Record {
    /// Values and objects hold secrets: left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("release", &self.release)
            .field("revision", &self.revision)
            .field("status", &self.status)
            .field("inventory", &self.inventory)
            .finish_non_exhaustive()
    }
}

/// The chart of a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChartSummary {
    /// Name in Chart.yaml.
    pub name: String,
    /// Version in Chart.yaml.
    pub version: String,
    /// Version of the application, if the chart names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
}

/// An object of a revision's inventory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Item {
    /// Which object.
    #[serde(flatten)]
    pub id: ObjectId,
    /// The API version it was applied with.
    pub version: String,
}

/// A step of the stored plan: enough to see where a run stood, without any value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSummary {
    /// What: "create", "update", "delete", "wait" …
    pub act: String,
    /// On which object, if on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ObjectId>,
}
