//! Jobs: Pods that come to an end, as many as have to succeed.

use serde_json::{Value, json};

use super::owned::{claim_owned, conditions, fresh_pod_from, is_over, is_ready, make_pod};
use super::{News, edit, is_going};
use crate::sandbox::json;
use crate::sandbox::state::{Key, State, kinds};
use crate::sandbox::write::{Dependents, mark_deleted};

pub(super) fn run(state: &mut State, news: &News) {
    for key in news.workloads(state, &kinds::JOB) {
        let owned = claim_owned(state, &kinds::POD, &key);
        let Some(job) = state.get(&key).cloned() else { continue };
        if is_going(&job) {
            continue;
        }
        if is_finished(&job) {
            // Without a clock only what is to go at once can go.
            if json::number(&job, &["spec", "ttlSecondsAfterFinished"]) == Some(0) {
                mark_deleted(state, &key, Dependents::Background);
            }
            continue;
        }
        work(state, &job, &owned);
        status(state, &key);
    }
}

fn is_finished(job: &Value) -> bool {
    json::list(job, &["status", "conditions"]).iter().any(|condition| {
        matches!(json::text(condition, &["type"]), Some("Complete" | "Failed"))
            && json::text(condition, &["status"]) == Some("True")
    })
}

/// Pods by what became of them: still there, succeeded, failed.
fn tally(state: &State, pods: &[Key]) -> (usize, usize, usize) {
    let phase = |pod: &Key| state.get(pod).and_then(|pod| json::text(pod, &["status", "phase"]).map(str::to_owned));
    let ended = |wanted: &str| pods.iter().filter(|pod| phase(pod).as_deref() == Some(wanted)).count();
    let (succeeded, failed) = (ended("Succeeded"), ended("Failed"));
    (pods.len() - succeeded - failed, succeeded, failed)
}

fn limit(job: &Value, field: &str, default: i64) -> usize {
    usize::try_from(json::number(job, &["spec", field]).unwrap_or(default)).unwrap_or_default()
}

fn work(state: &mut State, job: &Value, pods: &[Key]) {
    let (active, succeeded, failed) = tally(state, pods);
    if json::get(job, &["spec", "suspend"]) == Some(&Value::Bool(true)) {
        for pod in
            pods.iter().filter(|pod| state.get(pod).is_some_and(|pod| !is_over(pod))).cloned().collect::<Vec<_>>()
        {
            mark_deleted(state, &pod, Dependents::Background);
        }
        return;
    }
    if failed > limit(job, "backoffLimit", 6) {
        return;
    }
    let left = limit(job, "completions", 1).saturating_sub(succeeded + active);
    let free = limit(job, "parallelism", 1).saturating_sub(active);
    for _ in 0..left.min(free) {
        let template = json::get(job, &["spec", "template"]).cloned().unwrap_or_default();
        let pod = fresh_pod_from(state, job, &template);
        make_pod(state, job, pod);
    }
}

fn status(state: &mut State, key: &Key) {
    let pods = claim_owned(state, &kinds::POD, key);
    let Some(job) = state.get(key).cloned() else { return };
    let (active, succeeded, failed) = tally(state, &pods);
    let ready = pods.iter().filter(|pod| state.get(pod).is_some_and(|pod| is_ready(pod))).count();
    let complete = succeeded >= limit(&job, "completions", 1);
    let exhausted = failed > limit(&job, "backoffLimit", 6);
    let suspended = json::get(&job, &["spec", "suspend"]) == Some(&Value::Bool(true));
    let now = state.clock.now();
    edit(state, key, |job| {
        if !suspended {
            json::set_default(job, &["status", "startTime"], now.as_str());
        }
        for (field, number) in [("active", active), ("succeeded", succeeded), ("failed", failed)] {
            if number == 0 {
                json::remove(job, &["status", field]);
            } else {
                json::set(job, &["status", field], number);
            }
        }
        json::set(job, &["status", "ready"], ready);
        json::set(job, &["status", "terminating"], 0);
        json::set(job, &["status", "uncountedTerminatedPods"], json!({}));
        if complete {
            json::set(job, &["status", "completionTime"], now.as_str());
            let reached = ("CompletionsReached", "Reached expected number of succeeded pods");
            let both = [("SuccessCriteriaMet", true, reached.0, reached.1), ("Complete", true, reached.0, reached.1)];
            conditions(job, &now, &both);
        } else if exhausted {
            let reached = ("BackoffLimitExceeded", "Job has reached the specified backoff limit");
            let both = [("FailureTarget", true, reached.0, reached.1), ("Failed", true, reached.0, reached.1)];
            conditions(job, &now, &both);
        } else if suspended {
            conditions(job, &now, &[("Suspended", true, "JobSuspended", "Job suspended")]);
        }
    });
}
