//! Chart.yaml: Helm's metadata file, apiVersion v2 (Helm docs, "The Chart.yaml File").

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Chart.yaml.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// `v2`.
    pub api_version: String,
    /// Name of the chart.
    pub name: String,
    /// Its version (SemVer 2).
    pub version: String,
    /// Version of the application inside.
    #[serde(default)]
    pub app_version: Option<String>,
    /// One sentence.
    #[serde(default)]
    pub description: Option<String>,
    /// `application` (default) or `library`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// A SemVer range of Kubernetes versions.
    #[serde(default)]
    pub kube_version: Option<String>,
    /// Charts that this one brings with it.
    #[serde(default)]
    pub dependencies: Vec<Dependency>,
    /// Words to find it by.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Home page.
    #[serde(default)]
    pub home: Option<String>,
    /// Where its source is.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Icon.
    #[serde(default)]
    pub icon: Option<String>,
    /// Whether it is deprecated.
    #[serde(default)]
    pub deprecated: bool,
    /// Free annotations.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Who looks after it.
    #[serde(default)]
    pub maintainers: Vec<BTreeMap<String, String>>,
}

/// A dependency in Chart.yaml.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// Name of the chart.
    pub name: String,
    /// SemVer range.
    #[serde(default)]
    pub version: Option<String>,
    /// Where it comes from: `file://…`.
    #[serde(default)]
    pub repository: Option<String>,
    /// Path of a boolean in the parent's values that turns it off: `rabbitmq.enabled`.
    #[serde(default)]
    pub condition: Option<String>,
    /// Name under which the parent sees it.
    #[serde(default)]
    pub alias: Option<String>,
    /// Tags (`tags.x: false` in the top chart's values turns all of a tag off).
    #[serde(default)]
    pub tags: Vec<String>,
}
