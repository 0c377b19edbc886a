//! `kchart get credentials`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::table::table;
use crate::action::get::Opener;
use crate::object::MASKED;
use crate::release::{CredentialKind, Lifetime, Release};

/// Keys of Secrets that belong to a release.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::cli) struct CredentialsView(Vec<CredentialView>);

/// A key of a Secret.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CredentialView {
    /// Namespace of the Secret.
    namespace: String,
    /// Name of the Secret.
    secret: String,
    /// Its key.
    key: String,
    /// `generated` by kchart, `given` by values, or `existing` in the cluster before.
    kind: &'static str,
    /// Claims that it opens.
    opens: Vec<String>,
    /// Its value; a mask without `--reveal`, null when the key is gone.
    value: Option<String>,
    /// `text`, or `base64` for values that are no UTF-8.
    encoding: &'static str,
    /// The Secret, with its namespace where that is not the release's.
    #[serde(skip)]
    #[schemars(skip)]
    shown: String,
}

impl std::fmt::Debug for CredentialView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialView").field("secret", &self.secret).field("key", &self.key).finish_non_exhaustive()
    }
}

impl CredentialsView {
    pub(in crate::cli) fn new(release: &Release, openers: Vec<Opener>, reveal: bool) -> Self {
        Self(openers.into_iter().map(|opener| CredentialView::new(release, opener, reveal)).collect())
    }

    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl CredentialView {
    fn new(release: &Release, opener: Opener, reveal: bool) -> Self {
        let (value, encoding) = match opener.value {
            None => (None, "text"),
            Some(_) if !reveal => (Some(MASKED.to_owned()), "text"),
            Some(bytes) => match String::from_utf8(bytes) {
                Ok(text) => (Some(text), "text"),
                Err(error) => (Some(STANDARD.encode(error.as_bytes())), "base64"),
            },
        };
        let kind = match opener.kind {
            CredentialKind::Generated => "generated",
            CredentialKind::Given => "given",
            CredentialKind::Existing => "existing",
        };
        let Opener { namespace, secret, key, opens, .. } = opener;
        let shown = if namespace == release.namespace { secret.clone() } else { format!("{namespace}/{secret}") };
        Self { namespace, secret, key, kind, opens, value, encoding, shown }
    }
}

/// The word for when a credential is read.
pub(super) fn lifetime(lifetime: Lifetime) -> &'static str {
    match lifetime {
        Lifetime::Sticky => "sticky",
        Lifetime::EveryBoot => "every-boot",
    }
}

impl View for CredentialsView {
    fn text(&self, width: Option<u16>) -> String {
        let rows = self.0.iter().map(|credential| {
            let value = match (&credential.value, credential.encoding) {
                (None, _) => "(gone)".to_owned(),
                (Some(value), "base64") => format!("{value} (base64)"),
                (Some(value), _) => value.clone(),
            };
            let opens = if credential.opens.is_empty() { "-".to_owned() } else { credential.opens.join(", ") };
            vec![credential.shown.clone(), credential.key.clone(), credential.kind.to_owned(), opens, value]
        });
        table(&["SECRET", "KEY", "KIND", "OPENS", "VALUE"], rows.collect(), width)
    }
}
