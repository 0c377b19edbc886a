//! Discovery: which kinds are served, aggregated (`apidiscovery.k8s.io/v2`) or in the old small pieces.

use serde_json::{Value, json};

use super::answer::Answer;
use crate::sandbox::rejection::Rejection;
use crate::sandbox::served::{self, Served};
use crate::sandbox::state::State;

/// The version of Kubernetes whose behaviour is modelled.
pub(in crate::sandbox) const VERSION: (&str, &str, &str) = ("1", "37", "v1.37.2");

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// `/version`
pub(super) fn version() -> Answer {
    let (major, minor, version) = VERSION;
    Answer::ok(json!({"major": major, "minor": minor, "gitVersion": version, "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "kchart/sandbox"}))
}

/// `/api`, `/apis`: whole if the client asks so, else the list of groups.
pub(super) fn root(state: &State, core: bool, accept: &str) -> Answer {
    let all = served::all(state);
    let groups = groups(&all, core);
    if accept.contains("g=apidiscovery.k8s.io;v=v2;") {
        let items: Vec<_> = groups.iter().map(|group| aggregated(group)).collect();
        let list = json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
            "items": items});
        return Answer::Typed(AGGREGATED, list);
    }
    if core {
        return Answer::ok(json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}));
    }
    let groups: Vec<_> = groups.iter().map(|group| api_group(group)).collect();
    Answer::ok(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
}

/// `/apis/GROUP`
pub(super) fn group(state: &State, name: &str) -> Result<Answer, Rejection> {
    let all = served::all(state);
    let groups = groups(&all, false);
    let mut found = groups.iter().filter(|group| group.first().is_some_and(|first| first.kind.group == name));
    let group = found.next().ok_or_else(Rejection::no_such_group)?;
    let mut answer = api_group(group);
    answer["kind"] = "APIGroup".into();
    answer["apiVersion"] = "v1".into();
    Ok(Answer::ok(answer))
}

/// The answer to a path of a kind that is not served: a group that is not known has nobody who could say so.
pub(super) fn nothing_at(state: &State, group: &str) -> Rejection {
    if served::all(state).iter().any(|served| served.kind.group == group) {
        Rejection::no_such_path()
    } else {
        Rejection::no_such_group()
    }
}

/// `/api/v1`, `/apis/GROUP/VERSION`
pub(super) fn resources(state: &State, group: &str, version: &str) -> Result<Answer, Rejection> {
    let all = served::all(state);
    let mut resources = Vec::new();
    for served in all.iter().filter(|served| served.kind.group == group && served.version == version) {
        let entry = |name: String, verbs: &[&str]| {
            json!({"name": name, "singularName": served.singular, "namespaced": served.namespaced,
                "kind": served.kind.kind, "verbs": verbs, "shortNames": served.short})
        };
        resources.push(entry(served.plural.to_string(), &VERBS));
        for subresource in subresources(served) {
            resources.push(entry(format!("{}/{subresource}", served.plural), &["get", "patch", "update"]));
        }
    }
    let first = all.iter().find(|served| served.kind.group == group && served.version == version);
    let group_version = first.ok_or_else(Rejection::no_such_path)?.api_version();
    Ok(Answer::ok(json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version,
        "resources": resources})))
}

fn subresources(served: &Served) -> impl Iterator<Item = &'static str> {
    [(served.status, "status"), (served.scale, "scale")].into_iter().filter(|(has, _)| *has).map(|(_, name)| name)
}

/// Groups in the order of their first kind.
fn groups(all: &[Served], core: bool) -> Vec<Vec<&Served>> {
    let mut groups: Vec<Vec<&Served>> = Vec::new();
    for served in all.iter().filter(|served| served.kind.group.is_empty() == core) {
        match groups.iter_mut().find(|group| group.iter().any(|other| other.kind.group == served.kind.group)) {
            Some(group) => group.push(served),
            None => groups.push(vec![served]),
        }
    }
    groups
}

/// Versions of a group, the preferred one first: stable before beta before alpha, newer before older.
fn versions<'a>(group: &[&'a Served]) -> Vec<&'a str> {
    let mut versions: Vec<&str> = group.iter().map(|served| served.version.as_ref()).collect();
    versions.sort_by_key(|version| std::cmp::Reverse(priority(version)));
    versions.dedup();
    versions
}

/// Kubernetes' order of versions: `v2 > v1 > v2beta1 > v1beta1 > v1alpha1 > others`.
fn priority(version: &str) -> (u8, u32, u32) {
    let Some(rest) = version.strip_prefix('v') else { return (0, 0, 0) };
    let number = |text: &str| text.parse::<u32>().ok();
    let read = |mark: &str| rest.split_once(mark).and_then(|(major, minor)| Some((number(major)?, number(minor)?)));
    if let Some(major) = number(rest) {
        (3, major, 0)
    } else if let Some((major, minor)) = read("beta") {
        (2, major, minor)
    } else if let Some((major, minor)) = read("alpha") {
        (1, major, minor)
    } else {
        (0, 0, 0)
    }
}

fn aggregated(group: &[&Served]) -> Value {
    let versions: Vec<_> = versions(group)
        .into_iter()
        .map(|version| {
            let resources: Vec<_> =
                group.iter().filter(|served| served.version == version).map(|served| resource(served)).collect();
            json!({"version": version, "resources": resources, "freshness": "Current"})
        })
        .collect();
    let name = group.first().map_or("", |first| first.kind.group.as_ref());
    let mut metadata = json!({"creationTimestamp": null});
    if !name.is_empty() {
        metadata["name"] = name.into();
    }
    json!({"metadata": metadata, "versions": versions})
}

fn resource(served: &Served) -> Value {
    let kind = json!({"group": served.kind.group, "version": served.version, "kind": served.kind.kind});
    let subresources: Vec<_> = subresources(served)
        .map(|name| json!({"subresource": name, "responseKind": kind, "verbs": ["get", "patch", "update"]}))
        .collect();
    json!({"resource": served.plural, "responseKind": kind,
        "scope": if served.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": served.singular, "verbs": VERBS, "shortNames": served.short,
        "subresources": subresources})
}

fn api_group(group: &[&Served]) -> Value {
    let name = group.first().map_or("", |first| first.kind.group.as_ref());
    let versions: Vec<_> = versions(group)
        .into_iter()
        .map(|version| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
        .collect();
    json!({"name": name, "versions": versions, "preferredVersion": versions.first()})
}

#[cfg(test)]
mod tests {
    use super::priority;

    #[test]
    fn stable_versions_come_before_beta_before_alpha() {
        let mut versions = ["v1beta1", "other", "v1", "v2alpha1", "v10", "v2beta2"];
        versions.sort_by_key(|version| std::cmp::Reverse(priority(version)));
        assert_eq!(versions, ["v10", "v1", "v2beta2", "v1beta1", "v2alpha1", "other"]);
    }
}
