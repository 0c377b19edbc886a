//! The kubelet: Pods are placed on the node, their volumes mounted, their containers started one after the other.
//!
//! A container that works is left alone, as is one that came to its end; any other is tried again after every write,
//! as a real kubelet would restart it sooner or later, with its environment read anew.

mod client;
mod environment;
mod files;
mod mounts;
mod program;
mod rotation;
mod status;
mod sticky;
mod version;

use std::collections::BTreeSet;

use serde_json::Value;

use super::events::warn;
use super::owned::{is_over, is_ready};
use super::{News, edit, is_going, uid};
use crate::sandbox::json;
use crate::sandbox::seed::NODE;
use crate::sandbox::state::{Change, Key, State, kinds};
use crate::sandbox::write::{Amount, amount};
use program::{Outcome, play};

pub(super) fn run(state: &mut State, news: &News) {
    clean_up(state, news);
    for key in concerned(state, news) {
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
}

/// The Pods that the news are about: those that were written, and those beside what was written that do not work yet.
fn concerned(state: &State, news: &News) -> BTreeSet<Key> {
    let of = |change: &Change| (change.key.kind == kinds::POD).then(|| change.key.clone());
    let mut found: BTreeSet<Key> = news.changes().filter_map(of).collect();
    let everywhere = news.namespaces().contains("");
    let unfinished = |pod: &Value| !is_ready(pod) && !is_over(pod);
    if everywhere {
        let pods = state.of(&kinds::POD).filter(|(_, pod)| unfinished(pod));
        found.extend(pods.map(|(at, _)| Key { kind: kinds::POD, at: at.clone() }));
        return found;
    }
    for namespace in news.namespaces() {
        let pods = state.within(&kinds::POD, namespace).filter(|pod| unfinished(pod));
        found.extend(pods.filter_map(|pod| Key::of(pod)));
    }
    found
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
        // What the scheduler adds of preemption, for which it has not chosen a node yet.
        return Err(format!("0/1 nodes are available: {why}. not found"));
    }
    let node = state.get(&Key::new(&kinds::NODE, "", NODE));
    let label = |name: &str| node.and_then(|node| json::text(node, &["metadata", "labels", name]));
    if json::texts(pod, &["spec", "nodeSelector"]).any(|(name, value)| label(name) != Some(value)) {
        return Err(unfit("node(s) didn't match Pod's node affinity/selector"));
    }
    let wanted = |resource: &str| {
        let containers = json::list(pod, &["spec", "containers"]).iter();
        let asked = containers.filter_map(|one| amount(json::text(one, &["resources", "requests", resource])?));
        asked.fold(Amount::default(), Amount::plus)
    };
    let has = |resource: &str| node.and_then(|node| amount(json::text(node, &["status", "allocatable", resource])?));
    let short = ["cpu", "memory"]
        .into_iter()
        .find(|resource| has(resource).is_some_and(|has| has.nano < wanted(resource).nano));
    match short {
        Some(resource) => Err(unfit(&format!("Insufficient {resource}"))),
        None => Ok(()),
    }
}

/// The scheduler's words for a node that does not do.
fn unfit(why: &str) -> String {
    format!(
        "0/1 nodes are available: 1 {why}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for \
         scheduling."
    )
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
            Outcome::Waiting { .. } | Outcome::Crashing { .. } | Outcome::Unready { .. } => false,
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
fn clean_up(state: &mut State, news: &News) {
    let gone = news.changes().filter(|change| change.key.kind == kinds::POD && change.after.is_none());
    for (at, pod) in gone.filter_map(|change| Some((&change.key.at, change.before.as_ref()?))) {
        let own = format!("{}/{}/", at.namespace, at.name);
        let logs: Vec<String> = state
            .logs()
            .range(own.clone()..)
            .map(|(name, _)| name)
            .take_while(|name| name.starts_with(&own))
            .cloned()
            .collect();
        for name in logs {
            state.print(&name, None);
        }
        let own = mounts::scratch(uid(pod));
        let left: Vec<String> =
            state.disks.locations().filter(|location| location.starts_with(&own)).map(str::to_owned).collect();
        for location in left {
            state.disks.erase(&location);
        }
    }
}
