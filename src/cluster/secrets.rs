//! Secrets that kchart stores: from and to the API's form.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::request::Fault;
use crate::release::stored::StoredSecret;

/// A Secret as the API wants it.
pub(crate) fn to_json(namespace: &str, secret: &StoredSecret) -> Json {
    let data: BTreeMap<&String, String> =
        secret.data.iter().map(|(key, bytes)| (key, STANDARD.encode(bytes))).collect();
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": secret.name,
            "namespace": namespace,
            "labels": secret.labels,
            "annotations": secret.annotations,
        },
        "type": secret.secret_type,
        "data": data,
    })
}

/// A Secret as the API gives it, decoded.
pub(crate) fn from_json(object: &Json) -> Result<StoredSecret, Fault> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned();
    Ok(StoredSecret {
        name: text("/metadata/name"),
        secret_type: text("/type"),
        labels: words(object, "/metadata/labels"),
        annotations: words(object, "/metadata/annotations"),
        data: data(object)?,
    })
}

/// The `data` of a Secret, decoded.
pub(crate) fn data(object: &Json) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
    let entries = object.get("data").and_then(Json::as_object).into_iter().flatten();
    entries
        .map(|(key, value)| {
            let bytes = value.as_str().and_then(|text| STANDARD.decode(text).ok());
            bytes
                .map(|bytes| (key.clone(), bytes))
                .ok_or_else(|| Fault::Unreadable(format!("key `{key}` is no base64")))
        })
        .collect()
}

/// A map of strings in an object: its labels, its annotations.
pub(crate) fn words(object: &Json, pointer: &str) -> BTreeMap<String, String> {
    let entries = object.pointer(pointer).and_then(Json::as_object).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back() {
        let secret = StoredSecret {
            name: "kchart.web.v1".into(),
            secret_type: "kchart.dev/release.v1".into(),
            labels: BTreeMap::from([("a".into(), "b".into())]),
            annotations: BTreeMap::new(),
            data: BTreeMap::from([("head".into(), vec![0, 255, 10])]),
        };
        assert_eq!(from_json(&to_json("shop", &secret)).ok(), Some(secret));
        assert!(from_json(&json!({"data": {"x": "%"}})).is_err());
    }
}
