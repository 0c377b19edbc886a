//! The kinds that are served: those of Kubernetes, and those of the CustomResourceDefinitions that were made.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::builtin;
use super::json;
use super::state::{Key, Kind, State, kinds};

/// A kind in one version, as discovery shows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Served {
    /// Group and kind.
    pub(super) kind: Kind,
    /// Version without the group: `v1`.
    pub(super) version: Cow<'static, str>,
    /// As in paths: `deployments`.
    pub(super) plural: Cow<'static, str>,
    /// For people: `deployment`.
    pub(super) singular: Cow<'static, str>,
    /// Short names of kubectl: `deploy`.
    pub(super) short: Vec<Cow<'static, str>>,
    /// Whether its objects live in namespaces.
    pub(super) namespaced: bool,
    /// Whether `/status` is a path of its own, and a change of `spec` counts a generation.
    pub(super) status: bool,
    /// Whether `/scale` is served.
    pub(super) scale: bool,
    /// What makes a custom resource; none for built-in kinds.
    pub(super) custom: Option<Custom>,
}

/// A version of a CustomResourceDefinition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Custom {
    definition: Arc<Value>,
    version: usize,
}

impl Custom {
    /// A version of a definition, by its place there.
    pub(super) fn new(definition: Arc<Value>, version: usize) -> Self {
        Self { definition, version }
    }

    /// The structural schema; null if there is none.
    pub(super) fn schema(&self) -> &Value {
        let version = json::list(&self.definition, &["spec", "versions"]).get(self.version);
        version.and_then(|version| json::get(version, &["schema", "openAPIV3Schema"])).unwrap_or(&Value::Null)
    }
}

impl Served {
    /// `apps/v1`, or `v1` for the core group.
    pub(super) fn api_version(&self) -> String {
        if self.kind.group.is_empty() {
            self.version.clone().into_owned()
        } else {
            format!("{}/{}", self.kind.group, self.version)
        }
    }

    /// `deployments.apps`, or `secrets` for the core group: how messages name it.
    pub(super) fn qualified(&self) -> impl fmt::Display {
        Qualified { name: self.plural.clone(), group: self.kind.group.clone() }
    }

    /// `Deployment.apps`, or `Secret` for the core group.
    pub(super) fn qualified_kind(&self) -> impl fmt::Display {
        Qualified { name: self.kind.kind.clone(), group: self.kind.group.clone() }
    }
}

struct Qualified {
    name: Cow<'static, str>,
    group: Cow<'static, str>,
}

impl fmt::Display for Qualified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group.as_ref() {
            "" => f.write_str(&self.name),
            group => write!(f, "{}.{group}", self.name),
        }
    }
}

/// All served kinds, groups together, in the order discovery shows them.
pub(super) fn all(state: &State) -> Vec<Served> {
    let mut all: Vec<_> = builtin::all().collect();
    // Clients show the core group first.
    all.sort_by_key(|served| !served.kind.group.is_empty());
    for (_, definition) in state.of(&kinds::DEFINITION) {
        all.extend(custom(definition));
    }
    all
}

/// The kind behind a path.
pub(super) fn by_plural(state: &State, group: &str, version: &str, plural: &str) -> Option<Served> {
    builtin::find(|kind| kind.plural == plural && kind.version == version && kind.group == group).or_else(|| {
        // A definition is called `PLURAL.GROUP`.
        let definition = state.get(&Key::new(&kinds::DEFINITION, "", &format!("{plural}.{group}")))?;
        custom(definition).into_iter().find(|served| served.version == version)
    })
}

/// A kind in its preferred version.
pub(super) fn by_kind(state: &State, kind: &Kind) -> Option<Served> {
    builtin::find(|known| known.kind == kind.kind && known.group == kind.group).or_else(|| {
        let names = |definition: &Value| {
            json::text(definition, &["spec", "group"]) == Some(&kind.group)
                && json::text(definition, &["spec", "names", "kind"]) == Some(&kind.kind)
        };
        let (_, definition) = state.of(&kinds::DEFINITION).find(|(_, definition)| names(definition))?;
        custom(definition).into_iter().next()
    })
}

/// The kinds that a CustomResourceDefinition makes: one for each served version, the stored one first.
fn custom(definition: &Arc<Value>) -> Vec<Served> {
    let text =
        |path: &[&str]| -> Option<Cow<'static, str>> { Some(Cow::Owned(json::text(definition, path)?.to_owned())) };
    let (Some(group), Some(kind), Some(plural)) =
        (text(&["spec", "group"]), text(&["spec", "names", "kind"]), text(&["spec", "names", "plural"]))
    else {
        return Vec::new();
    };
    let singular = text(&["spec", "names", "singular"]).unwrap_or_else(|| Cow::Owned(kind.to_lowercase()));
    let short = json::list(definition, &["spec", "names", "shortNames"]);
    let short: Vec<_> = short.iter().filter_map(|name| Some(Cow::Owned(name.as_str()?.to_owned()))).collect();
    let is = |version: &Value, field| version.get(field) == Some(&Value::Bool(true));
    let mut versions: Vec<_> = json::list(definition, &["spec", "versions"]).iter().enumerate().collect();
    versions.retain(|(_, version)| is(version, "served"));
    versions.sort_by_key(|(_, version)| !is(version, "storage"));
    versions
        .into_iter()
        .filter_map(|(at, version)| {
            Some(Served {
                kind: Kind { group: group.clone(), kind: kind.clone() },
                version: Cow::Owned(json::text(version, &["name"])?.to_owned()),
                plural: plural.clone(),
                singular: singular.clone(),
                short: short.clone(),
                namespaced: json::text(definition, &["spec", "scope"]) == Some("Namespaced"),
                status: json::get(version, &["subresources", "status"]).is_some(),
                scale: json::get(version, &["subresources", "scale"]).is_some(),
                custom: Some(Custom::new(Arc::clone(definition), at)),
            })
        })
        .collect()
}
