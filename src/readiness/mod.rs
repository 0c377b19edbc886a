//! Whether an object is ready, one small file per kind (rules as in kstatus); observedGeneration first. Pure.

use crate::object::ObjectId;
use crate::yaml::Node;

/// How far an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It works.
    Ready,
    /// Not yet, and why: "1 of 2 replicas available".
    Waiting(String),
    /// It will not become ready by itself.
    Failed(String),
}

/// Judges a live object. Unknown kinds are ready when their conditions say so or when they have none.
pub fn judge(_id: &ObjectId, _live: &Node) -> Readiness {
    todo!("readiness room")
}
