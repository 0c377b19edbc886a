//! The credentials of a release: what its ledger says opens its volumes, and what kchart generated for it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::action::Target;
use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::object::Object;
use crate::release::{CredentialKind, Past, Release};

use super::{no_such, reach};

/// A key of a Secret that belongs to a release.
pub struct Opener {
    /// Its namespace.
    pub namespace: String,
    /// The Secret.
    pub secret: String,
    /// Its key.
    pub key: String,
    /// Who decides its value.
    pub kind: CredentialKind,
    /// Claims that it opens.
    pub opens: Vec<String>,
    /// Its value; none when the key is not there any more.
    pub value: Option<Vec<u8>>,
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener").field("secret", &self.secret).field("key", &self.key).finish_non_exhaustive()
    }
}

/// The credentials of a release, sorted by namespace, Secret and key; of one that is uninstalled too, while its ledger is there.
pub async fn credentials(
    name: &str,
    namespace: Option<&str>,
    target: &Target,
) -> Result<(Release, Vec<Opener>), Failure> {
    let (cluster, release) = reach(name, namespace, target).await?;
    let past = cluster.past(&release).await?;
    if past.headers.is_empty() && past.ledger.is_none() {
        return Err(no_such(&cluster, &release).await);
    }
    let mut openers: Vec<Opener> = known(&release, &past).into_values().collect();
    fill(&cluster, &mut openers).await?;
    Ok((release, openers))
}

/// Namespace, Secret and key.
type Place = (String, String, String);

fn known(release: &Release, past: &Past) -> BTreeMap<Place, Opener> {
    let mut known: BTreeMap<Place, Opener> = BTreeMap::new();
    let entries = past.ledger.iter().flat_map(|ledger| &ledger.entries);
    for entry in entries {
        let namespace = entry.namespace.as_ref().unwrap_or(&release.namespace);
        for credential in &entry.credentials {
            let place = (namespace.clone(), credential.secret.clone(), credential.key.clone());
            let opener = known.entry(place).or_insert_with_key(|key| opener(key, credential.kind));
            if !opener.opens.contains(&entry.claim) {
                opener.opens.push(entry.claim.clone());
            }
        }
    }
    let objects = past.newest().map(|record| record.objects.as_slice()).unwrap_or_default();
    for place in objects.iter().filter(|object| object.id.is_secret()).flat_map(generated) {
        if let Entry::Vacant(vacant) = known.entry(place) {
            let opener = opener(vacant.key(), CredentialKind::Generated);
            vacant.insert(opener);
        }
    }
    known
}

fn opener((namespace, secret, key): &Place, kind: CredentialKind) -> Opener {
    let (namespace, secret, key) = (namespace.clone(), secret.clone(), key.clone());
    Opener { namespace, secret, key, kind, opens: Vec::new(), value: None }
}

/// The keys of a Secret that are generated.
fn generated(secret: &Object) -> Vec<Place> {
    let namespace = secret.id.namespace.clone().unwrap_or_default();
    let data = secret.body.at(&["data"]).and_then(|data| data.as_map());
    data.into_iter()
        .flatten()
        .filter(|(_, value)| value.as_text().is_some_and(crate::yaml::Text::is_generated))
        .map(|(key, _)| (namespace.clone(), secret.id.name.clone(), key.clone()))
        .collect()
}

/// Reads each Secret once.
async fn fill(cluster: &Cluster, openers: &mut [Opener]) -> Result<(), Failure> {
    for same_secret in openers.chunk_by_mut(|a, b| (&a.namespace, &a.secret) == (&b.namespace, &b.secret)) {
        let Some(first) = same_secret.first() else { continue };
        let mut data = cluster.secret_data(&first.namespace, &first.secret).await?.unwrap_or_default();
        for opener in same_secret {
            opener.value = data.remove(&opener.key);
        }
    }
    Ok(())
}
