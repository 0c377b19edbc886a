//! What a path is about.

use super::query::decode;

/// A path of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// `/version`
    Version,
    /// `/healthz`, `/livez`, `/readyz`
    Health,
    /// `/api`
    Core,
    /// `/apis`
    Groups,
    /// `/apis/GROUP`
    Group(String),
    /// `/api/v1`, `/apis/GROUP/VERSION`
    Resources {
        /// Group; empty for the core group.
        group: String,
        /// Version.
        version: String,
    },
    /// Objects of a kind, or one of them.
    Objects(Target),
}

/// What a request to objects is aimed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) plural: String,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    pub(super) subresource: Option<String>,
}

impl Route {
    /// Reads a path; none if nothing is served there.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let segments: Vec<String> = path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match *segments.as_slice() {
            ["version"] => Some(Self::Version),
            ["healthz" | "livez" | "readyz", ..] => Some(Self::Health),
            ["api"] => Some(Self::Core),
            ["apis"] => Some(Self::Groups),
            ["apis", group] => Some(Self::Group(group.to_owned())),
            ["api", version] => Some(Self::Resources { group: String::new(), version: version.to_owned() }),
            ["apis", group, version] => Some(Self::Resources { group: group.to_owned(), version: version.to_owned() }),
            ["api", version, ref rest @ ..] => target("", version, rest),
            ["apis", group, version, ref rest @ ..] => target(group, version, rest),
            _ => None,
        }
    }
}

fn target(group: &str, version: &str, rest: &[&str]) -> Option<Route> {
    // `/namespaces/NAME/status` is about the namespace, `/namespaces/NAME/pods` about what is in it.
    let (namespace, rest) = match *rest {
        ["namespaces", _] | ["namespaces", _, "status" | "finalize"] => (None, rest),
        ["namespaces", namespace, ref inside @ ..] if !inside.is_empty() => (Some(namespace), inside),
        _ => (None, rest),
    };
    let (plural, name, subresource) = match *rest {
        [plural] => (plural, None, None),
        [plural, name] => (plural, Some(name), None),
        [plural, name, subresource] => (plural, Some(name), Some(subresource)),
        _ => return None,
    };
    Some(Route::Objects(Target {
        group: group.to_owned(),
        version: version.to_owned(),
        plural: plural.to_owned(),
        namespace: namespace.map(ToOwned::to_owned),
        name: name.map(ToOwned::to_owned),
        subresource: subresource.map(ToOwned::to_owned),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(path: &str) -> Option<String> {
        match Route::parse(path)? {
            Route::Objects(target) => Some(format!(
                "{}|{}|{}|{:?}|{:?}|{:?}",
                target.group, target.version, target.plural, target.namespace, target.name, target.subresource
            )),
            _ => None,
        }
    }

    #[test]
    fn namespaces_are_objects_and_places() {
        let read = |path| objects(path).unwrap();
        assert_eq!(read("/api/v1/namespaces/team"), "|v1|namespaces|None|Some(\"team\")|None");
        assert_eq!(read("/api/v1/namespaces/team/status"), "|v1|namespaces|None|Some(\"team\")|Some(\"status\")");
        assert_eq!(read("/api/v1/namespaces/team/pods"), "|v1|pods|Some(\"team\")|None|None");
        assert_eq!(
            read("/apis/apps/v1/namespaces/team/deployments/web/scale"),
            "apps|v1|deployments|Some(\"team\")|Some(\"web\")|Some(\"scale\")"
        );
        assert_eq!(read("/api/v1/persistentvolumes/pv%2D1"), "|v1|persistentvolumes|None|Some(\"pv-1\")|None");
        assert_eq!(Route::parse("/metrics"), None);
    }
}
