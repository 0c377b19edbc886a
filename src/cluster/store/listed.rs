//! All releases: two lists of metadata.

use std::collections::BTreeMap;

use futures::future::try_join;
use kube::core::params::ListParams;
use serde_json::Value as Json;

use super::history::header;
use super::record::release_of;
use super::secrets;
use crate::cluster::errors::Doing;
use crate::cluster::secrets::words;
use crate::cluster::{Cluster, Listed};
use crate::diagnostic::Failure;
use crate::release::stored;

impl Cluster {
    pub(in crate::cluster) async fn read_releases(&self, namespace: Option<&str>) -> Result<Vec<Listed>, Failure> {
        let ask = async |selector: String| {
            let params = ListParams::default().labels(&selector);
            self.list_metadata(&secrets(), namespace, &params).await.map_err(|fault| {
                let subject = match namespace {
                    Some(namespace) => format!("the releases of namespace `{namespace}`"),
                    None => "the releases of all namespaces".into(),
                };
                self.failure(&fault, &Doing::with("list", subject))
            })
        };
        let (records, ledgers) = try_join(ask(stored::records(None)), ask(stored::ledgers(None))).await?;
        merge(&records.items, &ledgers.items)
    }
}

/// One entry a release, by namespace and name.
fn merge(records: &[Json], ledgers: &[Json]) -> Result<Vec<Listed>, Failure> {
    let mut all = BTreeMap::new();
    for item in records {
        let Some(release) = release_of(item) else { continue };
        let header = header(item).map_err(Failure::failed)?;
        let listed = all.entry(release.clone()).or_insert_with(|| Listed { release, header: None, claims: Vec::new() });
        if listed.header.as_ref().is_none_or(|known| known.revision < header.revision) {
            listed.header = Some(header);
        }
    }
    for item in ledgers {
        let Some(release) = release_of(item) else { continue };
        let listed = all.entry(release.clone()).or_insert_with(|| Listed { release, header: None, claims: Vec::new() });
        listed.claims = stored::claims_of(&words(item, "/metadata/annotations"));
    }
    Ok(all.into_values().collect())
}
