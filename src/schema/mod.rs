//! The one table of Kubernetes types, compacted from the API's own OpenAPI v3 (generator: `tests/cluster/schema-table`):
//! types, required fields, enums, list-map keys, where a string is wanted; immutable fields beside it.
//!
//! `manifest`, `plan` and `sandbox` read it; it knows no object and no chart. Only what the server serves by default
//! is in it: alpha and beta versions are as unknown here as custom resources are.

mod immutable;
mod table;

pub use immutable::{Immutable, Since, filled_in, immutable};

use table::{Spec, table};

/// The type of a node of an object.
#[derive(Clone, Copy)]
pub struct Type {
    /// What was said where the type is used: default, atomic, kind of list.
    used: &'static Spec,
    /// The definition.
    spec: &'static Spec,
}

/// What a node of a type looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    String,
    /// A whole number; [`Type::format`] says how wide.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A map with any keys, whose values are [`Type::values`] (anything, if that is none).
    Map,
    /// A list of [`Type::items`].
    List,
    /// A map with the keys [`Type::fields`] and no others.
    Object,
    /// A whole number, or a string such as a port's name or `25%`.
    IntOrString,
    /// `500m`, `1Gi`, or a number.
    Quantity,
    /// Anything.
    #[default]
    Any,
}

/// How server-side apply merges a list (`x-kubernetes-list-type`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// As a whole.
    Atomic,
    /// By value; no value twice.
    Set,
    /// By these keys of its items (`x-kubernetes-list-map-keys`); no combination twice.
    Map(Vec<&'static str>),
}

/// Whether objects of a kind live in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// Not in a namespace.
    Cluster,
}

/// A kind of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// Version, without the group.
    pub version: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// Name in paths: `deployments`.
    pub plural: &'static str,
    /// Whether its objects live in a namespace.
    pub scope: Scope,
}

/// The Kubernetes version that the table was made from: `1.37.2`.
pub fn version() -> &'static str {
    table().version
}

/// The type of a kind; none for kinds that the table does not know (custom resources).
pub fn kind(group: &str, version: &str, kind: &str) -> Option<Type> {
    let line = table().kind(group, version, kind)?;
    table().spec_of(line).map(|spec| Type { used: spec, spec })
}

/// A type by its name in the table, such as `core.v1.PodSpec`.
pub fn named(name: &str) -> Option<Type> {
    table().spec(name).map(|spec| Type { used: spec, spec })
}

/// Whether objects of a kind live in a namespace; none for kinds that the table does not know.
pub fn scope(group: &str, version: &str, kind: &str) -> Option<Scope> {
    table().kind(group, version, kind).map(|line| line.scope)
}

/// A kind's name in paths, such as `deployments`; none for kinds that the table does not know.
pub fn resource(group: &str, version: &str, kind: &str) -> Option<&'static str> {
    table().kind(group, version, kind).map(|line| line.plural)
}

/// All kinds, sorted by group, kind and version.
pub fn kinds() -> impl Iterator<Item = Kind> {
    table().kinds.iter().map(|line| Kind {
        group: line.group,
        version: line.version,
        kind: line.kind,
        plural: line.plural,
        scope: line.scope,
    })
}

/// What a cluster of the table's version would say of itself: its version (`v1.37.2`) and the API versions that it
/// serves (`apps/v1`, `apps/v1/Deployment` …), sorted. Templates see it when no cluster is asked.
pub fn offline_capabilities() -> (String, Vec<String>) {
    let mut served = Vec::with_capacity(2 * table().kinds.len());
    for kind in kinds() {
        let version =
            if kind.group.is_empty() { kind.version.into() } else { format!("{}/{}", kind.group, kind.version) };
        served.push(format!("{version}/{}", kind.kind));
        served.push(version);
    }
    served.sort_unstable();
    served.dedup();
    (format!("v{}", version()), served)
}

impl Type {
    fn of(used: &'static Spec) -> Self {
        Self { used, spec: used.definition() }
    }

    /// The name of its definition, such as `core.v1.PodSpec`; empty for types without one.
    pub fn name(self) -> &'static str {
        self.spec.name
    }

    /// What a node of it looks like.
    pub fn shape(self) -> Shape {
        self.spec.shape
    }

    /// The type of a field of an object.
    pub fn field(self, name: &str) -> Option<Self> {
        let fields = &self.spec.fields;
        let found = fields.binary_search_by(|field| field.name.cmp(name)).ok()?;
        fields.get(found).map(|field| Self::of(&field.spec))
    }

    /// The type at the end of a path of fields.
    pub fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |inner, name| inner.field(name))
    }

    /// Names of the fields of an object, sorted.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        self.spec.fields.iter().map(|field| field.name)
    }

    /// Names of the fields that must be there, sorted.
    pub fn required(self) -> impl Iterator<Item = &'static str> {
        self.spec.fields.iter().filter(|field| field.required).map(|field| field.name)
    }

    /// The type of a list's items.
    pub fn items(self) -> Option<Self> {
        (self.spec.shape == Shape::List).then(|| self.spec.inner.as_deref().map(Self::of)).flatten()
    }

    /// The type of a map's values; none where anything goes.
    pub fn values(self) -> Option<Self> {
        (self.spec.shape == Shape::Map).then(|| self.spec.inner.as_deref().map(Self::of)).flatten()
    }

    /// The strings that are allowed; empty when there is no enum.
    pub fn enums(self) -> &'static [String] {
        &self.spec.enums
    }

    /// `int32`, `int64`, `double`, `date-time`, `byte`.
    pub fn format(self) -> Option<&'static str> {
        self.spec.format
    }

    /// How server-side apply merges a list; none when it is not a list.
    pub fn list_kind(self) -> Option<&'static ListKind> {
        self.spec.list.as_ref()
    }

    /// Whether server-side apply takes a map or an object as a whole (`x-kubernetes-map-type: atomic`).
    pub fn is_atomic(self) -> bool {
        self.spec.atomic || self.used.atomic
    }

    /// What the API server fills in, as JSON, where it is more than the zero value.
    pub fn default(self) -> Option<&'static str> {
        self.used.default
    }

    /// Whether a scalar here means its spelling: strings and quantities.
    pub fn wants_string(self) -> bool {
        matches!(self.spec.shape, Shape::String | Shape::Quantity)
    }
}

impl std::fmt::Debug for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Type({:?} {})", self.spec.shape, self.spec.name)
    }
}

impl PartialEq for Type {
    /// The same definition, used in the same place.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.used, other.used) && std::ptr::eq(self.spec, other.spec)
    }
}

#[cfg(test)]
mod tests;
