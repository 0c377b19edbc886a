//! Why objects of a revision were not ready, beside its record: written when the run ends, never changed after.

use serde::{Deserialize, Serialize};

use super::packed::{pack, unpack};
use super::{StoredSecret, broken, check_format};
use crate::diagnostic::Diagnostic;
use crate::readiness::Cause;

/// The key of a record's first Secret that holds them; older records have none.
pub const CAUSES: &str = "causes";

/// At most so many bytes: with the record beside them the Secret stays below the API server's limit.
const MOST_BYTES: usize = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct Stored {
    causes: Vec<Cause>,
}

/// Packs causes; where they are too many, the last ones are left out.
pub fn encode_causes(causes: &[Cause]) -> Vec<u8> {
    let mut kept = causes.to_vec();
    loop {
        let packed = pack(&Stored { causes: kept.clone() });
        if packed.len() <= MOST_BYTES || kept.pop().is_none() {
            return packed;
        }
    }
}

/// The causes in the first Secret of a record; empty if it has none.
///
/// # Errors
/// A newer kchart wrote them, or something else changed them.
pub fn decode_causes(namespace: &str, secret: &StoredSecret) -> Result<Vec<Cause>, Diagnostic> {
    check_format(namespace, secret)?;
    let Some(packed) = secret.data.get(CAUSES) else { return Ok(Vec::new()) };
    let stored: Stored = unpack(packed).map_err(|why| broken(namespace, &secret.name, &why))?;
    Ok(stored.causes)
}
