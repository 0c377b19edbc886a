//! Whose an object is, by the marks that it carries.

use std::fmt;

use super::{Claim, Live};
use crate::object::marks;
use crate::release::Release;

const HELM_NAME: &str = "meta.helm.sh/release-name";
const HELM_NAMESPACE: &str = "meta.helm.sh/release-namespace";

/// Whose an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// This release's.
    Ours,
    /// Another kchart release's.
    Release(String),
    /// A Helm release's (`pkg/action/validate.go` in Helm).
    Helm(String),
    /// It carries no mark.
    Nobody,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours => f.write_str("it belongs to this release"),
            Self::Release(name) => write!(f, "it belongs to release `{name}` of kchart"),
            Self::Helm(name) => write!(f, "it belongs to release `{name}` of Helm"),
            Self::Nobody => f.write_str("it carries no release's mark"),
        }
    }
}

/// The owner of a live object in `namespace`.
pub(super) fn of(live: &Live, namespace: Option<&str>, release: &Release) -> Owner {
    let label = |name: &str| live.body.str_at(&["metadata", "labels", name]);
    let annotation = |name: &str| live.body.str_at(&["metadata", "annotations", name]);
    judge(label, annotation, namespace, release)
}

/// The owner of a claim in `namespace`.
pub(super) fn of_claim(claim: &Claim, namespace: &str, release: &Release) -> Owner {
    let label = |name: &str| claim.labels.get(name).map(String::as_str);
    let annotation = |name: &str| claim.annotations.get(name).map(String::as_str);
    judge(label, annotation, Some(namespace), release)
}

fn judge<'a>(
    label: impl Fn(&str) -> Option<&'a str>,
    annotation: impl Fn(&str) -> Option<&'a str>,
    namespace: Option<&str>,
    release: &Release,
) -> Owner {
    if let Some(name) = label(marks::RELEASE) {
        let home = label(marks::RELEASE_NAMESPACE).or(namespace);
        return if name == release.name && home == Some(release.namespace.as_str()) {
            Owner::Ours
        } else {
            Owner::Release(qualified(name, home, release))
        };
    }
    match annotation(HELM_NAME) {
        Some(name) => Owner::Helm(qualified(name, annotation(HELM_NAMESPACE).or(namespace), release)),
        None => Owner::Nobody,
    }
}

/// `name`, or `namespace/name` where it is not the namespace that the user is in.
fn qualified(name: &str, home: Option<&str>, release: &Release) -> String {
    match home {
        Some(home) if home != release.namespace => format!("{home}/{name}"),
        _ => name.to_owned(),
    }
}
