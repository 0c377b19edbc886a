//! Every claim that a release ever made, by uid, with what opens it. Outlives the release while anything is kept.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Release;

/// The ledger of a release: one Secret of its namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// Which release.
    pub release: Release,
    /// Random key of the hashes below; never leaves the Secret.
    pub key: LedgerKey,
    /// Claims by uid, earlier installs included, until their volume is gone.
    pub entries: Vec<Entry>,
}

/// Random key of a ledger's hashes: whoever has it can try passwords against them.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerKey(pub [u8; 32]);

impl std::fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LedgerKey(…)")
    }
}

/// A claim and what opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Name of the claim.
    pub claim: String,
    /// Its namespace, and that of what opens it, where it is not the release's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its uid: a claim of the same name with another uid is another claim.
    pub uid: String,
    /// Its volume, once it is bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// When the claim was made.
    pub created: Timestamp,
    /// Requested size, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Image whose data it holds: the one that initialised it, then the last one that a run saw ready on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Whether a run saw that image ready on it; else it may never have written anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub image_ready: bool,
    /// What opens it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Credential>,
}

/// The keys of a Secret that a volume was initialised with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// Name of the Secret.
    pub secret: String,
    /// Its key.
    pub key: String,
    /// Whether only the first initialisation reads it.
    pub lifetime: Lifetime,
    /// Who decides its value.
    pub kind: CredentialKind,
    /// HMAC-SHA-256 under the ledger's key, hexadecimal; of given and existing values only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// When the image reads a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lifetime {
    /// Only when the volume is first initialised.
    Sticky,
    /// At every start.
    EveryBoot,
}

/// Who decides a credential's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// kchart generated it.
    Generated,
    /// It stands in the manifest.
    Given,
    /// It is in a Secret that the release does not make.
    Existing,
}

impl Ledger {
    /// The entry of a claim.
    pub fn by_uid(&self, uid: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.uid == uid)
    }

    /// The namespace of a claim, and of what opens it.
    pub fn namespace_of<'a>(&'a self, entry: &'a Entry) -> &'a str {
        entry.namespace.as_deref().unwrap_or(&self.release.namespace)
    }

    /// The namespaces of all its claims.
    pub fn namespaces(&self) -> BTreeSet<&str> {
        self.entries.iter().map(|entry| self.namespace_of(entry)).collect()
    }

    /// The hash of a value under this ledger's key.
    pub fn hash(&self, value: &[u8]) -> String {
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&self.key.0).expect("HMAC takes keys of any length");
        mac.update(value);
        mac.finalize().into_bytes().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
