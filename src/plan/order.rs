//! Which wanted object waits for which: by kind, by name, by `kchart.dev/depends-on`, a claim for what opens it.

use std::collections::{BTreeMap, BTreeSet};

use super::credentials::Opening;
use super::references::{depends_on, is_kind, references, subjects};
use super::{Refusal, jobs, pods};
use crate::diagnostic::{Diagnostic, nearest};
use crate::object::{Object, ObjectId, marks};
use crate::release::Lifetime;

/// What has to be the case with the other object first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Until {
    /// It was applied.
    Applied,
    /// It is ready.
    Ready,
}

/// For each wanted object (by position), what it waits for.
pub(super) type Waits = Vec<BTreeMap<usize, Until>>;

/// Kinds in the order in which they are best read and begun; what must wait, waits by an edge.
pub(super) fn rank(id: &ObjectId) -> u8 {
    match (id.group.as_str(), id.kind.as_str()) {
        ("", "Namespace") => 0,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => 1,
        ("scheduling.k8s.io" | "storage.k8s.io" | "node.k8s.io", _) | ("", "PersistentVolume") => 2,
        ("", "ResourceQuota" | "LimitRange") | ("networking.k8s.io", "NetworkPolicy") => 3,
        ("", "ServiceAccount") | ("rbac.authorization.k8s.io", _) => 4,
        ("", "ConfigMap" | "Secret") => 5,
        ("", "PersistentVolumeClaim") => 6,
        ("", "Service") => 7,
        ("admissionregistration.k8s.io" | "apiregistration.k8s.io", _) => 10,
        _ if pods::runs_pods(id) => 8,
        _ => 9,
    }
}

/// Whether a kind steps into the requests for others: applied last, deleted first.
pub(super) fn intercepts(id: &ObjectId) -> bool {
    rank(id) == 10
}

/// Finds what each object waits for. A claim waits for the Secrets that open it: one that is there without them, after
/// a run that stopped in between, looks like one whose credential was lost.
///
/// # Errors
/// `depends-on` that names nothing, and circles.
pub(super) fn waits(objects: &[Object], openings: &[Opening]) -> Result<Waits, Vec<Refusal>> {
    let (mut waits, mut refusals) = edges(objects);
    let positions = positions(objects);
    for opening in openings.iter().filter(|opening| opening.lifetime == Lifetime::Sticky) {
        let claim = positions.get(&ObjectId::claim(&opening.namespace, &opening.claim));
        let secret = positions.get(&ObjectId::secret(&opening.namespace, &opening.secret));
        if let (Some(claim), Some(secret)) = (claim, secret) {
            waits[*claim].entry(*secret).or_insert(Until::Applied);
        }
    }
    if let Some(circle) = circle(&waits) {
        refusals.push(circular(objects, &circle));
    }
    if refusals.is_empty() { Ok(waits) } else { Err(refusals) }
}

/// What each of some live objects waited for, as far as it is among them. They may come from several revisions: what
/// goes round in a circle has no order then.
pub(super) fn waits_among(objects: &[Object]) -> Waits {
    let (waits, _) = edges(objects);
    if circle(&waits).is_some() { vec![BTreeMap::new(); objects.len()] } else { waits }
}

/// The objects so that each comes after those that it waits for.
pub(super) fn sorted(waits: &Waits) -> Vec<usize> {
    let mut sorted = Vec::with_capacity(waits.len());
    let mut begun = vec![false; waits.len()];
    for start in 0..waits.len() {
        let mut path: Vec<(usize, std::collections::btree_map::Keys<'_, usize, Until>)> = Vec::new();
        if !std::mem::replace(&mut begun[start], true) {
            path.push((start, waits[start].keys()));
        }
        while let Some((at, next)) = path.last_mut() {
            if let Some(to) = next.next() {
                if !std::mem::replace(&mut begun[*to], true) {
                    path.push((*to, waits[*to].keys()));
                }
            } else {
                sorted.push(*at);
                path.pop();
            }
        }
    }
    sorted
}

fn positions(objects: &[Object]) -> BTreeMap<&ObjectId, usize> {
    objects.iter().enumerate().map(|(position, object)| (&object.id, position)).collect()
}

fn edges(objects: &[Object]) -> (Waits, Vec<Refusal>) {
    let positions = positions(objects);
    let mut waits: Waits = vec![BTreeMap::new(); objects.len()];
    let mut refusals = Vec::new();
    let mut add = |from: usize, to: usize, until: Until| {
        if from != to {
            let known = waits[from].entry(to).or_insert(until);
            *known = (*known).max(until);
        }
    };
    let definitions = definitions(objects);
    let guards: Vec<usize> = (0..objects.len()).filter(|at| rank(&objects[*at].id) == 3).collect();
    let bindings = bindings(objects);
    for (at, object) in objects.iter().enumerate() {
        let id = &object.id;
        if let Some(namespace) = &id.namespace
            && let Some(to) = positions.get(&ObjectId::cluster("", "Namespace", namespace))
        {
            add(at, *to, Until::Applied);
        }
        if let Some(to) = definitions.get(&(id.group.as_str(), id.kind.as_str())) {
            add(at, *to, Until::Ready);
        }
        for named in references(id, &object.body) {
            if let Some(to) = positions.get(&named) {
                add(at, *to, Until::Applied);
            }
            if pods::runs_pods(id) {
                for to in bindings.get(&named).into_iter().flatten() {
                    add(at, *to, Until::Applied);
                }
            }
        }
        if pods::runs_pods(id) {
            // Quotas and policies that come after the Pods would not hold for them.
            for to in guards.iter().filter(|to| objects[**to].id.namespace == id.namespace) {
                add(at, *to, Until::Applied);
            }
        }
        for entry in depends_on(&object.body) {
            match find(objects, object, entry) {
                Ok(to) if jobs::waits_for_the_end(&objects[to]) && !jobs::waits_for_the_end(object) => {
                    refusals.push(never_ready(object, &objects[to]));
                }
                Ok(to) => add(at, to, Until::Ready),
                Err(refusal) => refusals.push(*refusal),
            }
        }
    }
    (waits, refusals)
}

/// The definitions among the objects, by the group and kind that they define.
pub(super) fn definitions(objects: &[Object]) -> BTreeMap<(&str, &str), usize> {
    objects
        .iter()
        .enumerate()
        .filter(|(_, object)| object.id.is("apiextensions.k8s.io", "CustomResourceDefinition"))
        .filter_map(|(at, object)| {
            let group = object.body.str_at(&["spec", "group"])?;
            Some(((group, object.body.str_at(&["spec", "names", "kind"])?), at))
        })
        .collect()
}

/// The bindings that give a ServiceAccount its rights: Pods that start before them are refused what they ask for.
fn bindings(objects: &[Object]) -> BTreeMap<ObjectId, Vec<usize>> {
    let mut bindings: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
    for (at, object) in objects.iter().enumerate() {
        if matches!(object.id.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
            for (namespace, name) in subjects(&object.body) {
                let namespace = namespace.or(object.id.namespace.as_deref()).unwrap_or_default();
                bindings.entry(ObjectId::namespaced("", "ServiceAccount", namespace, name)).or_default().push(at);
            }
        }
    }
    bindings
}

fn find(objects: &[Object], object: &Object, entry: Result<(String, String), String>) -> Result<usize, Box<Refusal>> {
    let place = object.body.at(&["metadata", "annotations", marks::DEPENDS_ON]).map(|node| node.origin.at);
    let refuse = |diagnostic: Diagnostic| Box::new(Refusal::input(diagnostic.at(place.unwrap_or_default())));
    let (kind, name) = entry.map_err(|written| {
        refuse(
            Diagnostic::error(format!("`{}` of `{}` has `{written}`", marks::DEPENDS_ON, object.id))
                .hint("write `kind/name`, such as `deployment/web`"),
        )
    })?;
    let named = |other: &&Object| is_kind(&other.id, &kind) && other.id.name == name;
    objects
        .iter()
        .position(|other| named(&other) && other.id.namespace == object.id.namespace)
        .or_else(|| objects.iter().position(|other| named(&other)))
        .ok_or_else(|| {
            let mut diagnostic = Diagnostic::error(format!(
                "`{}` depends on `{kind}/{name}`, which the release does not have",
                object.id
            ));
            let names: Vec<String> =
                objects.iter().map(|other| format!("{}/{}", other.id.kind.to_lowercase(), other.id.name)).collect();
            if let Some(near) = nearest(&format!("{kind}/{name}"), names.iter().map(String::as_str)) {
                diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
            }
            refuse(diagnostic)
        })
}

/// What is waited for does not run while the release is there.
fn never_ready(object: &Object, job: &Object) -> Refusal {
    let place = object.body.at(&["metadata", "annotations", marks::DEPENDS_ON]).map(|node| node.origin.at);
    Refusal::input(
        Diagnostic::error(format!("`{}` depends on `{}`, which runs before an uninstall only", object.id, job.id))
            .at(place.unwrap_or_default())
            .hint(format!("take the entry away, or give the Job another `{}`", marks::RUN)),
    )
}

/// A circle, first object repeated at its end; the same one for the same objects. Without recursion: a chain may be
/// as long as a manifest.
fn circle(waits: &Waits) -> Option<Vec<usize>> {
    let mut done = vec![false; waits.len()];
    for start in 0..waits.len() {
        let mut path: Vec<(usize, std::collections::btree_map::Keys<'_, usize, Until>)> = Vec::new();
        let mut on_path = BTreeSet::new();
        if !done[start] {
            path.push((start, waits[start].keys()));
            on_path.insert(start);
        }
        while let Some((at, next)) = path.last_mut() {
            match next.next() {
                Some(to) if on_path.contains(to) => {
                    let mut circle: Vec<usize> = path.iter().map(|(at, _)| *at).skip_while(|at| at != to).collect();
                    circle.push(*to);
                    return Some(circle);
                }
                Some(to) if done[*to] => {}
                Some(to) => {
                    on_path.insert(*to);
                    path.push((*to, waits[*to].keys()));
                }
                None => {
                    done[*at] = true;
                    on_path.remove(at);
                    path.pop();
                }
            }
        }
    }
    None
}

fn circular(objects: &[Object], circle: &[usize]) -> Refusal {
    let names: Vec<String> = circle.iter().map(|at| format!("`{}`", objects[*at].id)).collect();
    let place = circle.iter().find_map(|at| objects[*at].body.at(&["metadata", "annotations", marks::DEPENDS_ON]));
    Refusal::input(
        Diagnostic::error(format!("objects wait for each other: {}", names.join(" → ")))
            .at(place.map(|node| node.origin.at).unwrap_or_default())
            .hint(format!("take one of the `{}` annotations away", marks::DEPENDS_ON)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Node;

    fn deployment(name: &str, depends_on: &str) -> Object {
        let body = Node::from(&serde_json::json!({"metadata": {"annotations": {"kchart.dev/depends-on": depends_on}}}));
        let id = ObjectId::namespaced("apps", "Deployment", "lab", name);
        Object { id, version: "v1".into(), body, secret: BTreeSet::new() }
    }

    #[test]
    fn a_circle_is_shown() {
        let objects =
            [deployment("a", "deployment/b"), deployment("b", "deployments/c"), deployment("c", "deployment/b")];
        let refusals = waits(&objects, &[]).unwrap_err();
        assert_eq!(
            refusals[0].diagnostic.message,
            "objects wait for each other: `Deployment/b` → `Deployment/c` → `Deployment/b`"
        );
    }

    #[test]
    fn what_is_not_there_is_named() {
        let refusals = waits(&[deployment("web", "deployment/wbe"), deployment("x", "web")], &[]).unwrap_err();
        let texts: Vec<_> = refusals.iter().map(|refusal| refusal.diagnostic.message.as_str()).collect();
        assert_eq!(
            texts,
            [
                "`Deployment/web` depends on `deployment/wbe`, which the release does not have",
                "`kchart.dev/depends-on` of `Deployment/x` has `web`",
            ]
        );
    }
}
