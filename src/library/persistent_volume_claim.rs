//! `kchart/persistentVolumeClaim`.

use super::parameters::{Fields, Strings, parameters};

/// The mode of nearly every volume: mounted by one node at a time.
pub(super) fn once() -> Vec<String> {
    vec!["ReadWriteOnce".into()]
}

parameters! {
    /// Parameters of `kchart/persistentVolumeClaim`.
    PersistentVolumeClaim {
        /// Name of the claim.
        name: String,
        /// Labels beside the recommended ones.
        labels: Option<Strings>,
        /// Annotations.
        annotations: Option<Strings>,
        /// How much: `1Gi`.
        size: String,
        /// The storage class; left out, the cluster's default; `""`, none at all.
        storage_class: Option<String>,
        /// How it may be mounted.
        #[serde(default = "once")]
        access_modes: Vec<String>,
        /// A volume that exists already.
        volume_name: Option<String>,
        /// Laid over the object.
        extra: Option<Fields>,
    }
}
