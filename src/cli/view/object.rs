//! Objects in results.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::object::ObjectId;

/// An object.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ObjectView {
    /// API group; empty for the core group.
    group: String,
    /// Kind.
    kind: String,
    /// Namespace; null for cluster-scoped objects.
    namespace: Option<String>,
    /// Name.
    name: String,
}

impl From<&ObjectId> for ObjectView {
    fn from(id: &ObjectId) -> Self {
        let ObjectId { group, kind, namespace, name } = id.clone();
        Self { group, kind, namespace, name }
    }
}

impl fmt::Display for ObjectView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, kind, namespace, name } = self.clone();
        ObjectId { group, kind, namespace, name }.fmt(f)
    }
}
