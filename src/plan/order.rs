//! The order of objects: how kinds come after each other, and what waits for what without going round in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::credentials::Opening;
use super::edges::{Placed, Until, Waits, depends_on_place, edges, placed, positions};
use super::{Refusal, pods};
use crate::diagnostic::{Diagnostic, Place};
use crate::object::{Object, ObjectId, marks};
use crate::release::Lifetime;

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
/// a run that stopped in between, looks like one whose credential was lost. Who waits for a claim to be ready waits for
/// those that mount it: it may be bound only when they are scheduled.
///
/// # Errors
/// `depends-on` that names nothing, and circles.
pub(super) fn waits(objects: &[Object], openings: &[Opening]) -> Result<Waits, Vec<Refusal>> {
    let objects = &placed(objects)[..];
    let (mut waits, mut refusals) = edges(objects);
    let positions = positions(objects);
    for opening in openings.iter().filter(|opening| opening.lifetime == Lifetime::Sticky) {
        let claim = positions.get(&ObjectId::claim(&opening.namespace, &opening.claim));
        let secret = positions.get(&ObjectId::secret(&opening.namespace, &opening.secret));
        if let (Some(claim), Some(secret)) = (claim, secret) {
            waits[*claim].entry(*secret).or_insert(Until::Applied);
        }
    }
    await_users(&mut waits, objects);
    if let Some(circle) = circle(&waits) {
        refusals.push(circular(objects, &waits, &circle));
    }
    if refusals.is_empty() { Ok(waits) } else { Err(refusals) }
}

/// Puts a group between each claim that is awaited and those that wait for it: the claim, and the workloads that mount
/// it.
fn await_users(waits: &mut Waits, objects: &[Placed<'_>]) {
    let is_awaited_claim = |(to, until): (&usize, &Until)| {
        (*until == Until::Ready && objects.get(*to).is_some_and(|(id, _)| id.is_claim())).then_some(*to)
    };
    let awaited: BTreeSet<usize> = waits.iter().flatten().filter_map(is_awaited_claim).collect();
    if awaited.is_empty() {
        return;
    }
    let users = users(objects.iter().copied());
    for claim in awaited {
        let Some(users) = users.get(objects[claim].0) else { continue };
        let group = waits.len();
        for waiting in waits.iter_mut().filter(|waiting| waiting.get(&claim) == Some(&Until::Ready)) {
            waiting.remove(&claim);
            waiting.insert(group, Until::Applied);
        }
        let users = users.iter().map(|user| (*user, Until::Applied));
        waits.push(users.chain([(claim, Until::Ready)]).collect());
    }
}

/// The workloads that run Pods on each claim, by position.
pub(super) type Users = BTreeMap<ObjectId, Vec<usize>>;

/// Finds them.
pub(super) fn users<'a>(objects: impl IntoIterator<Item = Placed<'a>>) -> Users {
    let mut users = Users::new();
    for (at, (id, body)) in objects.into_iter().enumerate() {
        if pods::runs_pods(id) && pods::replicas(body) > 0 {
            for claim in pods::claims(id, body) {
                let claim = ObjectId::claim(id.namespace.as_deref().unwrap_or_default(), &claim);
                users.entry(claim).or_default().push(at);
            }
        }
    }
    users
}

/// What each of some live objects waited for, as far as it is among them. They may come from several revisions: what
/// goes round in a circle has no order then.
pub(super) fn waits_among(objects: &[Placed<'_>]) -> Waits {
    let (waits, _) = edges(objects);
    if circle(&waits).is_some() { vec![BTreeMap::new(); waits.len()] } else { waits }
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

fn circular(objects: &[Placed<'_>], waits: &Waits, circle: &[usize]) -> Refusal {
    // Of a group the claim is shown that is awaited.
    let shown = |at: &usize| {
        let ready = waits[*at].iter().filter(|(_, until)| **until == Until::Ready).map(|(to, _)| *to);
        if *at < objects.len() { vec![*at] } else { ready.collect() }
    };
    let circle: Vec<Placed<'_>> = circle.iter().flat_map(shown).map(|at| objects[at]).collect();
    let names: Vec<String> = circle.iter().map(|(id, _)| format!("`{id}`")).collect();
    let place = circle.iter().map(|(_, body)| depends_on_place(body)).find(|place| *place != Place::default());
    Refusal::input(
        Diagnostic::error(format!("objects wait for each other: {}", names.join(" → ")))
            .at(place.unwrap_or_default())
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
