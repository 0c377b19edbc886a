//! Lists claims and volumes: those of releases, and what others left.

use super::gather::{Depth, estate};
use crate::action::{Target, name};
use crate::diagnostic::Failure;
use crate::plan::volumes::Estate;
use crate::release::Release;

/// Which ones.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Of this release only.
    pub release: Option<String>,
    /// Namespace; else the one of the kubeconfig's context.
    pub namespace: Option<String>,
    /// All namespaces.
    pub all_namespaces: bool,
}

/// What is there, and where it was looked.
#[derive(Debug)]
pub struct Listed {
    /// Everything.
    pub estate: Estate,
    /// Only this release is asked about.
    pub release: Option<String>,
    /// The namespace; none for all.
    pub namespace: Option<String>,
}

/// Asks.
///
/// # Errors
/// Nothing is known of the release that is asked about.
pub async fn run(request: &Request, target: &Target) -> Result<Listed, Failure> {
    name::checked_namespace(request.namespace.as_deref())?;
    request.release.as_deref().map(name::checked).transpose()?;
    let cluster = target.connect().await?;
    let namespace = request.namespace.as_deref().unwrap_or(&cluster.default_namespace).to_owned();
    let namespace = (!request.all_namespaces).then_some(namespace);
    let estate = estate(&cluster, namespace.as_deref(), Depth::Shallow).await?;
    if let (Some(name), Some(namespace)) = (&request.release, &namespace) {
        let release = Release { namespace: namespace.clone(), name: name.clone() };
        if estate.tenant(&release).is_none() {
            return Err(crate::action::get::no_such(&cluster, &release).await);
        }
    }
    Ok(Listed { estate, release: request.release.clone(), namespace })
}
