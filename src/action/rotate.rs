//! Rotation: the manifest of the revision in force again, with another value for one of its credentials.

use crate::diagnostic::{Diagnostic, Failure};
use crate::plan::{Options, Rotate};
use crate::release::{Past, Release};

use super::deploy::{Making, Prepared, locked, settle};
use super::{Locking, Reading, Target, get, name, rollback};

/// What to rotate.
#[derive(Clone, Debug)]
pub struct Request {
    /// Name of the release.
    pub name: String,
    /// Its namespace; else the one of the kubeconfig's context.
    pub namespace: Option<String>,
    /// `secret/key`; else the only credential that can be rotated.
    pub key: Option<String>,
    /// Switches for the planner.
    pub options: Options,
    /// Revisions to keep; 0 keeps all.
    pub history_max: usize,
    /// A sentence for the history, instead of the usual one.
    pub description: Option<String>,
}

/// Reads the record, asks the cluster, and decides. No write request.
///
/// # Errors
/// No such release, or none in force; a credential that can't be rotated.
pub async fn prepare(request: Request, target: &Target, reading: &mut Reading) -> Result<Prepared, Failure> {
    name::checked(&request.name)?;
    name::checked_namespace(request.namespace.as_deref())?;
    let cluster = target.connect().await?;
    let release = name::release(&request.name, request.namespace.as_deref(), &cluster.default_namespace)?;
    let past = cluster.past(&release).await?;
    if past.headers.is_empty() {
        return Err(get::no_such(&cluster, &release).await);
    }
    let Some(record) = past.deployed().cloned() else { return Err(not_in_force(&release, &past)) };
    let options = Options { rotate: Rotate::Generated(request.key), ..request.options };
    let draft =
        rollback::draft(record, Making::Rotation, &past, options, request.history_max, request.description, reading);
    settle(cluster, past, draft, reading).await
}

/// As [`prepare`], and takes the lock of the release.
///
/// # Errors
/// Those of [`prepare`]; `Class::Locked` when another run does not end in time.
pub async fn prepare_locked(
    request: Request,
    target: &Target,
    locking: &Locking<'_>,
    reading: &mut Reading,
) -> Result<Prepared, Failure> {
    locked(async |reading: &mut Reading| prepare(request.clone(), target, reading).await, locking, reading).await
}

/// Only what is in force has a manifest to go by.
fn not_in_force(release: &Release, past: &Past) -> Failure {
    let Release { name, namespace } = release;
    let mut diagnostic = Diagnostic::error(format!("no revision of `{name}` is in force"));
    if let Some(newest) = past.headers.last() {
        diagnostic = diagnostic.note(format!("revision {} is {}", newest.revision, newest.status));
    }
    Failure::failed(diagnostic.hint(format!(
        "install it first: a rotation that was begun is ended by that, too (`{name}` in namespace `{namespace}`)"
    )))
}
