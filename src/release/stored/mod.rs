//! Stored forms: records and ledgers as Secrets. Pure: `cluster` reads and writes what is described here.
//!
//! Rules: what an older kchart wrote is read for ever; what a newer one wrote is refused by name, never guessed at.
//! Status and description live in labels and annotations alone, so that a change of status is a change of metadata,
//! and so that the history is read without opening a record.

mod causes;
mod header;
mod ledger;
mod node;
mod packed;
mod ran;
mod record;
#[cfg(test)]
mod tests;

pub use causes::{CAUSES, decode_causes, encode_causes};
pub use header::{header, marks_of, release_of};
pub use ledger::{claims_of, decode_ledger, encode_ledger};
pub use node::{from_stored, to_stored};
pub use ran::ran_key;
pub use record::{REMOVAL, decode, encode, encode_removal};

use std::collections::BTreeMap;
use std::fmt;

use super::Revision;
use crate::diagnostic::Diagnostic;
use crate::object::marks;

/// A Secret as it is stored, without its namespace.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// Its name.
    pub name: String,
    /// Its `type`.
    pub secret_type: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// Its `data`, decoded.
    pub data: BTreeMap<String, Vec<u8>>,
}

impl fmt::Debug for StoredSecret {
    /// Names and sizes only: the content has values of Secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: BTreeMap<_, _> = self.data.iter().map(|(key, bytes)| (key, bytes.len())).collect();
        f.debug_struct("StoredSecret").field("name", &self.name).field("bytes", &sizes).finish_non_exhaustive()
    }
}

/// The stored format that this kchart writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// Value of [`marks::STORES`] on the first Secret of a record: the one that the history lists.
pub const RECORD: &str = "record";
/// Value of [`marks::STORES`] on the further Secrets of a long record.
pub const PART: &str = "record-part";
/// Value of [`marks::STORES`] on ledgers.
pub const LEDGER: &str = "ledger";

/// Annotation: the stored format.
const FORMAT_MARK: &str = "kchart.dev/format";
/// Annotation: the version of the kchart that wrote it.
const WRITER_MARK: &str = "kchart.dev/written-by";

/// Name of the first Secret of a record.
pub fn record_name(release: &str, revision: Revision) -> String {
    format!("kchart.{release}.v{revision}")
}

/// Name of the Secret that holds a release's ledger.
pub fn ledger_name(release: &str) -> String {
    format!("kchart.{release}.ledger")
}

/// Label selector of all first Secrets of records, of one release or of all.
pub fn records(release: Option<&str>) -> String {
    stores(RECORD, release)
}

/// Label selector of all Secrets of one record, further parts included.
pub fn record_parts(release: &str, revision: Revision) -> String {
    format!("{} in ({RECORD},{PART}),{}={release},{}={revision}", marks::STORES, marks::RELEASE, marks::REVISION)
}

/// Label selector of all Secrets of all records of a release, further parts included.
pub fn history(release: &str) -> String {
    format!("{} in ({RECORD},{PART}),{}={release}", marks::STORES, marks::RELEASE)
}

/// Label selector of ledgers, of one release or of all.
pub fn ledgers(release: Option<&str>) -> String {
    stores(LEDGER, release)
}

/// Label selector of Secrets that are neither records nor ledgers.
pub fn not_stored() -> String {
    format!("!{}", marks::STORES)
}

fn stores(what: &str, release: Option<&str>) -> String {
    match release {
        Some(release) => format!("{}={what},{}={release}", marks::STORES, marks::RELEASE),
        None => format!("{}={what}", marks::STORES),
    }
}

fn written_by(annotations: &mut BTreeMap<String, String>) {
    annotations.insert(FORMAT_MARK.into(), FORMAT.to_string());
    annotations.insert(WRITER_MARK.into(), env!("CARGO_PKG_VERSION").into());
}

/// Refuses what a newer kchart wrote.
fn check_format(namespace: &str, secret: &StoredSecret) -> Result<(), Diagnostic> {
    let format = secret.annotations.get(FORMAT_MARK).and_then(|text| text.parse::<u32>().ok());
    match format {
        Some(format) if format <= FORMAT => Ok(()),
        Some(format) => {
            let writer = secret.annotations.get(WRITER_MARK).map_or("an unknown version", String::as_str);
            Err(Diagnostic::error(format!(
                "`{}` was written by kchart {writer} in format {format}, this kchart reads up to format {FORMAT}",
                secret.name
            ))
            .hint("use that version of kchart, or a newer one"))
        }
        None => Err(broken(namespace, &secret.name, &format!("annotation `{FORMAT_MARK}` is missing"))),
    }
}

/// What is stored is not what kchart writes.
fn broken(namespace: &str, name: &str, why: &str) -> Diagnostic {
    Diagnostic::error(format!("Secret `{name}` can't be read: {why}"))
        .hint(format!("see what changed it: `kubectl get secret {name} -n {namespace} -o yaml --show-managed-fields`"))
}
