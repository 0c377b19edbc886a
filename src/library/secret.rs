//! `kchart/secret`.

use super::parameters::{Fields, Strings, parameters};

fn opaque() -> String {
    "Opaque".into()
}

parameters! {
    /// Parameters of `kchart/secret`.
    Secret {
        /// Name of the Secret.
        name: String,
        /// Labels beside the recommended ones.
        labels: Option<Strings>,
        /// Annotations.
        annotations: Option<Strings>,
        /// Its type.
        #[serde(default = "opaque")]
        r#type: String,
        /// Keys and their values as plain text; `{{generate …}}` makes one that is decided when it is applied.
        data: Option<Strings>,
        /// Laid over the object.
        extra: Option<Fields>,
    }
}
