//! Lists releases, with what uninstalled ones left.

use crate::cluster::Listed;
use crate::diagnostic::Failure;
use crate::release::Status;

use super::{Target, name};

/// Which releases.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Namespace; else the one of the kubeconfig's context.
    pub namespace: Option<String>,
    /// All namespaces.
    pub all_namespaces: bool,
    /// Only these statuses; all if empty.
    pub states: Vec<State>,
    /// Only names in which this is found (Helm's `--filter`).
    pub filter: Option<regex::Regex>,
}

/// Groups of statuses to filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In force.
    Deployed,
    /// Its last run failed.
    Failed,
    /// Its last run did not end.
    Pending,
    /// Taken away; something of it may be left.
    Uninstalled,
}

impl State {
    /// The group of a release.
    pub fn of(listed: &Listed) -> Self {
        match listed.header.as_ref().map(|header| header.status) {
            None | Some(Status::Uninstalled) => Self::Uninstalled,
            Some(Status::Failed) => Self::Failed,
            Some(status) if status.is_pending() => Self::Pending,
            Some(_) => Self::Deployed,
        }
    }
}

/// Lists, sorted by namespace and name.
pub async fn run(request: &Request, target: &Target) -> Result<Vec<Listed>, Failure> {
    name::checked_namespace(request.namespace.as_deref())?;
    let cluster = target.connect().await?;
    let namespace = request.namespace.as_deref().unwrap_or(&cluster.default_namespace);
    let mut listed = cluster.releases((!request.all_namespaces).then_some(namespace)).await?;
    listed.retain(|listed| request.states.is_empty() || request.states.contains(&State::of(listed)));
    listed.retain(|listed| request.filter.as_ref().is_none_or(|filter| filter.is_match(&listed.release.name)));
    listed.sort_by(|a, b| a.release.cmp(&b.release));
    Ok(listed)
}
