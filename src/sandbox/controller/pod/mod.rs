//! The kubelet: Pods are placed on the node, their volumes mounted, their containers started one after the other.
//!
//! A container that works is left alone, as is one that came to its end; any other is tried again after every write,
//! as a real kubelet would restart it sooner or later, with its environment read anew.

mod client;
mod environment;
mod mounts;
mod program;
mod status;
mod sticky;

use serde_json::Value;

use super::events::warn;
use super::owned::is_over;
use super::{edit, is_going, keys, uid};
use crate::sandbox::json;
use crate::sandbox::seed::NODE;
use crate::sandbox::state::{Key, State, kinds};
use program::{Outcome, play};

pub(super) fn run(state: &mut State) {
    for key in keys(state, &kinds::POD) {
        let Some(pod) = state.get(&key).cloned() else { continue };
        if is_going(&pod) || is_over(&pod) {
            continue;
        }
        match place(state, &pod) {
            Ok(()) => live(state, &key, &pod),
            Err(why) => {
                warn(state, &pod, "FailedScheduling", &why);
                let now = state.clock.now();
                edit(state, &key, |pod| status::unplaced(pod, &why, &now));
            }
        }
    }
    clean_up(state);
}

/// Whether the node takes a Pod (`k8s.io/kubernetes/pkg/scheduler`).
fn place(state: &State, pod: &Value) -> Result<(), String> {
    let namespace = json::text(pod, &["metadata", "namespace"]).unwrap_or_default();
    for volume in json::list(pod, &["spec", "volumes"]) {
        let Some(name) = json::text(volume, &["persistentVolumeClaim", "claimName"]) else { continue };
        let claim = state.get(&Key::new(&kinds::CLAIM, namespace, name));
        let why = match claim {
            None => format!("persistentvolumeclaim {name:?} not found"),
            Some(claim) if is_going(claim) => format!("persistentvolumeclaim {name:?} is being deleted"),
            Some(claim) => match json::text(claim, &["status", "phase"]) {
                Some("Bound") => continue,
                Some("Lost") => format!("persistentvolumeclaim {name:?} bound to non-existent persistentvolume"),
                _ => "pod has unbound immediate PersistentVolumeClaims".to_owned(),
            },
        };
        return Err(format!("0/1 nodes are available: {why}."));
    }
    let node = state.get(&Key::new(&kinds::NODE, "", NODE));
    let label = |name: &str| node.and_then(|node| json::text(node, &["metadata", "labels", name]));
    if json::texts(pod, &["spec", "nodeSelector"]).any(|(name, value)| label(name) != Some(value)) {
        return Err("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.".to_owned());
    }
    Ok(())
}

/// Brings a placed Pod as far as it gets.
fn live(state: &mut State, key: &Key, pod: &Value) {
    let now = state.clock.now();
    edit(state, key, |pod| status::placed(pod, &now));
    if let Err(why) = mounts::missing(state, pod) {
        warn(state, pod, "FailedMount", &why);
        edit(state, key, |pod| status::creating(pod, &now));
        return;
    }
    let init = containers(pod, "initContainers");
    let mut outcomes: Vec<(Value, Outcome)> = Vec::new();
    let mut initialised = true;
    for container in &init {
        let outcome = turn(state, key, container, "initContainerStatuses");
        // A sidecar (`restartPolicy: Always`) has done its part when it runs.
        let done = match &outcome {
            Outcome::Ended { code } => *code == 0,
            Outcome::Running { ready, .. } => *ready && json::text(container, &["restartPolicy"]) == Some("Always"),
            Outcome::Waiting { .. } | Outcome::Crashing { .. } => false,
        };
        outcomes.push((container.clone(), outcome));
        if !done {
            initialised = false;
            break;
        }
    }
    edit(state, key, |pod| status::write(pod, "initContainerStatuses", &outcomes, &now));
    if initialised {
        let outcomes: Vec<(Value, Outcome)> = containers(pod, "containers")
            .into_iter()
            .map(|container| {
                let outcome = turn(state, key, &container, "containerStatuses");
                (container, outcome)
            })
            .collect();
        edit(state, key, |pod| status::write(pod, "containerStatuses", &outcomes, &now));
    }
    edit(state, key, |pod| status::sum_up(pod, initialised, &now));
}

fn containers(pod: &Value, list: &str) -> Vec<Value> {
    json::list(pod, &["spec", list]).to_vec()
}

/// One container's turn: what works or has ended stays so, what does not is tried.
fn turn(state: &mut State, key: &Key, container: &Value, statuses: &str) -> Outcome {
    let Some(pod) = state.get(key).cloned() else { return Outcome::Ended { code: 0 } };
    let name = json::text(container, &["name"]).unwrap_or_default();
    let before =
        json::list(&pod, &["status", statuses]).iter().find(|status| json::text(status, &["name"]) == Some(name));
    if let Some(settled) =
        before.and_then(status::settled).filter(|_| before.is_some_and(|old| is_same_image(old, container)))
    {
        return settled;
    }
    play(state, key, &pod, container)
}

fn is_same_image(status: &Value, container: &Value) -> bool {
    json::text(status, &["image"]) == json::text(container, &["image"])
}

/// What Pods that are gone left on the node: their logs, and data that was on no volume.
fn clean_up(state: &mut State) {
    let alive: Vec<(String, String)> = state
        .of(&kinds::POD)
        .map(|(at, pod)| (format!("{}/{}/", at.namespace, at.name), mounts::scratch(uid(pod))))
        .collect();
    state.logs.retain(|name, _| alive.iter().any(|(prefix, _)| name.starts_with(prefix)));
    let gone: Vec<String> = state
        .disks
        .locations()
        .filter(|location| {
            mounts::is_scratch(location) && !alive.iter().any(|(_, own)| location.starts_with(own.as_str()))
        })
        .map(str::to_owned)
        .collect();
    for location in gone {
        state.disks.erase(&location);
    }
}
