//! Where a workflow works: a real cluster or the sandbox. Everything after [`Target::connect`] is the same.

use std::path::PathBuf;

use crate::cluster::{Access, Cluster};
use crate::diagnostic::Failure;
use crate::sandbox::Sandbox;

/// A cluster to work on, not reached yet.
#[derive(Clone, Debug)]
pub enum Target {
    /// A real one.
    Cluster(Access),
    /// The one in this process, kept in a file.
    Sandbox(PathBuf),
}

impl Target {
    /// Opens the way to it; a real cluster is asked nothing yet.
    pub async fn connect(&self) -> Result<Cluster, Failure> {
        match self {
            Self::Cluster(access) => Cluster::connect(access).await,
            Self::Sandbox(file) => Ok(Cluster::over(Sandbox::open(file)?.client())),
        }
    }
}
