//! Metadata without the rest, for clients that only want to know what is there.

use serde_json::{Value, json};

use crate::sandbox::http::Call;

/// Whether the client asks for metadata only.
pub(in crate::sandbox) fn is_asked(call: &Call) -> bool {
    call.accept.contains("as=PartialObjectMetadata")
}

/// The metadata of an object.
pub(in crate::sandbox) fn of(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": object.get("metadata").cloned().unwrap_or_default()})
}
