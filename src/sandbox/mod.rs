//! A small Kubernetes API in the process: a tower Service under `kube::Client`, so that the same client code runs on
//! it as on a real cluster; where it differs it is stricter. What is modelled, and what is not: `docs/sandbox.md`.
//!
//! A request comes in at `http`, looks (`read`) or changes (`write`, with `ownership` for server-side apply), then the
//! `controller`s play what follows from it, and the answer goes out when the new state is stored. It shares nothing
//! with the planner but `schema`: the sandbox must not prove the planner with the planner's own code.

mod builtin;
mod clock;
mod controller;
mod convert;
mod disks;
mod fault;
mod file;
mod history;
mod http;
mod index;
mod journal;
mod json;
mod ownership;
mod quota;
mod read;
mod rejection;
mod requests;
mod seed;
mod served;
mod shared;
mod state;
#[cfg(test)]
mod truth;
mod write;

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Failure};
use clock::Clock;
pub use fault::{Fault, Faults, Rule, When, parse as parse_faults};
use file::StateFile;
pub use requests::Requested;
use shared::Shared;

/// An in-process cluster. Clones and clients are the same cluster.
#[derive(Clone)]
pub struct Sandbox {
    cluster: Arc<Shared>,
}

impl Sandbox {
    /// An empty cluster in memory (with the namespaces and storage classes of a new cluster).
    pub fn in_memory() -> Self {
        Self { cluster: Arc::new(Shared::new(seed::new_cluster(Clock::Real), None)) }
    }

    /// The same, but time and identities are counted: equal requests give equal answers, byte by byte.
    pub fn deterministic() -> Self {
        Self { cluster: Arc::new(Shared::new(seed::new_cluster(Clock::counted()), None)) }
    }

    /// The cluster kept in a file; made if it is missing. Every change is on disk, whole, before it is answered.
    /// Several processes may use the file at once: it is locked for the time of a request and reread when another
    /// process wrote it.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let failure = |why: String| {
            // Only a file is nobody else's: who named a folder by mistake should not be told to remove it.
            let hint = if path.is_file() {
                "give another file with `--sandbox=FILE`, or remove this one to begin with an empty sandbox"
            } else {
                "give another file with `--sandbox=FILE`"
            };
            Failure::failed(Diagnostic::error(why).hint(hint))
        };
        let mut file = StateFile::new(path);
        let held = file.hold().map_err(failure)?;
        let state = if let Some(state) = file.reload(None).map_err(failure)? {
            state
        } else {
            let state = seed::new_cluster(Clock::Real);
            file.store(&state).map_err(failure)?;
            state
        };
        drop(held);
        Ok(Self { cluster: Arc::new(Shared::new(state, Some(file))) })
    }

    /// A client for it. Needs a Tokio runtime around it, as every kube client does.
    pub fn client(&self) -> kube::Client {
        self.client_with(&Faults::none())
    }

    /// The same, but its requests meet faults.
    pub fn client_with(&self, faults: &Faults) -> kube::Client {
        let (cluster, faults) = (Arc::clone(&self.cluster), faults.clone());
        let service = tower::service_fn(move |request| http::serve(Arc::clone(&cluster), faults.clone(), request));
        kube::Client::new(service, "default")
    }

    /// Another cluster in memory that is as this one is now.
    #[must_use]
    pub fn copy(&self) -> Self {
        let state = self.cluster.lock().state.clone();
        Self { cluster: Arc::new(Shared::new(state, None)) }
    }

    /// All requests so far, oldest first: method, path and kind, never bodies.
    pub fn requests(&self) -> Vec<Requested> {
        self.cluster.lock().requests.clone()
    }

    /// Counts the changes of objects: two looks with the same number saw the same cluster.
    pub fn revision(&self) -> u64 {
        self.cluster.lock().state.revision
    }

    /// All objects as they are now, by kind, namespace and name. For tests: Secrets are among them.
    pub fn objects(&self) -> Vec<serde_json::Value> {
        self.cluster.lock().state.everything().map(|(_, _, object)| (**object).clone()).collect()
    }

    /// Where volumes have data, whether or not a PersistentVolume still shows it.
    pub fn data(&self) -> Vec<String> {
        self.cluster.lock().state.disks.locations().map(str::to_owned).collect()
    }

    /// For each place where a sticky image has data: whether it lets in whoever has that password.
    pub fn opens(&self, password: &str) -> Vec<bool> {
        self.cluster.lock().state.disks.opens(password).collect()
    }
}

/// Never what is in it: the state holds Secrets.
impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}
