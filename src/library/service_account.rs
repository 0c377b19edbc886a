//! `kchart/serviceAccount`.

use super::parameters::{Fields, Strings, parameters};

parameters! {
    /// Parameters of `kchart/serviceAccount`.
    ServiceAccount {
        /// Name of the account.
        name: String,
        /// Labels beside the recommended ones.
        labels: Option<Strings>,
        /// Annotations, for example the cloud role that it stands for.
        annotations: Option<Strings>,
        /// Whether its Pods get a token for the API server.
        #[serde(default)]
        automount_service_account_token: bool,
        /// Laid over the object.
        extra: Option<Fields>,
    }
}
