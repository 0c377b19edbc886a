//! What several partials take.

use std::collections::BTreeMap;

/// Labels, annotations, and other maps of strings.
pub(super) type Strings = BTreeMap<String, String>;
/// Fields that go to Kubernetes as they are.
pub(super) type Fields = BTreeMap<String, serde_json::Value>;

/// Declares a parameter struct: its fields are read by schemars alone, and unknown ones are refused.
macro_rules! parameters {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub(super) struct $name { $($(#[$field_meta])* pub(super) $field: $type,)* }
    };
}
pub(super) use parameters;
