//! The kinds that a server serves: from (group, kind, version) to a path of the API.

use std::collections::BTreeMap;

use kube::core::{ApiResource, DynamicObject, Resource};

use crate::diagnostic::{Diagnostic, nearest};
use crate::object::ObjectId;
use crate::yaml::Node;

/// A kind in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Group, version, kind and plural.
    pub(crate) resource: ApiResource,
    /// Whether its objects live in namespaces.
    pub(crate) namespaced: bool,
}

impl Kind {
    /// A kind of the core group that every cluster serves.
    pub(crate) fn core(kind: &str, plural: &str, namespaced: bool) -> Self {
        Self::new("", "v1", kind, plural, namespaced)
    }

    /// A kind.
    pub(crate) fn new(group: &str, version: &str, kind: &str, plural: &str, namespaced: bool) -> Self {
        let gvk = kube::core::GroupVersionKind::gvk(group, version, kind);
        Self { resource: ApiResource::from_gvk_with_plural(&gvk, plural), namespaced }
    }

    /// The requests for objects of this kind, in a namespace or in all.
    pub(crate) fn requests(&self, namespace: Option<&str>) -> kube::core::Request {
        let namespace = namespace.filter(|_| self.namespaced);
        kube::core::Request::new(DynamicObject::url_path(&self.resource, namespace))
    }

    /// The requests for the collection that an object is in.
    pub(crate) fn requests_for(&self, id: &ObjectId) -> kube::core::Request {
        self.requests(id.namespace.as_deref())
    }
}

/// All kinds that a server serves. For each, its versions in the server's order of preference.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kinds {
    kinds: BTreeMap<(String, String), Vec<Kind>>,
}

impl Kinds {
    /// Adds a kind in a version, behind those known.
    pub(super) fn add(&mut self, kind: Kind) {
        let versions = self.kinds.entry((kind.resource.group.clone(), kind.resource.kind.clone())).or_default();
        if !versions.iter().any(|known| known.resource.version == kind.resource.version) {
            versions.push(kind);
        }
    }

    /// Adds the kinds that a CustomResourceDefinition brings: the server's own list follows late.
    pub(crate) fn learn(&mut self, definition: &Node) {
        let (Some(group), Some(kind), Some(plural)) = (
            definition.str_at(&["spec", "group"]),
            definition.str_at(&["spec", "names", "kind"]),
            definition.str_at(&["spec", "names", "plural"]),
        ) else {
            return;
        };
        let namespaced = definition.str_at(&["spec", "scope"]) != Some("Cluster");
        for version in definition.list_at(&["spec", "versions"]) {
            let served = version.get("served").and_then(Node::as_bool) == Some(true);
            if let Some(name) = version.str_at(&["name"]).filter(|_| served) {
                self.add(Kind::new(group, name, kind, plural, namespaced));
            }
        }
    }

    /// The kind in a version.
    pub(crate) fn find(&self, group: &str, kind: &str, version: &str) -> Option<&Kind> {
        self.versions(group, kind).iter().find(|known| known.resource.version == version)
    }

    /// The kind in a version, else in the one that the server prefers.
    pub(crate) fn find_any(&self, group: &str, kind: &str, version: &str) -> Option<&Kind> {
        self.find(group, kind, version).or_else(|| self.versions(group, kind).first())
    }

    fn versions(&self, group: &str, kind: &str) -> &[Kind] {
        self.kinds.get(&(group.to_owned(), kind.to_owned())).map(Vec::as_slice).unwrap_or_default()
    }

    /// `v1`, `apps/v1`, `apps/v1/Deployment`: what Helm's `.Capabilities.APIVersions` holds.
    pub(crate) fn api_versions(&self) -> Vec<String> {
        let kinds = self.kinds.values().flatten().map(|kind| &kind.resource);
        let mut all: Vec<String> =
            kinds.flat_map(|it| [it.api_version.clone(), format!("{}/{}", it.api_version, it.kind)]).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Why a kind is not served, and what is meant perhaps.
    pub(crate) fn unknown(&self, group: &str, kind: &str, version: &str) -> Diagnostic {
        let api = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        let diagnostic = Diagnostic::error(format!("the cluster does not serve `{kind}` in `{api}`"));
        let versions: Vec<String> =
            self.versions(group, kind).iter().map(|kind| format!("`{}`", kind.resource.api_version)).collect();
        if !versions.is_empty() {
            return diagnostic.hint(format!("it serves `{kind}` in {}", versions.join(", ")));
        }
        let elsewhere = self.kinds.iter().find(|((_, known), _)| known == kind).and_then(|(_, kinds)| kinds.first());
        if let Some(elsewhere) = elsewhere {
            return diagnostic.hint(format!("did you mean `apiVersion: {}`?", elsewhere.resource.api_version));
        }
        match nearest(kind, self.kinds.keys().map(|(_, kind)| kind.as_str())) {
            Some(near) => diagnostic.hint(format!("did you mean `kind: {near}`?")),
            None => diagnostic.hint("is its CustomResourceDefinition installed?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kinds() -> Kinds {
        let mut kinds = Kinds::default();
        kinds.add(Kind::core("Secret", "secrets", true));
        kinds.add(Kind::new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true));
        kinds.add(Kind::new("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true));
        kinds.add(Kind::new("apps", "v1", "Deployment", "deployments", true));
        kinds
    }

    #[test]
    fn paths() {
        let secret = Kind::core("Secret", "secrets", true);
        assert_eq!(secret.requests(Some("shop")).url_path, "/api/v1/namespaces/shop/secrets");
        let volume = Kind::core("PersistentVolume", "persistentvolumes", false);
        assert_eq!(volume.requests(Some("shop")).url_path, "/api/v1/persistentvolumes", "a namespace it has not");
    }

    #[test]
    fn what_is_not_served_is_said_with_what_is() {
        let kinds = kinds();
        for (group, kind, version, hint) in [
            (
                "autoscaling",
                "HorizontalPodAutoscaler",
                "v2beta2",
                "it serves `HorizontalPodAutoscaler` in `autoscaling/v2`, `autoscaling/v1`",
            ),
            ("extensions", "Deployment", "v1beta1", "did you mean `apiVersion: apps/v1`?"),
            ("apps", "Deploymnet", "v1", "did you mean `kind: Deployment`?"),
            ("example.test", "Widget", "v1", "is its CustomResourceDefinition installed?"),
        ] {
            assert_eq!(kinds.unknown(group, kind, version).hints, [hint]);
        }
        assert_eq!(kinds.unknown("", "Pot", "v1").message, "the cluster does not serve `Pot` in `v1`");
        let found = kinds.find_any("autoscaling", "HorizontalPodAutoscaler", "v2beta2").unwrap();
        assert_eq!(found.resource.version, "v2", "the preferred one");
    }

    #[test]
    fn a_definition_brings_its_kinds_at_once() {
        let mut kinds = kinds();
        kinds.learn(&Node::from(&json!({"spec": {"group": "example.test", "scope": "Cluster",
            "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [{"name": "v1", "served": true}, {"name": "v1alpha1", "served": false}]}})));
        let widget = kinds.find("example.test", "Widget", "v1").unwrap();
        assert!(!widget.namespaced);
        assert!(kinds.find("example.test", "Widget", "v1alpha1").is_none());
        assert!(kinds.api_versions().contains(&"example.test/v1/Widget".to_owned()));
    }
}
