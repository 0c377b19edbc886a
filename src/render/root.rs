//! What templates of one chart see: `values`, `release`, `chart`, `capabilities`, `template`.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Context;
use super::naming::{app_version_label, full_name};
use crate::chart::Metadata;
use crate::object::marks::{INSTANCE, MANAGED_BY, MANAGED_BY_VALUE};
use crate::yaml::{Map, Node, Value};

/// Recommended label: the application's name (Kubernetes docs, "Recommended Labels").
const NAME: &str = "app.kubernetes.io/name";
/// Recommended label: the application's version.
const VERSION: &str = "app.kubernetes.io/version";

/// Names at the root of the context.
pub(super) const NAMES: [&str; 5] = ["values", "release", "chart", "capabilities", "template"];

/// The context of one template.
#[derive(Debug)]
pub(super) struct Root<'v> {
    /// Values of the template's chart.
    pub(super) values: &'v Node,
    /// See [`release`].
    pub(super) release: &'v Node,
    /// See [`chart`].
    pub(super) chart: &'v Node,
    /// See [`capabilities`].
    pub(super) capabilities: &'v Node,
    /// See [`template`].
    pub(super) template: &'v Node,
    /// The chart's `files/`.
    pub(super) files: &'v BTreeMap<String, Vec<u8>>,
    whole: OnceCell<Node>,
}

impl<'v> Root<'v> {
    /// A context of these parts.
    pub(super) fn new(
        values: &'v Node,
        [release, chart, capabilities, template]: [&'v Node; 4],
        files: &'v BTreeMap<String, Vec<u8>>,
    ) -> Self {
        Self { values, release, chart, capabilities, template, files, whole: OnceCell::new() }
    }

    /// The part of that name.
    pub(super) fn get(&self, name: &str) -> Option<&'v Node> {
        Some(match name {
            "values" => self.values,
            "release" => self.release,
            "chart" => self.chart,
            "capabilities" => self.capabilities,
            "template" => self.template,
            _ => return None,
        })
    }

    /// All of it as one map, made when `this` or `@root` is first used as a value.
    pub(super) fn whole(&self) -> &Node {
        self.whole.get_or_init(|| {
            let parts = NAMES.iter().filter_map(|name| Some(((*name).to_owned(), self.get(name)?.clone())));
            Node::new(parts.collect::<Map>())
        })
    }

    /// The release's name.
    pub(super) fn release_name(&self) -> &'v str {
        self.release.str_at(&["name"]).unwrap_or_default()
    }
}

/// `release` for a chart known as `name` (its alias, if its parent gave it one).
pub(super) fn release(context: &Context, name: &str, metadata: &Metadata) -> Node {
    let mut selector = Map::default();
    selector.insert(NAME.to_owned(), Node::new(name));
    selector.insert(INSTANCE.to_owned(), Node::new(context.release.as_str()));
    let mut labels = selector.clone();
    if let Some(version) = metadata.app_version.as_deref().and_then(app_version_label) {
        labels.insert(VERSION.to_owned(), Node::new(version));
    }
    labels.insert(MANAGED_BY.to_owned(), Node::new(MANAGED_BY_VALUE));
    map([
        ("name", context.release.as_str().into()),
        ("namespace", context.namespace.as_str().into()),
        ("revision", i64::from(context.revision).into()),
        ("fullname", full_name(&context.release, name).into()),
        ("isInstall", (!context.is_upgrade).into()),
        ("isUpgrade", context.is_upgrade.into()),
        ("labels", labels.into()),
        ("selectorLabels", selector.into()),
    ])
}

/// `chart`: Chart.yaml with the names that are written there.
pub(super) fn chart(name: &str, metadata: &Metadata) -> Node {
    let json = serde_json::to_value(metadata).unwrap_or_default();
    let mut node = Node::from(&json);
    node.set(&[], "name", name);
    node
}

/// `capabilities`: what the cluster is.
pub(super) fn capabilities(context: &Context) -> Node {
    let versions: Vec<Node> = context.api_versions.iter().map(|version| Node::new(version.as_str())).collect();
    map([("kubeVersion", context.kube_version.as_str().into()), ("apiVersions", versions.into())])
}

/// `template`: the one being rendered.
pub(super) fn template(name: &str) -> Node {
    map([("name", name.into())])
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Node {
    Node::new(entries.into_iter().map(|(key, value)| (key.to_owned(), Node::new(value))).collect::<Map>())
}
