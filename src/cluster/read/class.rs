//! Storage classes.

use k8s_openapi::api::storage::v1::StorageClass;
use serde_json::Value as Json;

use super::reclaim;
use crate::plan::{Class, Reclaim};

/// Annotation of the class that claims without one get.
const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// The class in an object, with its name.
pub(crate) fn class(object: Json) -> Option<(String, Class)> {
    let class: StorageClass = serde_json::from_value(object).ok()?;
    let default =
        class.metadata.annotations.as_ref().and_then(|all| all.get(DEFAULT)).is_some_and(|value| value == "true");
    let read = Class {
        provisioner: class.provisioner,
        // The API's default.
        reclaim: class.reclaim_policy.as_deref().and_then(reclaim).unwrap_or(Reclaim::Delete),
        expands: class.allow_volume_expansion == Some(true),
        waits_for_consumer: class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer"),
        default,
    };
    Some((class.metadata.name?, read))
}
