//! Everything that talks through `kube::Client`: connecting, discovery, answers to the planner's questions, apply,
//! delete, watch, the store of records and ledgers. Translates kube's errors into ours, with field paths.

mod answer;
mod connect;
mod discovery;
mod errors;
mod evidence;
mod kinds;
mod list;
mod lock;
mod ops;
mod read;
mod request;
mod secrets;
mod store;
mod target;
mod watching;
mod wire;

pub use lock::{Held, Holder};
pub use ops::{Answer, Right};
pub use wire::Notice;

pub(crate) use ops::{Applied, FreshValues};
pub(crate) use read::mounts;
pub(crate) use watching::{Scene, Seen, Watches};

use std::collections::BTreeMap;
use std::path::PathBuf;
#[cfg(test)]
use std::sync::PoisonError;
use std::sync::{Arc, RwLock};

use tokio::sync::mpsc::UnboundedSender;

use self::errors::Doing;
use self::kinds::Kinds;
use self::request::Fault;
use self::target::Target;
use self::wire::{Courier, Notices, Pace};
use crate::diagnostic::Failure;
use crate::plan::{Facts, Question};
use crate::readiness::Cause;
use crate::release::{Header, Past, Record, Release, Revision, Status, StepSummary};

/// How to reach a cluster: the global flags.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// `--kubeconfig`; else `$KUBECONFIG`, else the user's, else the Pod's service account.
    pub kubeconfig: Option<PathBuf>,
    /// `--kube-context`.
    pub context: Option<String>,
}

/// A release in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Which release.
    pub release: Release,
    /// Its newest revision; none when only a ledger is left.
    pub header: Option<Header>,
    /// Names of claims that its ledger knows.
    pub claims: Vec<String>,
}

/// A cluster, real or sandbox.
#[derive(Clone)]
pub struct Cluster {
    /// The client; all requests go through it.
    pub client: kube::Client,
    /// Namespace of the kubeconfig's context.
    pub default_namespace: String,
    shared: Arc<Shared>,
}

/// What all copies of a [`Cluster`] have in common.
struct Shared {
    target: Target,
    pace: Pace,
    courier: Courier,
    notices: Arc<Notices>,
    /// What discovery found; none until somebody asked.
    kinds: RwLock<Option<Arc<Kinds>>>,
    /// Held while discovery runs, so that it runs once.
    discovering: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("default_namespace", &self.default_namespace).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Reads the kubeconfig; sends nothing yet.
    pub async fn connect(access: &Access) -> Result<Self, Failure> {
        connect::connect(access).await
    }

    /// A cluster behind a ready-made client: the sandbox.
    pub fn over(client: kube::Client) -> Self {
        let namespace = client.default_namespace().to_owned();
        Self::through(client, Target::default(), namespace)
    }

    /// Puts the request layer over a client.
    fn through(client: kube::Client, target: Target, default_namespace: String) -> Self {
        Self::paced(client, target, default_namespace, Pace::default())
    }

    fn paced(client: kube::Client, target: Target, default_namespace: String, pace: Pace) -> Self {
        let notices = Arc::new(Notices::default());
        let courier = Courier::new(client, Arc::clone(&notices), pace);
        let client = kube::Client::new(courier.clone(), default_namespace.clone());
        let kinds = RwLock::new(None);
        let shared =
            Arc::new(Shared { target, pace, courier, notices, kinds, discovering: tokio::sync::Mutex::new(()) });
        Self { client, default_namespace, shared }
    }

    /// As [`Cluster::over`], without any pause before retries.
    #[cfg(test)]
    pub(crate) fn over_at_once(client: kube::Client) -> Self {
        let namespace = client.default_namespace().to_owned();
        Self::paced(client, Target::default(), namespace, Pace::at_once())
    }

    /// The same, but it knows the kinds that another one has asked for: most of what a small run costs.
    #[cfg(test)]
    pub(crate) fn knowing(self, other: &Self) -> Self {
        let kinds = other.shared.kinds.read().unwrap_or_else(PoisonError::into_inner).clone();
        *self.shared.kinds.write().unwrap_or_else(PoisonError::into_inner) = kinds;
        self
    }

    /// Sends what happens to requests (warnings of the server, retries) to `listener`, from now on.
    pub fn listen(&self, listener: UnboundedSender<Notice>) {
        self.shared.notices.listen(listener);
    }

    /// Takes the API server's warnings that no listener has heard.
    pub fn take_warnings(&self) -> Vec<String> {
        self.shared.notices.take()
    }

    /// Allows so many requests at once (16 by default); watches are not counted.
    pub fn limit(&self, requests: usize) {
        self.shared.courier.limit(requests);
    }

    /// A fault in our words.
    fn failure(&self, fault: &Fault, doing: &Doing<'_>) -> Failure {
        errors::failure(fault, doing, &self.shared.target)
    }

    /// Answers the planner's questions.
    pub async fn answer(&self, questions: &[Question]) -> Result<Facts, Failure> {
        self.gather(questions).await
    }

    /// What is stored of a release.
    pub async fn past(&self, release: &Release) -> Result<Past, Failure> {
        self.read_past(release).await
    }

    /// The server's version (`v1.37.2`) and the API versions it serves, as templates see them.
    pub async fn capabilities(&self) -> Result<(String, Vec<String>), Failure> {
        self.read_capabilities().await
    }

    /// All releases of a namespace (or of all): the newest header of each, metadata only; releases that are gone but
    /// left a ledger come with `header: None`.
    pub async fn releases(&self, namespace: Option<&str>) -> Result<Vec<Listed>, Failure> {
        self.read_releases(namespace).await
    }

    /// Whether another run has changed what is stored of a release since it was read. Metadata and the ledger only.
    pub async fn has_changed(&self, release: &Release, past: &Past) -> Result<bool, Failure> {
        let (headers, ledger) = tokio::try_join!(self.headers(release), self.ledger(release))?;
        Ok(headers != past.headers || ledger.map(|(ledger, _)| ledger) != past.ledger)
    }

    /// Makes a namespace if it is not there.
    pub async fn ensure_namespace(&self, name: &str) -> Result<(), Failure> {
        self.make_namespace(name).await
    }

    /// One record: the given revision, or the newest.
    pub async fn record(&self, release: &Release, revision: Option<Revision>) -> Result<Option<Record>, Failure> {
        self.read_record(release, revision).await
    }

    /// Stores a record, whole. Makes the namespace first if `create_namespace` (it has to be there for the record).
    pub async fn put_record(&self, record: &Record, create_namespace: bool) -> Result<(), Failure> {
        self.write_record(record, create_namespace).await
    }

    /// Changes the status and description of a stored record.
    pub async fn set_status(
        &self,
        release: &Release,
        revision: Revision,
        status: Status,
        description: &str,
    ) -> Result<(), Failure> {
        self.write_status(release, revision, status, description).await
    }

    /// Records that a release is being taken away, and by which steps.
    pub async fn record_removal(
        &self,
        release: &Release,
        revision: Revision,
        description: &str,
        steps: &[StepSummary],
    ) -> Result<(), Failure> {
        self.write_removal(release, revision, description, steps).await
    }

    /// Records that a revision failed, and why objects were not ready: one write, so that the evidence is kept before
    /// anything is rolled back.
    pub async fn record_failure(
        &self,
        release: &Release,
        revision: Revision,
        description: &str,
        causes: &[Cause],
    ) -> Result<(), Failure> {
        self.write_failure(release, revision, description, causes).await
    }

    /// Why objects of a failed revision were not ready, as it was recorded.
    pub async fn causes(&self, release: &Release, revision: Revision) -> Result<Vec<Cause>, Failure> {
        self.read_causes(release, revision).await
    }

    /// Deletes the oldest records until `keep` are left; the one in force always stays.
    pub async fn trim_history(&self, release: &Release, keep: usize) -> Result<(), Failure> {
        self.trim(release, keep).await
    }

    /// The decoded data of a Secret; none if there is no such Secret.
    pub async fn secret_data(&self, namespace: &str, name: &str) -> Result<Option<BTreeMap<String, Vec<u8>>>, Failure> {
        self.read_secret(namespace, name).await
    }
}

#[cfg(test)]
mod tests;
