//! Deployments: a ReplicaSet for each template, the newest at full size. A rollout is done at once; with
//! `RollingUpdate` the old Pods stay until the new ones work, with `Recreate` they go first.

use serde_json::{Value, json};

use super::owned::{FAILURE, claim_owned, conditions, controller_reference};
use super::{News, edit, is_going, make};
use crate::sandbox::clock::name_hash;
use crate::sandbox::json;
use crate::sandbox::state::{Key, State, kinds};
use crate::sandbox::write::{Dependents, mark_deleted};

const HASH: &str = "pod-template-hash";
const REVISION: &str = "deployment.kubernetes.io/revision";
/// The numbers that a ReplicaSet had before.
const HISTORY: &str = "deployment.kubernetes.io/revision-history";

pub(super) fn run(state: &mut State, news: &News) {
    for key in news.workloads(state, &kinds::DEPLOYMENT) {
        let owned = claim_owned(state, &kinds::REPLICA_SET, &key);
        if state.get(&key).is_some_and(|deployment| !is_going(deployment)) {
            roll(state, &key, &owned);
            status(state, &key);
        }
    }
}

fn roll(state: &mut State, key: &Key, sets: &[Key]) {
    let Some(deployment) = state.get(key).cloned() else { return };
    let template = json::get(&deployment, &["spec", "template"]).cloned().unwrap_or_default();
    let current = sets.iter().find(|set| state.get(set).is_some_and(|set| is_of(set, &template))).cloned();
    let paused = json::get(&deployment, &["spec", "paused"]) == Some(&Value::Bool(true));
    let wanted = json::number(&deployment, &["spec", "replicas"]).unwrap_or(1);
    let recreate = json::text(&deployment, &["spec", "strategy", "type"]) == Some("Recreate");
    // With `Recreate` the Pods of the old ones go first.
    let at_first = if recreate && !sets.is_empty() { 0 } else { wanted };
    let newest = sets.iter().filter_map(|set| revision(state.get(set)?)).max().unwrap_or_default();
    let current = match current {
        Some(current) => current,
        None if paused => return,
        None => {
            let Some(made) = make(state, replica_set(&deployment, &template, newest + 1, at_first)) else { return };
            made
        }
    };
    // A template that comes back is the newest revision again.
    let mut revision_now = state.get(&current).and_then(|set| revision(set)).unwrap_or_default();
    if revision_now < newest {
        let before = revision_now.to_string();
        revision_now = newest + 1;
        edit(state, &current, |set| {
            json::set(set, &["metadata", "annotations", REVISION], revision_now.to_string());
            let history = json::text(set, &["metadata", "annotations", HISTORY]);
            let history = history.map_or_else(|| before.clone(), |known| format!("{known},{before}"));
            json::set(set, &["metadata", "annotations", HISTORY], history);
        });
    }
    edit(state, key, |object| json::set(object, &["metadata", "annotations", REVISION], revision_now.to_string()));
    for set in sets.iter().chain([&current]) {
        let most = if recreate { wanted } else { wanted + surge(&deployment, wanted) };
        edit(state, set, |set| {
            for (annotation, number) in [("desired", wanted), ("max", most)] {
                let annotation = format!("deployment.kubernetes.io/{annotation}-replicas");
                json::set(set, &["metadata", "annotations", &annotation], number.to_string());
            }
        });
    }

    let old: Vec<&Key> = sets.iter().filter(|set| **set != current).collect();
    let number = |state: &State, set: &Key, path: &[&str]| {
        state.get(set).and_then(|set| json::number(set, path)).unwrap_or_default()
    };
    let works = number(state, &current, &["status", "availableReplicas"]) >= wanted
        && number(state, &current, &["spec", "replicas"]) == wanted;
    if recreate || works {
        for set in &old {
            edit(state, set, |set| json::set(set, &["spec", "replicas"], 0));
        }
    }
    let old_gone = old.iter().all(|set| number(state, set, &["status", "replicas"]) == 0);
    if !recreate || old_gone {
        edit(state, &current, |set| json::set(set, &["spec", "replicas"], wanted));
    }
    trim(state, &deployment, &old);
}

/// Old `ReplicaSet`s without Pods, beyond `revisionHistoryLimit`, go.
fn trim(state: &mut State, deployment: &Value, old: &[&Key]) {
    let limit = json::number(deployment, &["spec", "revisionHistoryLimit"]).unwrap_or(10);
    let limit = usize::try_from(limit).unwrap_or_default();
    let mut empty: Vec<(u64, &Key)> = old
        .iter()
        .filter_map(|set| {
            let found = state.get(set)?;
            let idle =
                ["spec", "status"].iter().all(|part| json::number(found, &[part, "replicas"]).unwrap_or_default() == 0);
            idle.then(|| (revision(found).unwrap_or_default(), *set))
        })
        .collect();
    empty.sort_by_key(|(revision, _)| *revision);
    for (_, set) in empty.iter().take(empty.len().saturating_sub(limit)) {
        mark_deleted(state, set, Dependents::Background);
    }
}

fn revision(set: &Value) -> Option<u64> {
    json::text(set, &["metadata", "annotations", REVISION])?.parse().ok()
}

/// Whether a ReplicaSet is of this template; its own label aside.
fn is_of(set: &Value, template: &Value) -> bool {
    let mut of = json::get(set, &["spec", "template"]).cloned().unwrap_or_default();
    json::remove(&mut of, &["metadata", "labels", HASH]);
    of == *template
}

fn replica_set(deployment: &Value, template: &Value, revision: u64, replicas: i64) -> Value {
    let hash = name_hash(template);
    let field = |path: &[&str]| json::get(deployment, path).cloned().unwrap_or_default();
    let name = json::text(deployment, &["metadata", "name"]).unwrap_or_default();
    let mut template = template.clone();
    json::set(&mut template, &["metadata", "labels", HASH], hash.as_str());
    let mut selector = field(&["spec", "selector"]);
    json::set(&mut selector, &["matchLabels", HASH], hash.as_str());
    let labels = json::get(&template, &["metadata", "labels"]).cloned().unwrap_or_default();
    json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": format!("{name}-{hash}"), "namespace": field(&["metadata", "namespace"]),
            "labels": labels, "annotations": {REVISION: revision.to_string()},
            "ownerReferences": [controller_reference(deployment)]},
        "spec": {"replicas": replicas, "selector": selector, "template": template,
            "minReadySeconds": json::number(deployment, &["spec", "minReadySeconds"]).unwrap_or_default()}})
}

fn status(state: &mut State, key: &Key) {
    let sets = claim_owned(state, &kinds::REPLICA_SET, key);
    let Some(deployment) = state.get(key).cloned() else { return };
    let template = json::get(&deployment, &["spec", "template"]).cloned().unwrap_or_default();
    let sum = |state: &State, field: &str, current_only: bool| -> i64 {
        let sets = sets.iter().filter_map(|set| state.get(set)).filter(|set| !current_only || is_of(set, &template));
        sets.filter_map(|set| json::number(set, &["status", field])).sum()
    };
    let wanted = json::number(&deployment, &["spec", "replicas"]).unwrap_or(1);
    let (all, updated) = (sum(state, "replicas", false), sum(state, "replicas", true));
    let (ready, available) = (sum(state, "readyReplicas", false), sum(state, "availableReplicas", false));
    let complete = updated == wanted && all == wanted && available == wanted;
    let current = sets.iter().filter_map(|set| state.get(set)).find(|set| is_of(set, &template));
    let name = current.and_then(|set| json::text(set, &["metadata", "name"])).unwrap_or_default().to_owned();
    let failure = current.and_then(|set| {
        let found = json::list(set, &["status", "conditions"]).iter();
        found.filter(|one| json::text(one, &["type"]) == Some(FAILURE)).find_map(|one| json::text(one, &["message"]))
    });
    let failure = failure.map(str::to_owned);
    let enough = available >= wanted - tolerated(&deployment, wanted);
    let now = state.clock.now();
    edit(state, key, |object| {
        let generation = json::get(object, &["metadata", "generation"]).cloned().unwrap_or_default();
        json::set(object, &["status", "observedGeneration"], generation);
        for (field, number) in [
            ("replicas", all),
            ("updatedReplicas", updated),
            ("readyReplicas", ready),
            ("availableReplicas", available),
            ("unavailableReplicas", (wanted.max(all) - available).max(0)),
        ] {
            if number == 0 {
                json::remove(object, &["status", field]);
            } else {
                json::set(object, &["status", field], number);
            }
        }
        json::set(object, &["status", "terminatingReplicas"], 0);
        let minimum = if enough {
            ("Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability.")
        } else {
            ("Available", false, "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
        };
        let done = format!("ReplicaSet {name:?} has successfully progressed.");
        let going = format!("ReplicaSet {name:?} is progressing.");
        let progress = if complete {
            ("Progressing", true, "NewReplicaSetAvailable", done.as_str())
        } else {
            ("Progressing", true, "ReplicaSetUpdated", going.as_str())
        };
        let mut all = vec![minimum, progress];
        all.extend(failure.as_deref().map(|why| (FAILURE, true, "FailedCreate", why)));
        conditions(object, &now, &all);
    });
}

/// How many Pods there may be above those that are wanted (`maxSurge`; percentages are rounded up).
fn surge(deployment: &Value, wanted: i64) -> i64 {
    match json::get(deployment, &["spec", "strategy", "rollingUpdate", "maxSurge"]) {
        Some(Value::Number(number)) => number.as_i64().unwrap_or_default(),
        Some(Value::String(text)) => {
            text.trim_end_matches('%').parse::<i64>().map_or(0, |percent| (wanted * percent + 99) / 100)
        }
        _ => 0,
    }
}

/// How many Pods may be missing (`maxUnavailable`; percentages are rounded down).
fn tolerated(deployment: &Value, wanted: i64) -> i64 {
    match json::get(deployment, &["spec", "strategy", "rollingUpdate", "maxUnavailable"]) {
        Some(Value::Number(number)) => number.as_i64().unwrap_or_default(),
        Some(Value::String(text)) => {
            text.trim_end_matches('%').parse::<i64>().map_or(0, |percent| wanted * percent / 100)
        }
        _ => 0,
    }
}
