//! Rotation: the manifest of the revision in force again, with another value for one of its credentials.

use crate::diagnostic::{Diagnostic, Failure};
use crate::plan::{Options, Rotate};
use crate::release::{Past, Release};

use super::deploy::{Making, Prepared, settle};
use super::stored::{self, Found};
use super::{Reading, Target};

/// What to rotate.
pub type Request = stored::Request<What>;

/// A credential, and what is to become of it.
#[derive(Clone, Debug, Default)]
pub struct What {
    /// `secret/key`; else the only one that can be rotated, or those whose rotation is not over.
    pub key: Option<String>,
    /// Whether a rotation that is not over is to be given up.
    pub abort: bool,
    /// Whether that is done without its Job.
    pub skip_job: bool,
}

/// Reads the record, asks the cluster, and decides. No write request.
///
/// # Errors
/// No such release, or none in force; a credential that can't be rotated.
pub async fn prepare(request: Request, target: &Target, reading: &mut Reading) -> Result<Prepared, Failure> {
    let Found { cluster, release, past } = request.find(target).await?;
    let Some(record) = past.deployed().cloned() else { return Err(not_in_force(&release, &past)) };
    let What { key, abort, skip_job } = request.what;
    let rotate = if abort { Rotate::Abort { key, skip_job } } else { Rotate::Generated(key) };
    let options = Options { rotate, ..request.options };
    let draft = stored::draft(
        record,
        Making::Rotation { given_up: abort },
        &past,
        options,
        request.history_max,
        request.description,
        reading,
    );
    settle(cluster, past, draft, reading).await
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
