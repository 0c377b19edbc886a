//! Kubernetes objects as kchart sees them: identity, body, field paths, the marks that kchart puts on them.

mod id;
pub mod marks;
mod masking;
mod needle;
mod path;

pub use id::ObjectId;
pub use masking::{MASKED, Mask, Secrecy};
pub use path::{FieldPath, Segment, leaves};

use std::collections::BTreeSet;
use std::fmt;

use crate::yaml::Node;

/// An object that is wanted, or one that lives in a cluster.
#[derive(Clone, PartialEq)]
pub struct Object {
    /// Group, kind, namespace and name.
    pub id: ObjectId,
    /// The API version without its group: `v1`, `v1beta1`.
    pub version: String,
    /// The whole object, `apiVersion`, `kind` and `metadata` included.
    pub body: Node,
    /// Fields that hold secrets, beside a Secret's own `data`: masked wherever they are shown.
    pub secret: BTreeSet<FieldPath>,
}

impl fmt::Debug for Object {
    /// The body may hold secrets: left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("id", &self.id).field("version", &self.version).finish_non_exhaustive()
    }
}

impl Object {
    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(&self) -> String {
        if self.id.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.id.group, self.version) }
    }

    /// Whether a field holds a secret, or has one above or below it, however the items of lists on its way are named.
    pub fn hides(&self, field: &FieldPath) -> bool {
        self.secret.iter().any(|hidden| hidden.meets(field, &self.body))
    }

    /// A label of the object.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.body.str_at(&["metadata", "labels", name])
    }

    /// An annotation of the object.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.body.str_at(&["metadata", "annotations", name])
    }
}
