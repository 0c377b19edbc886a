//! Reads back what is stored of a revision.

mod credentials;

pub use credentials::{Opener, credentials};

use crate::cluster::Cluster;
use crate::diagnostic::{Diagnostic, Failure, nearest};
use crate::release::{Record, Release, Revision};

use super::{Target, name};

/// The record of a revision; of the newest if none is named.
///
/// # Errors
/// There is no such release, or no such revision.
pub async fn record(
    name: &str,
    namespace: Option<&str>,
    revision: Option<Revision>,
    target: &Target,
) -> Result<Record, Failure> {
    let (cluster, release) = reach(name, namespace, target).await?;
    match cluster.record(&release, revision).await? {
        Some(record) => Ok(record),
        None => match revision {
            Some(revision) => Err(no_revision(&cluster, &release, revision).await),
            None => Err(no_such(&cluster, &release).await),
        },
    }
}

/// Connects, and says which release is meant.
async fn reach(name: &str, namespace: Option<&str>, target: &Target) -> Result<(Cluster, Release), Failure> {
    name::checked(name)?;
    name::checked_namespace(namespace)?;
    let cluster = target.connect().await?;
    let release = name::release(name, namespace, &cluster.default_namespace)?;
    Ok((cluster, release))
}

async fn no_revision(cluster: &Cluster, release: &Release, revision: Revision) -> Failure {
    let known = cluster.past(release).await.map(|past| past.headers).unwrap_or_default();
    if known.is_empty() {
        return no_such(cluster, release).await;
    }
    let numbers: Vec<String> = known.iter().map(|header| header.revision.to_string()).collect();
    let message = format!("release `{}` has no revision {revision}", release.name);
    Failure::failed(Diagnostic::error(message).hint(format!("the history has {}", numbers.join(", "))))
}

/// No such release: the near misses of the namespace are offered.
pub(super) async fn no_such(cluster: &Cluster, release: &Release) -> Failure {
    let Release { name, namespace } = release;
    let diagnostic = Diagnostic::error(format!("there is no release `{name}` in namespace `{namespace}`"));
    // The list only improves the message: that it can't be had changes nothing.
    let listed = cluster.releases(Some(namespace)).await.unwrap_or_default();
    let left = listed.iter().find(|listed| listed.release == *release);
    let near = nearest(name, listed.iter().map(|listed| listed.release.name.as_str()));
    Failure::failed(match (left, near) {
        (Some(left), _) => diagnostic
            .note(format!("it was uninstalled and left {}", left.claims.join(", ")))
            .hint(format!("`kchart status {name} -n {namespace}` shows what is left of it")),
        (None, Some(near)) => diagnostic.hint(format!("did you mean `{near}`?")),
        (None, None) => diagnostic.hint("`kchart list -A` shows the releases of all namespaces"),
    })
}
