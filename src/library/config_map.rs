//! `kchart/configMap`.

use super::parameters::{Fields, Strings, parameters};

parameters! {
    /// Parameters of `kchart/configMap`.
    ConfigMap {
        /// Name of the ConfigMap.
        name: String,
        /// Labels beside the recommended ones.
        labels: Option<Strings>,
        /// Annotations.
        annotations: Option<Strings>,
        /// Keys and their texts.
        data: Option<Strings>,
        /// Laid over the object.
        extra: Option<Fields>,
    }
}
