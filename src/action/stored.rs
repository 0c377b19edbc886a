//! What rollback and rotation share: the manifest of a stored revision becomes a new one.

use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::manifest::{self, Manifest};
use crate::plan::Options;
use crate::release::{Past, Record, Release};

use super::deploy::{Content, Draft, Making};
use super::{Reading, Target, get, name};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request<What> {
    /// Name of the release.
    pub name: String,
    /// Its namespace; else the one of the kubeconfig's context.
    pub namespace: Option<String>,
    /// What of it.
    pub what: What,
    /// Switches for the planner.
    pub options: Options,
    /// Revisions to keep; 0 keeps all.
    pub history_max: usize,
    /// A sentence for the history, instead of the usual one.
    pub description: Option<String>,
}

/// A release that is there.
pub(super) struct Found {
    pub(super) cluster: Cluster,
    pub(super) release: Release,
    pub(super) past: Past,
}

impl<What> Request<What> {
    /// Connects, and reads what is stored of the release.
    ///
    /// # Errors
    /// There is no such release.
    pub(super) async fn find(&self, target: &Target) -> Result<Found, Failure> {
        name::checked(&self.name)?;
        name::checked_namespace(self.namespace.as_deref())?;
        let cluster = target.connect().await?;
        let release = name::release(&self.name, self.namespace.as_deref(), &cluster.default_namespace)?;
        let past = cluster.past(&release).await?;
        if past.headers.is_empty() {
            return Err(get::no_such(&cluster, &release).await);
        }
        Ok(Found { cluster, release, past })
    }
}

/// What the manifest of a record is to be again.
pub(super) fn draft(
    record: Record,
    making: Making,
    past: &Past,
    options: Options,
    history_max: usize,
    description: Option<String>,
    reading: &mut Reading,
) -> Draft {
    for record in past.records.iter().chain([&record]) {
        reading.mask.extend(&manifest::mask(&record.objects, []));
    }
    Draft {
        release: record.release,
        making,
        content: Content {
            manifest: Manifest { objects: record.objects, ..Manifest::default() },
            chart: record.chart,
            values: record.values,
            computed: record.computed,
            notes: record.notes,
        },
        options,
        history_max,
        description,
        rollback_on_failure: false,
    }
}
