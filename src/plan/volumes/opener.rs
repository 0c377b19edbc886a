//! What opens a volume, and whether it is still there.

use super::{Estate, Holding};
use crate::object::ObjectId;
use crate::plan::credentials;
use crate::plan::same::bytes;
use crate::release::{CredentialKind, Lifetime};

/// A Secret key that opens a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opener {
    /// Name of the Secret, in the claim's namespace.
    pub secret: String,
    /// Its key.
    pub key: String,
    /// When the image reads it.
    pub lifetime: Lifetime,
    /// Who decides its value; none where the ledger does not know it.
    pub kind: Option<CredentialKind>,
    /// Whether it is there.
    pub presence: Presence,
}

/// Whether what opens a volume is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is there; nothing says that it has another value.
    Present,
    /// It is there, with another value than the ledger knows.
    Changed,
    /// It is not there.
    Lost,
}

/// What opens a volume: as the ledger knows, else as the stored workloads of its release say.
pub(super) fn openers(estate: &Estate, holding: &Holding<'_>) -> Vec<Opener> {
    let value = |secret: &str, key: &str| {
        let live = estate.facts.live.get(&ObjectId::secret(holding.namespace, secret))?;
        live.body.at(&["data", key]).and_then(bytes)
    };
    let known = holding.entry.into_iter().flat_map(|entry| &entry.credentials);
    let mut openers: Vec<Opener> = known
        .map(|credential| {
            let ledger = holding.tenant.and_then(|tenant| tenant.past.ledger.as_ref());
            let presence = match (value(&credential.secret, &credential.key), &credential.hash, ledger) {
                (None, _, _) => Presence::Lost,
                (Some(now), Some(hash), Some(ledger)) if ledger.hash(&now) != *hash => Presence::Changed,
                (Some(_), _, _) => Presence::Present,
            };
            Opener {
                secret: credential.secret.clone(),
                key: credential.key.clone(),
                lifetime: credential.lifetime,
                kind: Some(credential.kind),
                presence,
            }
        })
        .collect();
    if openers.is_empty() {
        let records = holding.tenant.into_iter().flat_map(|tenant| &tenant.past.records);
        for record in records {
            let (openings, _) = credentials::openings(&record.objects, &estate.facts);
            let ours = openings.into_iter().filter(|it| it.namespace == holding.namespace && it.claim == holding.name);
            openers.extend(ours.map(|it| Opener {
                presence: if value(&it.secret, &it.key).is_some() { Presence::Present } else { Presence::Lost },
                secret: it.secret,
                key: it.key,
                lifetime: it.lifetime,
                kind: None,
            }));
        }
    }
    openers.sort_by(|a, b| (&a.secret, &a.key).cmp(&(&b.secret, &b.key)));
    openers.dedup_by(|a, b| (&a.secret, &a.key) == (&b.secret, &b.key));
    openers
}
