//! 409: fields of another manager, an object that was replaced or changed in between, one that exists already. Of an
//! object that was replaced Kubernetes 1.37 says 422: its uid can't be changed.

use std::collections::BTreeMap;

use kube::core::Status;

use super::{Doing, words};
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::FieldPath;
use crate::plan::Contested;

pub(super) fn failure(status: &Status, doing: &Doing<'_>) -> Failure {
    let contested = contested(status);
    if contested.is_empty() {
        return Failure::failed(raced(status, doing));
    }
    let diagnostics = contested.iter().map(|field| owned(field, doing)).collect();
    Failure { class: crate::diagnostic::Class::Failed, diagnostics }
}

/// Causes of reason `FieldManagerConflict`: one a field and manager.
fn contested(status: &Status) -> Vec<Contested> {
    let mut fields: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let causes = status.details.iter().flat_map(|details| &details.causes);
    for cause in causes.filter(|cause| cause.reason == "FieldManagerConflict") {
        let owners = fields.entry(&cause.field).or_default();
        let owner = owner(&cause.message);
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    let contested = fields.into_iter().map(|(field, owners)| {
        let path = FieldPath::parse(field);
        Contested { field: path.as_ref().map_or(field.to_owned(), ToString::to_string), path, owners }
    });
    contested.collect()
}

/// `conflict with "kubectl" with subresource "scale" using apps/v1` gives "`kubectl` (subresource `scale`)".
fn owner(message: &str) -> String {
    let mut quoted = message.split('"').skip(1).step_by(2);
    let manager = quoted.next().unwrap_or(message);
    match quoted.next().filter(|_| message.contains("subresource")) {
        Some(subresource) => format!("`{manager}` (subresource `{subresource}`)"),
        None => format!("`{manager}`"),
    }
}

fn owned(field: &Contested, doing: &Doing<'_>) -> Diagnostic {
    field.diagnostic(&doing.cannot("").message, doing.sent, doing.live)
}

/// What to do about an object that is not the one that the plan saw.
const AGAIN: &str = "run the same command again: it looks at what is there now";

/// Whether a 422 says that the object has another uid than the plan saw: the API server takes an apply with a uid for an
/// attempt to change it (`ValidateObjectMetaAccessorUpdate` in `apimachinery/pkg/api/validation`).
pub(super) fn is_about_uid(status: &Status) -> bool {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.into_iter().any(|cause| cause.field == "metadata.uid" && cause.message.contains("immutable"))
}

/// There is another object of that name.
pub(super) fn replaced(doing: &Doing<'_>) -> Diagnostic {
    doing.cannot("somebody deleted it and made it anew since the plan").hint(AGAIN)
}

/// The object is not the one that the plan saw.
fn raced(status: &Status, doing: &Doing<'_>) -> Diagnostic {
    let message = &status.message;
    if doing.makes || status.reason == "AlreadyExists" || message.contains("already exists") {
        return doing.cannot("somebody else made it in the meantime").hint(AGAIN);
    }
    if message.contains("uid mismatch") || message.contains("UID in precondition") {
        return doing.cannot("somebody deleted or replaced it in the meantime").hint(AGAIN);
    }
    if message.contains("the object has been modified") || message.contains("ResourceVersion in precondition") {
        return doing.cannot("somebody changed it in the meantime").hint(AGAIN);
    }
    doing.cannot(&words(status, doing)).hint(AGAIN)
}
