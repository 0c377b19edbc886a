//! `ReplicaSet`s: so many Pods of one template.

use std::sync::Arc;

use serde_json::Value;

use super::owned::{FAILURE, claim_owned, conditions, fresh_pod_from, is_over, is_ready, make_pod};
use super::{News, edit, is_going};
use crate::sandbox::json;
use crate::sandbox::state::{Key, State, kinds};
use crate::sandbox::write::{Dependents, mark_deleted};

pub(super) fn run(state: &mut State, news: &News) {
    for key in news.workloads(state, &kinds::REPLICA_SET) {
        let owned = claim_owned(state, &kinds::POD, &key);
        let Some(set) = state.get(&key).cloned() else { continue };
        if is_going(&set) {
            continue;
        }
        let wanted = json::number(&set, &["spec", "replicas"]).unwrap_or(1);
        let mut pods: Vec<(Key, Arc<Value>)> =
            owned.into_iter().filter_map(|key| Some((key.clone(), state.get(&key)?.clone()))).collect();
        pods.retain(|(_, pod)| !is_going(pod) && !is_over(pod));
        // Those that work are the last to go.
        pods.sort_by_key(|(_, pod)| !is_ready(pod));
        let wanted = usize::try_from(wanted).unwrap_or_default();
        for (pod, _) in pods.iter().skip(wanted) {
            mark_deleted(state, pod, Dependents::Background);
        }
        let mut refused = None;
        for _ in pods.len()..wanted {
            let template = json::get(&set, &["spec", "template"]).cloned().unwrap_or_default();
            let pod = fresh_pod_from(state, &set, &template);
            refused = make_pod(state, &set, pod);
            if refused.is_some() {
                break;
            }
        }
        status(state, &key, refused.as_deref());
    }
}

fn status(state: &mut State, key: &Key, refused: Option<&str>) {
    let owned = claim_owned(state, &kinds::POD, key);
    let pods: Vec<_> = owned.iter().filter_map(|pod| state.get(pod)).filter(|pod| !is_over(pod)).collect();
    let (all, ready) = (pods.len(), pods.iter().filter(|pod| is_ready(pod)).count());
    let now = state.clock.now();
    edit(state, key, |set| {
        match refused {
            // What was told of one Pod stands for all that follow.
            Some(_) if !json::list(set, &["status", "conditions"]).is_empty() => {}
            Some(refused) => conditions(set, &now, &[(FAILURE, true, "FailedCreate", refused)]),
            None => drop(json::remove(set, &["status", "conditions"])),
        }
        let generation = json::get(set, &["metadata", "generation"]).cloned().unwrap_or_default();
        json::set(set, &["status", "observedGeneration"], generation);
        json::set(set, &["status", "replicas"], all);
        json::set(set, &["status", "terminatingReplicas"], 0);
        for field in ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] {
            let number = if field == "fullyLabeledReplicas" { all } else { ready };
            if number == 0 {
                json::remove(set, &["status", field]);
            } else {
                json::set(set, &["status", field], number);
            }
        }
    });
}
