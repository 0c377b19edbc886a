//! Which object waits for which: by kind, by name, by `kchart.dev/depends-on`. No more edges than a few for each name
//! that an object gives.

use std::collections::{BTreeMap, HashMap};

use super::order::rank;
use super::references::{depends_on, is_kind, references, subjects};
use super::{Refusal, jobs, pods, rotation};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::object::{Object, ObjectId, marks};
use crate::yaml::Node;

/// What has to be the case with the other object first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Until {
    /// It was applied.
    Applied,
    /// It is ready.
    Ready,
}

/// For each wanted object (by position), what it waits for. Positions past those of the objects are groups: nothing by
/// themselves, they stand for the several objects that they wait for, so that a thousand Pods that wait for the same
/// thousand policies have two thousand edges.
pub(super) type Waits = Vec<BTreeMap<usize, Until>>;

/// An object, as far as its order depends on it.
pub(super) type Placed<'a> = (&'a ObjectId, &'a Node);

/// Objects as their order is found.
pub(super) fn placed(objects: &[Object]) -> Vec<Placed<'_>> {
    objects.iter().map(|object| (&object.id, &object.body)).collect()
}

/// Positions by identity.
pub(super) fn positions<'a>(objects: &[Placed<'a>]) -> BTreeMap<&'a ObjectId, usize> {
    objects.iter().enumerate().map(|(position, (id, _))| (*id, position)).collect()
}

/// What each object waits for, and the entries of `depends-on` that name nothing.
pub(super) fn edges(objects: &[Placed<'_>]) -> (Waits, Vec<Refusal>) {
    let positions = positions(objects);
    let names = names(objects);
    let mut waits: Waits = vec![BTreeMap::new(); objects.len()];
    let mut refusals = Vec::new();
    let definitions = definitions(objects);
    let guards = groups(&mut waits, guards(objects));
    let bindings = groups(&mut waits, bindings(objects));
    let mut add = |from: usize, to: usize, until: Until| {
        if from != to {
            let known = waits[from].entry(to).or_insert(until);
            *known = (*known).max(until);
        }
    };
    for (at, (id, body)) in objects.iter().enumerate() {
        if let Some(namespace) = &id.namespace
            && let Some(to) = positions.get(&ObjectId::cluster("", "Namespace", namespace))
        {
            add(at, *to, Until::Applied);
        }
        if let Some(to) = definitions.get(&(id.group.as_str(), id.kind.as_str())) {
            add(at, *to, Until::Ready);
        }
        let runs_pods = pods::runs_pods(id);
        for named in references(id, body) {
            if let Some(to) = positions.get(&named) {
                add(at, *to, Until::Applied);
            }
            if let Some(to) = bindings.get(&named).filter(|_| runs_pods) {
                add(at, *to, Until::Applied);
            }
        }
        // Quotas and policies that come after the Pods would not hold for them.
        if let Some(to) = guards.get(&id.namespace).filter(|_| runs_pods) {
            add(at, *to, Until::Applied);
        }
        for entry in depends_on(body) {
            match find(objects, &names, at, entry) {
                Ok(to) if waits_for_the_end(objects[to]) && !waits_for_the_end(objects[at]) => {
                    refusals.push(never_ready(objects[at], objects[to].0, "before an uninstall"));
                }
                Ok(to) if rotation::is_declared(objects[to].0, objects[to].1) => {
                    refusals.push(never_ready(objects[at], objects[to].0, "when its credential is rotated"));
                }
                Ok(to) => add(at, to, Until::Ready),
                Err(refusal) => refusals.push(*refusal),
            }
        }
    }
    (waits, refusals)
}

fn waits_for_the_end((id, body): Placed<'_>) -> bool {
    jobs::Run::of(id, body) == jobs::Run::BeforeUninstall
}

/// Makes a group of each of some sets of objects; where it stands, by the same key.
fn groups<K: Ord>(waits: &mut Waits, sets: BTreeMap<K, Vec<usize>>) -> BTreeMap<K, usize> {
    let group = |(key, objects): (K, Vec<usize>)| {
        waits.push(objects.into_iter().map(|at| (at, Until::Applied)).collect());
        (key, waits.len() - 1)
    };
    sets.into_iter().map(group).collect()
}

/// The definitions among the objects, by the group and kind that they define.
pub(super) fn definitions<'a>(objects: &[Placed<'a>]) -> BTreeMap<(&'a str, &'a str), usize> {
    objects
        .iter()
        .enumerate()
        .filter(|(_, (id, _))| id.is("apiextensions.k8s.io", "CustomResourceDefinition"))
        .filter_map(|(at, (_, body))| {
            let group = body.str_at(&["spec", "group"])?;
            Some(((group, body.str_at(&["spec", "names", "kind"])?), at))
        })
        .collect()
}

/// Quotas and policies, by their namespace.
fn guards(objects: &[Placed<'_>]) -> BTreeMap<Option<String>, Vec<usize>> {
    let mut guards: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
    for (at, (id, _)) in objects.iter().enumerate().filter(|(_, (id, _))| rank(id) == 3) {
        guards.entry(id.namespace.clone()).or_default().push(at);
    }
    guards
}

/// The bindings that give a ServiceAccount its rights: Pods that start before them are refused what they ask for.
fn bindings(objects: &[Placed<'_>]) -> BTreeMap<ObjectId, Vec<usize>> {
    let mut bindings: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
    for (at, (id, body)) in objects.iter().enumerate() {
        if matches!(id.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
            for (namespace, name) in subjects(body) {
                let namespace = namespace.or(id.namespace.as_deref()).unwrap_or_default();
                bindings.entry(ObjectId::namespaced("", "ServiceAccount", namespace, name)).or_default().push(at);
            }
        }
    }
    bindings
}

/// Positions by name.
fn names<'a>(objects: &[Placed<'a>]) -> HashMap<&'a str, Vec<usize>> {
    let mut names: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, (id, _)) in objects.iter().enumerate() {
        names.entry(id.name.as_str()).or_default().push(at);
    }
    names
}

/// The object that an entry of `depends-on` of the one at `from` means: in its own namespace, else in any.
fn find(
    objects: &[Placed<'_>],
    names: &HashMap<&str, Vec<usize>>,
    from: usize,
    entry: Result<(String, String), String>,
) -> Result<usize, Box<Refusal>> {
    let (id, body) = objects[from];
    let refuse = |diagnostic: Diagnostic| Box::new(Refusal::input(diagnostic.at(depends_on_place(body))));
    let (kind, name) = entry.map_err(|written| {
        refuse(
            Diagnostic::error(format!("`{}` of `{id}` has `{written}`", marks::DEPENDS_ON))
                .hint("write `kind/name`, such as `deployment/web`"),
        )
    })?;
    let named: Vec<usize> = names.get(name.as_str()).into_iter().flatten().copied().collect();
    let named: Vec<usize> = named.into_iter().filter(|at| is_kind(objects[*at].0, &kind)).collect();
    let beside = named.iter().find(|at| objects[**at].0.namespace == id.namespace);
    beside.or(named.first()).copied().ok_or_else(|| {
        let mut diagnostic =
            Diagnostic::error(format!("`{id}` depends on `{kind}/{name}`, which the release does not have"));
        let names: Vec<String> =
            objects.iter().map(|(other, _)| format!("{}/{}", other.kind.to_lowercase(), other.name)).collect();
        if let Some(near) = nearest(&format!("{kind}/{name}"), names.iter().map(String::as_str)) {
            diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
        }
        refuse(diagnostic)
    })
}

/// Where it is written what an object depends on.
pub(super) fn depends_on_place(body: &Node) -> Place {
    body.at(&["metadata", "annotations", marks::DEPENDS_ON]).map(|node| node.origin.at).unwrap_or_default()
}

/// What is waited for does not run while the release is there.
fn never_ready((id, body): Placed<'_>, job: &ObjectId, when: &str) -> Refusal {
    Refusal::input(
        Diagnostic::error(format!("`{id}` depends on `{job}`, which runs {when} only"))
            .at(depends_on_place(body))
            .hint(format!("take the entry away, or give the Job another `{}`", marks::RUN)),
    )
}
