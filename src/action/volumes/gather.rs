//! Asks the cluster for everything that is known of some namespaces' volumes.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;

use crate::cluster::{Cluster, Right};
use crate::diagnostic::Failure;
use crate::object::marks;
use crate::plan::volumes::{Estate, Tenant, questions};
use crate::plan::{Facts, Known, Question, UnreadLedger};
use crate::release::{Ledger, Past, Release};

/// How much is read of each release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Its newest header and its ledger.
    Shallow,
    /// Its records too.
    Deep,
}

/// The estate of one namespace, or of all in which a release or a volume is.
pub(super) async fn estate(cluster: &Cluster, namespace: Option<&str>, depth: Depth) -> Result<Estate, Failure> {
    let ((mut tenants, mut unread), may) =
        tokio::try_join!(tenants(cluster, namespace, depth), may_list_volumes(cluster))?;
    let mut namespaces: BTreeSet<String> = namespace.into_iter().map(str::to_owned).collect();
    // A release may have claims elsewhere.
    let ledgers = tenants.iter().filter_map(|tenant| tenant.past.ledger.as_ref());
    namespaces.extend(ledgers.flat_map(Ledger::namespaces).map(str::to_owned));
    if namespace.is_none() {
        namespaces.extend(tenants.iter().map(|tenant| tenant.release.namespace.clone()));
        if may {
            // Whoever looks everywhere wants to see what no release knows, too.
            let facts = cluster.answer(&[Question::Volumes]).await?;
            let volumes = facts.volumes.get().into_iter().flatten();
            let claims = volumes.filter_map(|(_, volume)| volume.claim.as_ref());
            namespaces.extend(claims.map(|(namespace, _, _)| namespace.clone()));
        }
    }
    let mut facts = cluster.answer(&questions(&namespaces, may)).await?;
    if !may {
        facts.volumes = Known::No("the right `list` on `persistentvolumes` is missing".into());
    }
    if let Some(namespace) = namespace {
        for home in homes(&facts, namespace) {
            // Whoever lists may not read there: then nothing is said of what is theirs.
            if depth == Depth::Deep || may_list_secrets(cluster, &home).await? {
                let (more, broken) = self::tenants(cluster, Some(&home), depth).await?;
                tenants.extend(more);
                unread.extend(broken.into_iter().map(|it| UnreadLedger { about: namespace.to_owned(), ..it }));
            }
        }
    }
    facts.unread_ledgers = unread;
    Ok(Estate { namespaces, facts, tenants })
}

/// The namespaces of other releases that have something in this one.
fn homes(facts: &Facts, namespace: &str) -> BTreeSet<String> {
    let claims = facts.claims.iter().filter(|((it, _), _)| it == namespace);
    let of_claims = claims.filter_map(|(_, claim)| claim.labels.get(marks::RELEASE_NAMESPACE).map(String::as_str));
    let live = facts.live.iter().filter(|(id, _)| id.namespace.as_deref() == Some(namespace));
    let of_live = live.filter_map(|(_, live)| live.body.str_at(&["metadata", "labels", marks::RELEASE_NAMESPACE]));
    of_claims.chain(of_live).filter(|home| *home != namespace).map(str::to_owned).collect()
}

/// The releases of a namespace, but for those whose ledger can't be read.
async fn tenants(
    cluster: &Cluster,
    namespace: Option<&str>,
    depth: Depth,
) -> Result<(Vec<Tenant>, Vec<UnreadLedger>), Failure> {
    let (listed, (ledgers, unread)) = tokio::try_join!(cluster.releases(namespace), cluster.ledgers(namespace))?;
    let listed = listed.into_iter().filter(|listed| !unread.iter().any(|it| it.release == listed.release));
    if depth == Depth::Deep {
        let read = listed.map(async |listed| {
            let past = cluster.past(&listed.release).await?;
            Ok::<_, Failure>(Tenant { release: listed.release, past })
        });
        return Ok((try_join_all(read).await?, unread));
    }
    let mut all: BTreeMap<Release, Past> = BTreeMap::new();
    for listed in listed {
        all.entry(listed.release).or_default().headers.extend(listed.header);
    }
    for ledger in ledgers {
        let release = ledger.release.clone();
        all.entry(release).or_default().ledger = Some(ledger);
    }
    Ok((all.into_iter().map(|(release, past)| Tenant { release, past }).collect(), unread))
}

/// Volumes are in no namespace: many users may not read them.
async fn may_list_volumes(cluster: &Cluster) -> Result<bool, Failure> {
    may_list(cluster, "persistentvolumes", None).await
}

async fn may_list_secrets(cluster: &Cluster, namespace: &str) -> Result<bool, Failure> {
    may_list(cluster, "secrets", Some(namespace.to_owned())).await
}

async fn may_list(cluster: &Cluster, resource: &str, namespace: Option<String>) -> Result<bool, Failure> {
    let right = Right { verb: "list", group: String::new(), resource: resource.into(), namespace };
    Ok(cluster.lacking(&[right]).await?.is_empty())
}
