//! What kchart adds to each object: its labels, and the namespace of the release.

use super::envelope::Envelope;
use crate::object::{Object, ObjectId, marks};
use crate::release::Release;
use crate::schema::Scope;
use crate::yaml::Node;

/// Makes an object of a checked document. Only the object's own labels are set: a selector or Pod template with our
/// labels could not be changed when a release takes it over.
///
/// Objects whose scope nobody knows (custom resources without a definition here) are taken for namespaced; the
/// cluster knows better, so their body says no namespace unless the chart does.
pub(super) fn finish(envelope: Envelope, mut body: Node, scope: Option<Scope>, release: &Release) -> Object {
    let Envelope { group, version, kind, name } = envelope;
    let written = body.str_at(&["metadata", "namespace"]).filter(|namespace| !namespace.is_empty()).map(str::to_owned);
    let namespace = match scope {
        Some(Scope::Cluster) => {
            // The API server clears it (`EnsureObjectNamespaceMatchesRequestNamespace`), and so many charts have it.
            body.map_at_mut(&["metadata"]).shift_remove("namespace");
            None
        }
        Some(Scope::Namespaced) if written.is_none() => {
            // Where people write it: after the name.
            let metadata = body.map_at_mut(&["metadata"]);
            let after_name = metadata.get_index_of("name").map_or(0, |name| name + 1);
            metadata.shift_insert(after_name, "namespace".into(), Node::new(release.namespace.as_str()));
            Some(release.namespace.clone())
        }
        _ => Some(written.unwrap_or_else(|| release.namespace.clone())),
    };
    let mut label = |key, value: &str| body.set(&["metadata", "labels"], key, value);
    label(marks::MANAGED_BY, marks::MANAGED_BY_VALUE);
    label(marks::RELEASE, &release.name);
    if namespace.is_none() {
        label(marks::RELEASE_NAMESPACE, &release.namespace);
    }
    let id = ObjectId { group, kind, namespace, name };
    Object { id, version, body, secret: std::collections::BTreeSet::new() }
}
