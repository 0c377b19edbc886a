//! JSON Schemas of what `-o json` prints: the contract with programs that read it.

use std::collections::BTreeMap;

use super::{
    AdoptedView, AllView, CredentialsView, DeployedView, HistoryView, ListView, ManifestView, NotesView, PlanView,
    PlansView, PurgedView, RemovedView, StatusView, StoryView, ValuesView, VolumesView,
};
use crate::cli::verbs::VersionView;

/// The schema of each verb's result, by the verb.
pub fn output_schemas() -> BTreeMap<&'static str, serde_json::Value> {
    let schemas = [
        ("deploy", schemars::schema_for!(DeployedView)),
        ("diff", schemars::schema_for!(PlanView)),
        ("dry-run", schemars::schema_for!(PlanView)),
        ("get-all", schemars::schema_for!(AllView)),
        ("get-credentials", schemars::schema_for!(CredentialsView)),
        ("get-manifest", schemars::schema_for!(ManifestView)),
        ("get-notes", schemars::schema_for!(NotesView)),
        ("get-values", schemars::schema_for!(ValuesView)),
        ("history", schemars::schema_for!(HistoryView)),
        ("list", schemars::schema_for!(ListView)),
        ("status", schemars::schema_for!(StatusView)),
        ("uninstall", schemars::schema_for!(RemovedView)),
        ("uninstall-dry-run", schemars::schema_for!(PlansView)),
        ("volumes-adopt", schemars::schema_for!(AdoptedView)),
        ("volumes-explain", schemars::schema_for!(StoryView)),
        ("volumes-purge", schemars::schema_for!(PurgedView)),
        ("volumes", schemars::schema_for!(VolumesView)),
        ("version", schemars::schema_for!(VersionView)),
    ];
    schemas.into_iter().map(|(name, schema)| (name, schema.to_value())).collect()
}
