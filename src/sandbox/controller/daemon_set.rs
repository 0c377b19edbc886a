//! `DaemonSet`s: one Pod, since there is one node.

use super::owned::{claim_owned, fresh_pod_from, is_over, is_ready, make_pod};
use super::{News, edit, is_going};
use crate::sandbox::clock::name_hash;
use crate::sandbox::json;
use crate::sandbox::state::{State, kinds};
use crate::sandbox::write::{Dependents, mark_deleted};

const REVISION: &str = "controller-revision-hash";

pub(super) fn run(state: &mut State, news: &News) {
    for key in news.workloads(state, &kinds::DAEMON_SET) {
        let owned = claim_owned(state, &kinds::POD, &key);
        let Some(set) = state.get(&key).cloned() else { continue };
        if is_going(&set) {
            continue;
        }
        let template = json::get(&set, &["spec", "template"]).cloned().unwrap_or_default();
        let revision = name_hash(&template);
        let replaced = json::text(&set, &["spec", "updateStrategy", "type"]) != Some("OnDelete");
        for pod in &owned {
            let Some(found) = state.get(pod) else { continue };
            let old = json::text(found, &["metadata", "labels", REVISION]) != Some(&revision);
            if !is_going(found) && ((old && replaced) || is_over(found)) {
                mark_deleted(state, pod, Dependents::Background);
            }
        }
        if !owned.iter().any(|pod| state.get(pod).is_some_and(|pod| !is_going(pod))) {
            let mut pod = fresh_pod_from(state, &set, &template);
            json::set(&mut pod, &["metadata", "labels", REVISION], revision.as_str());
            make_pod(state, &set, pod);
        }
        let owned = claim_owned(state, &kinds::POD, &key);
        let pods: Vec<_> = owned.iter().filter_map(|pod| state.get(pod)).filter(|pod| !is_going(pod)).collect();
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        let is_new = |pod: &serde_json::Value| json::text(pod, &["metadata", "labels", REVISION]) == Some(&revision);
        let (all, updated) = (pods.len(), pods.iter().filter(|pod| is_new(pod)).count());
        edit(state, &key, |set| {
            let generation = json::get(set, &["metadata", "generation"]).cloned().unwrap_or_default();
            json::set(set, &["status", "observedGeneration"], generation);
            for (field, number) in [
                ("desiredNumberScheduled", 1),
                ("currentNumberScheduled", all),
                ("numberMisscheduled", 0),
                ("numberReady", ready),
                ("updatedNumberScheduled", updated),
                ("numberAvailable", ready),
                ("numberUnavailable", 1_usize.saturating_sub(ready)),
            ] {
                json::set(set, &["status", field], number);
            }
        });
    }
}
