//! The ledger: what opens which claim, kept in step with the claims that are there.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{try_join, try_join_all};
use kube::core::params::{DeleteParams, GetParams, ListParams, PostParams, Preconditions};
use serde_json::{Value as Json, json};

use super::secrets;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
use crate::cluster::request::Fault;
use crate::cluster::secrets::{from_json, to_json};
use crate::cluster::{Cluster, read};
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::ObjectId;
use crate::object::marks::MANAGER;
use crate::plan::{Claim, LedgerDraft, UnreadLedger};
use crate::release::stored::{decode_ledger, encode_ledger, ledger_name, ledgers as stored_ledgers, release_of};
use crate::release::{Entry, Ledger, LedgerKey, Release};
use crate::yaml::Node;

/// How often a ledger that others write too is read again.
const TRIES: usize = 10;

/// Which state of the ledger's Secret was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cluster) struct Seen {
    uid: String,
    resource_version: String,
}

impl Cluster {
    /// The ledger of a release, with the state in which it was read.
    pub(in crate::cluster) async fn ledger(&self, release: &Release) -> Result<Option<(Ledger, Seen)>, Failure> {
        let id = ObjectId::secret(&release.namespace, &ledger_name(&release.name));
        let doing = ledger_doing("read", release);
        let object = match self.call(secrets().requests_for(&id).get(&id.name, &GetParams::default()), Some(&id)).await
        {
            Ok(reply) => reply.json,
            Err(fault) if fault.is_not_found() => return Ok(None),
            Err(fault) => return Err(self.failure(&fault, &doing)),
        };
        let secret = from_json(&object).map_err(|fault| self.failure(&fault, &doing))?;
        let ledger = decode_ledger(&release.namespace, &secret).map_err(Failure::failed)?;
        let text = |pointer: &str| object.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned();
        let seen = Seen { uid: text("/metadata/uid"), resource_version: text("/metadata/resourceVersion") };
        Ok(Some((ledger, seen)))
    }

    /// The ledgers of a namespace, or of all, and those that can't be read: one list.
    pub(crate) async fn ledgers(&self, namespace: Option<&str>) -> Result<(Vec<Ledger>, Vec<UnreadLedger>), Failure> {
        let params = ListParams::default().labels(&stored_ledgers(None));
        let doing = Doing::with("list", "the ledgers of releases");
        let listing = self.list(&secrets(), namespace, &params).await.map_err(|fault| self.failure(&fault, &doing))?;
        let (mut ledgers, mut unread) = (Vec::new(), Vec::new());
        for object in listing.items.iter().map(Node::to_json) {
            let secret = from_json(&object).map_err(|fault| self.failure(&fault, &doing))?;
            let namespace = object.pointer("/metadata/namespace").and_then(Json::as_str).unwrap_or_default();
            match decode_ledger(namespace, &secret) {
                Ok(ledger) => ledgers.push(ledger),
                Err(diagnostic) => {
                    let name = release_of(&secret.labels).unwrap_or_default().to_owned();
                    let (namespace, why) = (namespace.to_owned(), diagnostic.message);
                    unread.push(UnreadLedger { about: namespace.clone(), release: Release { namespace, name }, why });
                }
            }
        }
        Ok((ledgers, unread))
    }

    /// Writes claims into the ledger, with the uid and volume that they have now. A ledger that exists keeps its key.
    pub(crate) async fn remember(
        &self,
        release: &Release,
        drafts: &[LedgerDraft],
        key: &LedgerKey,
    ) -> Result<(), Failure> {
        for _ in 0..TRIES {
            let (claims, found) = try_join(self.claims(drafts), self.ledger(release)).await?;
            let (before, seen) = found.map_or((None, None), |(ledger, seen)| (Some(ledger), Some(seen)));
            let mut ledger = before.clone().unwrap_or_else(|| Ledger {
                release: release.clone(),
                key: key.clone(),
                entries: Vec::new(),
            });
            enter(&mut ledger, drafts, &claims);
            if before.is_some_and(|before| before == ledger) || self.write_ledger(&ledger, seen.as_ref()).await? {
                return Ok(());
            }
        }
        Err(Failure::failed(busy(release)))
    }

    /// Takes claims out of the ledger; an empty one is deleted.
    pub(crate) async fn forget(&self, release: &Release, uids: &[String]) -> Result<(), Failure> {
        for _ in 0..TRIES {
            let Some((mut ledger, seen)) = self.ledger(release).await? else { return Ok(()) };
            ledger.entries.retain(|entry| !uids.contains(&entry.uid));
            let done = if ledger.entries.is_empty() {
                self.delete_ledger(release, &seen).await?
            } else {
                self.write_ledger(&ledger, Some(&seen)).await?
            };
            if done {
                return Ok(());
            }
        }
        Err(Failure::failed(busy(release)))
    }

    /// The claims of all namespaces that drafts are of.
    async fn claims(&self, drafts: &[LedgerDraft]) -> Result<BTreeMap<ObjectId, Claim>, Failure> {
        let kind = Kind::core("PersistentVolumeClaim", "persistentvolumeclaims", true);
        let namespaces: BTreeSet<&str> = drafts.iter().filter_map(|draft| draft.claim.namespace.as_deref()).collect();
        let lists = namespaces.into_iter().map(async |namespace| {
            self.list(&kind, Some(namespace), &ListParams::default()).await.map_err(|fault| {
                let subject = format!("the claims of namespace `{namespace}`");
                self.failure(&fault, &Doing::with("list", subject))
            })
        });
        let lists = try_join_all(lists).await?;
        let claims = lists.iter().flat_map(|list| &list.items).map(Node::to_json).filter_map(read::claim);
        Ok(claims.map(|((namespace, name), claim)| (ObjectId::claim(&namespace, &name), claim)).collect())
    }

    /// Whether it was written; not, when somebody else wrote it since it was read.
    async fn write_ledger(&self, ledger: &Ledger, seen: Option<&Seen>) -> Result<bool, Failure> {
        let secret = encode_ledger(ledger);
        let id = ObjectId::secret(&ledger.release.namespace, &secret.name);
        let mut body = to_json(&ledger.release.namespace, &secret);
        let params = PostParams { field_manager: Some(MANAGER.into()), dry_run: false };
        let requests = secrets().requests_for(&id);
        let draft = match seen {
            None => requests.create(&params, body.to_string().into_bytes()),
            Some(seen) => {
                body["metadata"]["uid"] = json!(seen.uid);
                body["metadata"]["resourceVersion"] = json!(seen.resource_version);
                requests.replace(&secret.name, &params, body.to_string().into_bytes())
            }
        };
        // Both may be sent again: what an earlier try wrote is found as a conflict, read and found good.
        self.written(self.call_repeatable(draft, Some(&id)).await.map(|_| ()), "write", &ledger.release)
    }

    async fn delete_ledger(&self, release: &Release, seen: &Seen) -> Result<bool, Failure> {
        let id = ObjectId::secret(&release.namespace, &ledger_name(&release.name));
        let Seen { uid, resource_version } = seen.clone();
        let preconditions = Preconditions { uid: Some(uid), resource_version: Some(resource_version) };
        let params = DeleteParams::background().preconditions(preconditions);
        let draft = secrets().requests_for(&id).delete(&id.name, &params);
        self.written(self.call_repeatable(draft, Some(&id)).await.map(|_| ()), "delete", release)
    }

    fn written(&self, outcome: Result<(), Fault>, verb: &'static str, release: &Release) -> Result<bool, Failure> {
        match outcome {
            Ok(()) => Ok(true),
            Err(fault) if fault.is_conflict() => Ok(false),
            // It was deleted since it was read: a new one is made, or there is nothing to delete.
            Err(fault) if fault.is_not_found() && fault.names_secret() => Ok(false),
            Err(fault) => Err(self.failure(&fault, &ledger_doing(verb, release))),
        }
    }
}

fn ledger_doing(verb: &'static str, release: &Release) -> Doing<'static> {
    Doing::with(verb, format!("the ledger of release `{}`", release.name))
}

fn busy(release: &Release) -> Diagnostic {
    Diagnostic::error(format!("the ledger of release `{}` changes faster than it can be written", release.name))
        .hint("is another run of kchart at work on this release?")
}

/// Puts the drafts into the ledger, as their claims are now. A draft replaces the entry of the same uid, but what its
/// claim no longer says (a volume, after it was lost) stays as it was known.
fn enter(ledger: &mut Ledger, drafts: &[LedgerDraft], claims: &BTreeMap<ObjectId, Claim>) {
    for draft in drafts {
        let Some(claim) = claims.get(&draft.claim) else { continue };
        let known = ledger.entries.iter().position(|entry| entry.uid == claim.uid);
        let before = known.map(|at| ledger.entries.remove(at));
        let entry = Entry {
            claim: draft.claim.name.clone(),
            namespace: draft.claim.namespace.clone().filter(|namespace| *namespace != ledger.release.namespace),
            uid: claim.uid.clone(),
            volume: claim.volume.clone().or_else(|| before.as_ref().and_then(|entry| entry.volume.clone())),
            created: claim.created,
            size: claim.size.clone(),
            image: draft.image.clone(),
            image_ready: draft.image_ready,
            credentials: draft.credentials.clone(),
        };
        let at = known.unwrap_or(ledger.entries.len());
        ledger.entries.insert(at, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn claim(uid: &str, volume: Option<&str>) -> Claim {
        Claim {
            uid: uid.into(),
            resource_version: "1".into(),
            created: Timestamp::UNIX_EPOCH,
            terminating: false,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            volume: volume.map(str::to_owned),
            class: None,
            size: Some("1Gi".into()),
            bound: volume.is_some(),
            owners: Vec::new(),
        }
    }

    #[test]
    fn claims_are_entered_by_uid_and_earlier_ones_stay() {
        let release = Release { namespace: "shop".into(), name: "web".into() };
        let mut ledger = Ledger { release, key: LedgerKey([0; 32]), entries: Vec::new() };
        let data = ObjectId::claim("shop", "data");
        let drafts = [
            LedgerDraft {
                claim: data.clone(),
                image: Some("db:1".into()),
                image_ready: false,
                credentials: Vec::new(),
            },
            LedgerDraft {
                claim: ObjectId::claim("shop", "not-made"),
                image: None,
                image_ready: false,
                credentials: Vec::new(),
            },
        ];
        enter(&mut ledger, &drafts, &BTreeMap::from([(data.clone(), claim("a", None))]));
        enter(&mut ledger, &drafts, &BTreeMap::from([(data.clone(), claim("a", Some("disk-1")))]));
        enter(&mut ledger, &drafts, &BTreeMap::from([(data.clone(), claim("b", None))]));
        let entries: Vec<_> =
            ledger.entries.iter().map(|entry| (entry.uid.as_str(), entry.volume.as_deref())).collect();
        assert_eq!(entries, [("a", Some("disk-1")), ("b", None)]);
    }
}
