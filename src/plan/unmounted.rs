//! Workloads that would start without the data that they run on: the claim stays, but they no longer mount it, nor
//! another one in its place (`persistence.enabled=false`).
//!
//! A claim that is renamed is judged in `claims::left_behind`. What a revision that is not in force had mounted is told,
//! not refused: the way back from it is no surprise.

use std::collections::BTreeSet;

use super::claims::Judgement;
use super::scene::{Scene, list};
use super::{Claim, Hazard, Refusal, pods};
use crate::diagnostic::Diagnostic;
use crate::object::{Object, ObjectId};
use crate::release::Lifetime;
use crate::yaml::Node;

/// Judges all wanted workloads whose Pods stay.
pub(super) fn judge(scene: &Scene<'_>, out: &mut Judgement) {
    for workload in scene.wanted.objects.iter().filter(|object| is_service(&object.id)) {
        let id = &workload.id;
        let deployed = scene.deployed(id).map(|object| &object.body);
        let Some(before) = scene.facts.live.get(id).map(|live| &live.body).or(deployed) else { continue };
        let left = left(scene, workload, before);
        if left.is_empty() {
            continue;
        }
        let is_in_force = |(name, _): &(&str, &Claim)| deployed.is_none_or(|body| pods::may_mount(id, body, name));
        if !scene.intent.options.accept_new_volume && left.iter().any(is_in_force) {
            out.refusals.push(refusal(scene, workload, before, &left));
        } else {
            let names = list(left.iter().map(|(name, _)| *name));
            let message = format!("`{id}` starts without its data: {names} stays with them{}", opened(scene, &left));
            out.hazards.push(Hazard { id: Some(id.clone()), message });
        }
    }
}

fn is_service(id: &ObjectId) -> bool {
    id.group == "apps" && pods::runs_pods(id)
}

/// The claims that a workload mounted before, that are there, and that nothing wanted mounts.
fn left<'a>(scene: &Scene<'a>, workload: &Object, before: &Node) -> Vec<(&'a str, &'a Claim)> {
    let id = &workload.id;
    let namespace = id.namespace.as_deref().unwrap_or_default();
    let is_mounted = |claim: &str| {
        let mut beside = scene.wanted.objects.iter().filter(|object| object.id.namespace == id.namespace);
        beside.any(|object| pods::may_mount(&object.id, &object.body, claim))
    };
    let first = (namespace.to_owned(), String::new());
    let there = scene.facts.claims.range(first..).take_while(|((other, _), _)| other == namespace);
    there
        .filter(|((_, name), claim)| !claim.terminating && pods::may_mount(id, before, name) && !is_mounted(name))
        .filter(|((_, name), _)| has_nothing_instead(workload, before, name))
        .map(|((_, name), claim)| (name.as_str(), claim))
        .collect()
}

/// Whether a workload mounts no claim at all any more; or, where a claim was, what is empty whenever a Pod starts.
fn has_nothing_instead(workload: &Object, before: &Node, claim: &str) -> bool {
    let Object { id, body, .. } = workload;
    let mounts_none = pods::claims_by_volume(id, body).is_empty();
    mounts_none || !places(id, before, claim).is_disjoint(&transient(id, body))
}

/// Where a claim is mounted.
fn places<'a>(id: &ObjectId, body: &'a Node, claim: &str) -> BTreeSet<&'a str> {
    let by_volume = pods::claims_by_volume(id, body);
    let template = pods::template_of_claim(id, body, claim).filter(|_| pods::is_set(id));
    let is_it = |volume: &str| {
        template == Some(volume) || by_volume.get(volume).is_some_and(|claims| claims.iter().any(|it| it == claim))
    };
    mount_paths(id, body, is_it)
}

/// Where volumes are mounted that go with their Pod.
fn transient<'a>(id: &ObjectId, body: &'a Node) -> BTreeSet<&'a str> {
    let volumes = pods::spec(id, body).map(|spec| spec.list_at(&["volumes"])).unwrap_or_default().iter();
    let transient = volumes.filter(|volume| volume.get("emptyDir").is_some() || volume.get("ephemeral").is_some());
    let names: BTreeSet<&str> = transient.filter_map(|volume| volume.str_at(&["name"])).collect();
    mount_paths(id, body, |volume| names.contains(volume))
}

fn mount_paths<'a>(id: &ObjectId, body: &'a Node, is_meant: impl Fn(&str) -> bool) -> BTreeSet<&'a str> {
    let containers = pods::spec(id, body).into_iter().flat_map(pods::containers);
    let mounts = containers.flat_map(|container| container.list_at(&["volumeMounts"]));
    let meant = mounts.filter(|mount| mount.str_at(&["name"]).is_some_and(&is_meant));
    meant.filter_map(|mount| mount.str_at(&["mountPath"])).map(|path| path.trim_end_matches('/')).collect()
}

/// `; `mq/password` opens it`: what the ledger says.
fn opened(scene: &Scene<'_>, left: &[(&str, &Claim)]) -> String {
    let credentials = left.iter().filter_map(|(_, claim)| scene.entry(claim)).flat_map(|entry| &entry.credentials);
    let sticky = credentials.filter(|credential| credential.lifetime == Lifetime::Sticky);
    let keys: BTreeSet<String> = sticky.map(|it| format!("{}/{}", it.secret, it.key)).collect();
    if keys.is_empty() { String::new() } else { format!(", opened by {}", list(keys.iter().map(String::as_str))) }
}

fn refusal(scene: &Scene<'_>, workload: &Object, before: &Node, left: &[(&str, &Claim)]) -> Refusal {
    let id = &workload.id;
    let namespace = id.namespace.as_deref().unwrap_or_default();
    let described: Vec<String> =
        left.iter().map(|(name, claim)| format!("`{name}` ({})", scene.describe(claim))).collect();
    let (claims, it) = if left.len() == 1 { ("claim", "it is") } else { ("claims", "they are") };
    let purge: Vec<String> = left.iter().map(|(name, _)| format!("claim/{name}")).collect();
    let told = Diagnostic::error(format!(
        "`{id}` would start without its data: it would no longer mount {claims} {}",
        described.join(", ")
    ))
    .at(workload.body.at(&["metadata", "name"]).map(|node| node.origin.at).unwrap_or_default())
    .note(format!(
        "the data would stay in {claims} {}{}",
        list(left.iter().map(|(name, _)| *name)),
        opened(scene, left)
    ));
    let transient = transient(id, &workload.body);
    let empty = left.iter().flat_map(|(name, _)| places(id, before, name));
    let empty: BTreeSet<&str> = empty.filter(|place| transient.contains(place)).collect();
    let told = if empty.is_empty() {
        told
    } else {
        told.note(format!("{} would be empty whenever a Pod starts", list(empty)))
    };
    Refusal::refused(
        told.hint(format!("to go on with the data: leave the {claims} where {it}, in the chart or by its values"))
            .hint("or start without them: `--accept-new-volume`")
            .hint(format!(
                "which may be destroyed afterwards: `kchart volumes purge {} -n {namespace}`",
                purge.join(" ")
            )),
    )
}
