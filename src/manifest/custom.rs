//! CustomResourceDefinitions of the chart: they say what its custom resources look like.

use std::collections::BTreeMap;

use super::typed::Typed;
use crate::render::Document;
use crate::schema::Scope;
use crate::yaml::Node;

/// A kind that the chart defines.
#[derive(Debug)]
struct Definition {
    scope: Scope,
    /// The structural schema of each version that has one.
    versions: BTreeMap<String, Option<Node>>,
}

/// The kinds that a chart defines, by group and kind.
#[derive(Debug, Default)]
pub(super) struct Definitions(BTreeMap<(String, String), Definition>);

impl Definitions {
    /// Collects them. What is wrong in one is found when it is checked as an object.
    pub(super) fn of(documents: &[Document]) -> Self {
        Self(documents.iter().filter_map(|document| definition(&document.root)).collect())
    }

    /// The type of a custom resource.
    pub(super) fn typed(&self, group: &str, version: &str, kind: &str) -> Option<Typed<'_>> {
        let definition = self.0.get(&(group.to_owned(), kind.to_owned()))?;
        definition.versions.get(version)?.as_ref().map(Typed::CustomRoot)
    }

    /// Whether a custom resource lives in a namespace.
    pub(super) fn scope(&self, group: &str, kind: &str) -> Option<Scope> {
        self.0.get(&(group.to_owned(), kind.to_owned())).map(|definition| definition.scope)
    }
}

fn definition(root: &Node) -> Option<((String, String), Definition)> {
    if root.str_at(&["kind"]) != Some("CustomResourceDefinition") {
        return None;
    }
    let spec = root.get("spec")?;
    let key = (spec.str_at(&["group"])?.to_owned(), spec.str_at(&["names", "kind"])?.to_owned());
    let scope = if spec.str_at(&["scope"]) == Some("Cluster") { Scope::Cluster } else { Scope::Namespaced };
    let versions = spec.list_at(&["versions"]).iter().filter_map(|version| {
        let schema = version.at(&["schema", "openAPIV3Schema"]).cloned();
        Some((version.str_at(&["name"])?.to_owned(), schema))
    });
    Some((key, Definition { scope, versions: versions.collect() }))
}
