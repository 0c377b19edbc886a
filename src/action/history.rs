//! The revisions of a release.

use crate::diagnostic::Failure;
use crate::release::{Header, Release};

use super::{Target, get, name};

/// The newest `max` revisions, oldest first.
pub async fn run(
    name: &str,
    namespace: Option<&str>,
    max: usize,
    target: &Target,
) -> Result<(Release, Vec<Header>), Failure> {
    name::checked(name)?;
    name::checked_namespace(namespace)?;
    let cluster = target.connect().await?;
    let release = name::release(name, namespace, &cluster.default_namespace)?;
    let mut headers = cluster.past(&release).await?.headers;
    if headers.is_empty() {
        return Err(get::no_such(&cluster, &release).await);
    }
    headers.drain(..headers.len().saturating_sub(max));
    Ok((release, headers))
}
