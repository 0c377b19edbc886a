//! What has to be there before anything is made, and annotations that have to be understood.

use std::collections::BTreeSet;

use super::scene::Scene;
use super::{Refusal, edges, retain};
use crate::diagnostic::Diagnostic;
use crate::object::{Object, ObjectId};

/// Namespaces and kinds that have to be there.
pub(super) fn surroundings(scene: &Scene<'_>) -> Vec<Refusal> {
    let release = &scene.intent.release;
    let mut refusals = Vec::new();
    let mut namespaces: BTreeSet<&str> =
        scene.wanted.objects.iter().filter_map(|object| object.id.namespace.as_deref()).collect();
    namespaces.insert(&release.namespace);
    for namespace in namespaces.into_iter().filter(|name| !scene.facts.namespaces.contains(*name)) {
        // The record is written before the first step, so the release's own namespace can't be one of the steps.
        let own = namespace == release.namespace;
        let made = scene.wanted.get(&ObjectId::cluster("", "Namespace", namespace)).is_some();
        if (own && !scene.intent.options.create_namespace) || (!own && !made) {
            let diagnostic = Diagnostic::error(format!("there is no namespace `{namespace}`"));
            let way =
                if own { "--create-namespace".to_owned() } else { format!("kubectl create namespace {namespace}") };
            refusals.push(Refusal::failed(diagnostic.hint(format!("make it: `{way}`"))));
        }
    }
    let defined = edges::definitions(&edges::placed(&scene.wanted.objects));
    let mut named = BTreeSet::new();
    for object in &scene.wanted.objects {
        let kind = (object.id.group.clone(), object.id.kind.clone());
        let is_defined = defined.contains_key(&(kind.0.as_str(), kind.1.as_str()));
        if scene.facts.unserved.contains(&kind) && !is_defined && named.insert(kind) {
            refusals.push(Refusal::failed(
                Diagnostic::error(format!(
                    "the cluster does not serve `{}` ({})",
                    object.id.kind,
                    object.api_version()
                ))
                .at(object.body.get("kind").map(|node| node.origin.at).unwrap_or_default())
                .hint(
                    "install its definition first, or use a version that the cluster serves: `kubectl api-resources`",
                ),
            ));
        }
    }
    refusals
}

/// Annotations that kchart reads and whose value nobody knows.
pub(super) fn annotations(object: &Object) -> Option<Refusal> {
    let (name, value) = retain::retained(&object.body).err()?;
    let place = object.body.at(&["metadata", "annotations", name]).map(|node| node.origin.at);
    Some(Refusal::input(
        Diagnostic::error(format!("`{name}` of `{}` is `{value}`", object.id)).at(place.unwrap_or_default()).hint(
            if name == crate::object::marks::RETAIN {
                "write \"true\", or leave it out"
            } else {
                "write `keep`, or leave it out"
            },
        ),
    ))
}
