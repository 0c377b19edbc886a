//! A small Kubernetes API in the process: a tower Service under `kube::Client`, so that the same client code runs on
//! it as on a real cluster; where it differs it is stricter.

use std::path::Path;

use crate::diagnostic::Failure;

/// An in-process cluster.
#[derive(Clone, Debug)]
pub struct Sandbox {}

impl Sandbox {
    /// An empty cluster in memory (with the namespaces and storage classes of a new cluster).
    pub fn in_memory() -> Self {
        todo!("sandbox room")
    }

    /// The cluster kept in a file; made if it is missing. Every change is on disk, whole, before it is answered.
    pub fn open(_file: &Path) -> Result<Self, Failure> {
        todo!("sandbox room")
    }

    /// A client for it.
    pub fn client(&self) -> kube::Client {
        todo!("sandbox room")
    }
}
