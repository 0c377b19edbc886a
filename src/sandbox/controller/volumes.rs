//! What becomes of volumes: phases, and what is done with them when their claim is gone.

use serde_json::Value;

use super::claims::{PROVISIONED, PROVISIONED_BY, uses};
use super::{News, edit, holds, is_going, keys, owned, release, uid};
use crate::sandbox::json;
use crate::sandbox::seed::PROVISIONER;
use crate::sandbox::state::{Key, State, kinds};
use crate::sandbox::write::{CLAIM_PROTECTION, Dependents, VOLUME_PROTECTION, mark_deleted};

pub(super) fn run(state: &mut State, _news: &News) {
    protect_claims(state);
    for key in keys(state, &kinds::VOLUME) {
        let Some(volume) = state.get(&key).cloned() else { continue };
        let phase = phase(state, &volume);
        if phase == "Bound" {
            set_phase(state, &key, "Bound");
            continue;
        }
        let delete = json::text(&volume, &["spec", "persistentVolumeReclaimPolicy"]) == Some("Delete");
        let provisioned = json::text(&volume, &["metadata", "annotations", PROVISIONED_BY]) == Some(PROVISIONER);
        let left = phase == "Released";
        if delete && left && provisioned {
            // Erased first: the object goes when there is nothing left to lose.
            state.disks.erase(&location(&volume));
            mark_deleted(state, &key, Dependents::Background);
            release(state, &key, PROVISIONED);
        } else if delete && left {
            fail(state, &key);
        } else {
            set_phase(state, &key, phase);
        }
        if state.get(&key).is_some_and(|volume| is_going(volume)) {
            release(state, &key, PROVISIONED);
            release(state, &key, VOLUME_PROTECTION);
        }
    }
}

/// `Bound`, `Released` (its claim is gone, or another of the same name), or `Available`.
fn phase(state: &State, volume: &Value) -> &'static str {
    let of = |field| json::text(volume, &["spec", "claimRef", field]).unwrap_or_default();
    if of("uid").is_empty() {
        return "Available";
    }
    let claim = state.get(&Key::new(&kinds::CLAIM, of("namespace"), of("name")));
    match claim {
        Some(claim) if uid(claim) == of("uid") => "Bound",
        _ => "Released",
    }
}

fn set_phase(state: &mut State, key: &Key, phase: &str) {
    let now = state.clock.now();
    edit(state, key, |volume| {
        if json::text(volume, &["status", "phase"]) != Some(phase) {
            json::set(volume, &["status"], serde_json::json!({"phase": phase, "lastPhaseTransitionTime": now}));
        }
    });
}

/// Nobody knows how to erase it.
fn fail(state: &mut State, key: &Key) {
    let why =
        format!("error getting deleter volume plugin for volume {:?}: no deletable volume plugin matched", key.at.name);
    set_phase(state, key, "Failed");
    edit(state, key, |volume| json::set(volume, &["status", "message"], why));
}

/// A claim that is going waits for the Pods that use it.
fn protect_claims(state: &mut State) {
    for key in keys(state, &kinds::CLAIM) {
        let going = state.get(&key).is_some_and(|claim| is_going(claim) && holds(claim, CLAIM_PROTECTION));
        let used = |state: &State| {
            let mut pods = state.within(&kinds::POD, &key.at.namespace);
            pods.any(|pod| uses(pod, &key.at.name) && !owned::is_over(pod))
        };
        if going && !used(state) {
            release(state, &key, CLAIM_PROTECTION);
        }
    }
}

/// Where the data of a volume are: another volume with the same source shows the same data.
pub(in crate::sandbox) fn location(volume: &Value) -> String {
    const SOURCES: [&str; 5] = ["hostPath", "local", "nfs", "csi", "iscsi"];
    let source = SOURCES.iter().find_map(|source| Some((source, json::get(volume, &["spec", source])?)));
    match source {
        Some((_, source)) if json::text(source, &["path"]).is_some() => {
            let host = json::text(source, &["server"]).map(|host| format!("{host}:")).unwrap_or_default();
            format!("{host}{}", json::text(source, &["path"]).unwrap_or_default())
        }
        Some((kind, source)) => format!("{kind}:{source}"),
        None => format!("volume:{}", uid(volume)),
    }
}
