//! Claims that are being deleted. A Pod that mounts one holds it; when the last one ends, the claim goes, and its volume
//! with it where its policy does not say Retain. Whoever ends that Pod destroys the data, so that only a purge may.

use super::holders::{self, Ours};
use super::leaving::{Leaving, Occasion};
use super::ownership::Owner;
use super::scene::{Scene, list};
use super::{Claim, Kept, Mounter, Reclaim, Refusal, fate};
use crate::diagnostic::Diagnostic;
use crate::object::ObjectId;

/// What becomes of those that the release leaves behind.
pub(super) fn leave(scene: &Scene<'_>, occasion: Occasion, leaving: &mut Leaving<'_>) {
    let claims = scene.facts.claims.iter().filter(|(_, claim)| claim.terminating);
    let ours = Ours::new(scene);
    for ((namespace, name), claim) in claims {
        let id = ObjectId::claim(namespace, name);
        // What is wanted is judged with what wants it.
        if scene.wanted.get(&id).is_some() || scene.claim_owner(namespace, name, claim) != Owner::Ours {
            continue;
        }
        let holders = holders::of(scene, namespace, name);
        let ends = |it: &Mounter| ours.runs(namespace, it) || leaving.takes_orphan(namespace, &it.pod);
        let stays = !holders.iter().all(ends);
        if !holders.is_empty() && !stays && !keeps_its_data(scene, claim) {
            leaving.refusals.push(lost(scene, (namespace, name), claim, holders));
        } else if occasion == Occasion::Uninstall {
            leaving.kept.push(kept(scene, id, claim, holders));
        }
    }
}

/// Why a claim that is wanted can't be used.
pub(super) fn refusal(scene: &Scene<'_>, namespace: &str, name: &str, claim: &Claim) -> Refusal {
    let holders = holders::of(scene, namespace, name);
    if holders.is_empty() {
        return Refusal::failed(
            Diagnostic::error(format!("claim `{name}` is being deleted"))
                .hint(format!("wait until it is gone: `kubectl wait --for=delete pvc/{name} -n {namespace}`")),
        );
    }
    if keeps_its_data(scene, claim) {
        let release = &scene.intent.release;
        let told = Diagnostic::error(format!("claim `{name}` is being deleted, and {}", held(holders)));
        let told = match &claim.volume {
            Some(volume) => told.note(format!("its volume `{volume}` keeps the data")),
            None => told.note("it has no volume yet"),
        };
        let told = told.hint(format!("let the claim go: `kchart uninstall {} -n {}`", release.name, release.namespace));
        return Refusal::refused(claim.volume.iter().fold(told, |told, volume| told.hint(adopt(scene, volume))));
    }
    lost(scene, (namespace, name), claim, holders)
}

/// The data would go with the Pod.
fn lost(scene: &Scene<'_>, (namespace, name): (&str, &str), claim: &Claim, holders: &[Mounter]) -> Refusal {
    let release = &scene.intent.release;
    let told = Diagnostic::error(format!("claim `{name}` is being deleted, and {}", held(holders)))
        .note(format!("its data ({}) would go then", scene.describe(claim)));
    let told = match &claim.volume {
        Some(volume) => told.hint(format!(
            "keep them: `kubectl patch pv {volume} -p '{{\"spec\":{{\"persistentVolumeReclaimPolicy\":\"Retain\"}}}}'`, \
             then `kchart uninstall {} -n {}`: the volume stays",
            release.name, release.namespace
        )),
        None => told,
    };
    let told = claim.volume.iter().fold(told, |told, volume| told.hint(adopt(scene, volume)));
    let pods: Vec<&str> = holders.iter().map(|holder| holder.pod.as_str()).collect();
    Refusal::refused(
        told.hint(format!(
            "or copy them while that runs, then end it: `kubectl delete pod {} -n {namespace}`",
            pods.join(" ")
        ))
        .hint(format!("or destroy them on purpose: `{}`", scene.purge_command())),
    )
}

fn adopt(scene: &Scene<'_>, volume: &str) -> String {
    let release = &scene.intent.release;
    format!(
        "then bring them back: `kchart volumes adopt pv/{volume} --release {} -n {}`",
        release.name, release.namespace
    )
}

/// What stays of it.
fn kept(scene: &Scene<'_>, id: ObjectId, claim: &Claim, holders: &[Mounter]) -> Kept {
    match &claim.volume {
        Some(volume) if keeps_its_data(scene, claim) => Kept {
            why: format!("holds data of claim `{}`, which is being deleted", id.name),
            id: ObjectId::volume(volume),
            size: claim.size.clone(),
            volume: None,
            remove: None,
        },
        _ => {
            let until = if holders.is_empty() { String::new() } else { format!(", and {}", held(holders)) };
            let why = format!("is being deleted, with its data{until}");
            Kept { id, why, size: claim.size.clone(), volume: claim.volume.clone(), remove: None }
        }
    }
}

/// ``Pod `mq-0` holds it until it ends``.
fn held(holders: &[Mounter]) -> String {
    let pods = list(holders.iter().map(|holder| holder.pod.as_str()));
    if holders.len() == 1 {
        format!("Pod {pods} holds it until it ends")
    } else {
        format!("Pods {pods} hold it until they end")
    }
}

/// Whether the data are there when the claim is gone, or there are none. What can't be read is not trusted.
fn keeps_its_data(scene: &Scene<'_>, claim: &Claim) -> bool {
    let Some(name) = &claim.volume else { return true };
    let volume = scene.facts.volumes.get().and_then(|volumes| volumes.get(name));
    volume.is_some_and(|volume| volume.reclaim == Reclaim::Retain && fate::belongs(volume, claim))
}
