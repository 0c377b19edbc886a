//! A ledger as one Secret: its key as bytes, its entries as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LEDGER, StoredSecret, broken, check_format, ledger_name, release_of, written_by};
use crate::diagnostic::Diagnostic;
use crate::object::marks;
use crate::release::{Entry, Ledger, LedgerKey, Release};

const KEY: &str = "key";
const ENTRIES: &str = "entries";
/// Annotation: names of the claims, so that a list of releases opens no ledger.
const CLAIMS: &str = "kchart.dev/claims";

#[derive(Serialize, Deserialize)]
struct Entries {
    entries: Vec<Entry>,
}

/// The Secret of a ledger.
pub fn encode_ledger(ledger: &Ledger) -> StoredSecret {
    let mut claims: Vec<&str> = ledger.entries.iter().map(|entry| entry.claim.as_str()).collect();
    claims.sort_unstable();
    claims.dedup();
    let mut annotations = BTreeMap::from([(CLAIMS.to_owned(), claims.join(","))]);
    written_by(&mut annotations);
    let entries = serde_json::to_vec(&Entries { entries: ledger.entries.clone() }).unwrap_or_default();
    StoredSecret {
        name: ledger_name(&ledger.release.name),
        secret_type: marks::LEDGER_TYPE.to_owned(),
        labels: BTreeMap::from([
            (marks::MANAGED_BY.to_owned(), marks::MANAGED_BY_VALUE.to_owned()),
            (marks::RELEASE.to_owned(), ledger.release.name.clone()),
            (marks::STORES.to_owned(), LEDGER.to_owned()),
        ]),
        annotations,
        data: BTreeMap::from([(KEY.to_owned(), ledger.key.0.to_vec()), (ENTRIES.to_owned(), entries)]),
    }
}

/// The ledger in a Secret.
///
/// # Errors
/// A newer kchart wrote it, or something else changed it.
pub fn decode_ledger(namespace: &str, secret: &StoredSecret) -> Result<Ledger, Diagnostic> {
    check_format(secret)?;
    let damaged = |what: &str| broken(&secret.name, &format!("`{what}` is missing or damaged"));
    let name = release_of(&secret.labels).ok_or_else(|| damaged(marks::RELEASE))?.to_owned();
    let key: [u8; 32] =
        secret.data.get(KEY).and_then(|bytes| bytes.as_slice().try_into().ok()).ok_or_else(|| damaged(KEY))?;
    let Entries { entries } = secret
        .data
        .get(ENTRIES)
        .and_then(|bytes| serde_json::from_slice(bytes).ok())
        .ok_or_else(|| damaged(ENTRIES))?;
    Ok(Ledger { release: Release { namespace: namespace.to_owned(), name }, key: LedgerKey(key), entries })
}

/// The claims that a ledger names in its metadata.
pub fn claims_of(annotations: &BTreeMap<String, String>) -> Vec<String> {
    let names = annotations.get(CLAIMS).map_or("", String::as_str);
    names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
