//! JSON under gzip, with the same bytes for the same content, and guarded against bombs.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// More than this is no record: the API server takes objects of about a megabyte each.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// Packs a value. Nothing that kchart stores has a form that JSON lacks.
pub(super) fn pack(value: &impl Serialize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = serde_json::to_vec(value).is_ok_and(|json| encoder.write_all(&json).is_ok());
    debug_assert!(written, "writing to memory does not fail, and keys are strings");
    encoder.finish().unwrap_or_default()
}

/// Unpacks a value.
///
/// # Errors
/// In a few words, without any of the content.
pub(super) fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut json = Vec::new();
    let mut limited = GzDecoder::new(bytes).take(MOST_BYTES + 1);
    limited.read_to_end(&mut json).map_err(|_| "it is not gzip, or cut off".to_owned())?;
    if json.len() as u64 > MOST_BYTES {
        return Err("it is far too large".into());
    }
    // serde_json's own text can quote content, its place can't.
    serde_json::from_slice(&json)
        .map_err(|error| format!("it has an unexpected form at line {}, column {}", error.line(), error.column()))
}
