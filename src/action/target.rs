//! Where a workflow works: a real cluster or the sandbox. Everything after [`Target::connect`] is the same.

use std::path::PathBuf;

use crate::cluster::{Access, Cluster};
use crate::diagnostic::Failure;
use crate::sandbox::Sandbox;

/// A cluster to work on, not reached yet.
#[derive(Clone, Debug)]
pub struct Target {
    /// Which one.
    pub place: Place,
    /// At most so many requests at once.
    pub concurrency: usize,
}

/// Which cluster.
#[derive(Clone, Debug)]
pub enum Place {
    /// A real one.
    Cluster(Access),
    /// The one in this process, kept in a file.
    Sandbox(PathBuf),
    /// One that a test has made.
    #[cfg(test)]
    Ready(Cluster),
}

impl Target {
    /// Opens the way to it; a real cluster is asked nothing yet.
    pub async fn connect(&self) -> Result<Cluster, Failure> {
        let cluster = match &self.place {
            Place::Cluster(access) => Cluster::connect(access).await?,
            Place::Sandbox(file) => Cluster::over(Sandbox::open(file)?.client()),
            #[cfg(test)]
            Place::Ready(cluster) => cluster.clone(),
        };
        cluster.limit(self.concurrency);
        Ok(cluster)
    }
}
