//! A ledger as one Secret: its key as bytes, its entries as JSON, which is packed where there are many.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::packed::{pack, unpack};
use super::{LEDGER, StoredSecret, broken, check_format, ledger_name, release_of, written_by};
use crate::diagnostic::Diagnostic;
use crate::object::marks;
use crate::release::{Entry, Ledger, LedgerKey, Release};

const KEY: &str = "key";
const ENTRIES: &str = "entries";
/// The entries of a long ledger, packed.
const PACKED: &str = "entries.gz";
/// Annotation: names of the claims, so that a list of releases opens no ledger.
const CLAIMS: &str = "kchart.dev/claims";
/// The same of a long ledger: gzip, in base64.
const CLAIMS_PACKED: &str = "kchart.dev/claims.gz";

/// So many bytes of JSON stand as they are, for whoever looks with kubectl; a Secret has room for 1 MiB in all
/// (`MaxSecretSize` in `core/types.go`).
const MOST_PLAIN: usize = 256 * 1024;
/// So many bytes of names do: all annotations of an object have 256 KiB (`TotalAnnotationSizeLimitB` in
/// `apimachinery/pkg/api/validation/objectmeta.go`).
const MOST_NAMES: usize = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct Entries {
    entries: Vec<Entry>,
}

/// The Secret of a ledger.
pub fn encode_ledger(ledger: &Ledger) -> StoredSecret {
    let mut claims: Vec<&str> = ledger.entries.iter().map(|entry| entry.claim.as_str()).collect();
    claims.sort_unstable();
    claims.dedup();
    let names = claims.join(",");
    let mut annotations = if names.len() > MOST_NAMES {
        BTreeMap::from([(CLAIMS_PACKED.to_owned(), STANDARD.encode(pack(&claims)))])
    } else {
        BTreeMap::from([(CLAIMS.to_owned(), names)])
    };
    written_by(&mut annotations);
    let entries = Entries { entries: ledger.entries.clone() };
    let plain = serde_json::to_vec(&entries).unwrap_or_default();
    let (key, entries) = if plain.len() > MOST_PLAIN { (PACKED, pack(&entries)) } else { (ENTRIES, plain) };
    StoredSecret {
        name: ledger_name(&ledger.release.name),
        secret_type: marks::LEDGER_TYPE.to_owned(),
        labels: BTreeMap::from([
            (marks::MANAGED_BY.to_owned(), marks::MANAGED_BY_VALUE.to_owned()),
            (marks::RELEASE.to_owned(), ledger.release.name.clone()),
            (marks::STORES.to_owned(), LEDGER.to_owned()),
        ]),
        annotations,
        data: BTreeMap::from([(KEY.to_owned(), ledger.key.0.to_vec()), (key.to_owned(), entries)]),
    }
}

/// The ledger in a Secret.
///
/// # Errors
/// A newer kchart wrote it, or something else changed it.
pub fn decode_ledger(namespace: &str, secret: &StoredSecret) -> Result<Ledger, Diagnostic> {
    check_format(namespace, secret)?;
    let damaged = |what: &str| {
        broken(namespace, &secret.name, &format!("`{what}` is missing or damaged")).hint(format!(
            "put it back from a backup; without one, delete it: `kubectl delete secret {} -n {namespace}`; claims are \
             then known by their marks, and what opens them is what the Secrets have now",
            secret.name
        ))
    };
    let name = release_of(&secret.labels).ok_or_else(|| damaged(marks::RELEASE))?.to_owned();
    let key: [u8; 32] =
        secret.data.get(KEY).and_then(|bytes| bytes.as_slice().try_into().ok()).ok_or_else(|| damaged(KEY))?;
    let Entries { entries } = match (secret.data.get(ENTRIES), secret.data.get(PACKED)) {
        (Some(plain), _) => serde_json::from_slice(plain).map_err(|_| damaged(ENTRIES))?,
        (None, Some(packed)) => unpack(packed).map_err(|_| damaged(PACKED))?,
        (None, None) => return Err(damaged(ENTRIES)),
    };
    Ok(Ledger { release: Release { namespace: namespace.to_owned(), name }, key: LedgerKey(key), entries })
}

/// The claims that a ledger names in its metadata.
pub fn claims_of(annotations: &BTreeMap<String, String>) -> Vec<String> {
    if let Some(packed) = annotations.get(CLAIMS_PACKED).and_then(|text| STANDARD.decode(text).ok()) {
        return unpack(&packed).unwrap_or_default();
    }
    let names = annotations.get(CLAIMS).map_or("", String::as_str);
    names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
