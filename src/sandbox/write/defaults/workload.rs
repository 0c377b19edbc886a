//! Defaults of workloads.

use serde_json::{Value, json};

use super::{defaults, pod};
use crate::sandbox::json;

const TEMPLATE: &[&str] = &["spec", "template"];

pub(super) fn deployment(object: &mut Value) {
    pod::template(object, TEMPLATE);
    defaults(
        object,
        &[
            (&["spec", "replicas"], json!(1)),
            (&["spec", "strategy", "type"], json!("RollingUpdate")),
            (&["spec", "revisionHistoryLimit"], json!(10)),
            (&["spec", "progressDeadlineSeconds"], json!(600)),
        ],
    );
    if json::text(object, &["spec", "strategy", "type"]) == Some("RollingUpdate") {
        json::set_default(object, &["spec", "strategy", "rollingUpdate", "maxSurge"], "25%");
        json::set_default(object, &["spec", "strategy", "rollingUpdate", "maxUnavailable"], "25%");
    }
}

pub(super) fn replica_set(object: &mut Value) {
    pod::template(object, TEMPLATE);
    json::set_default(object, &["spec", "replicas"], 1);
}

pub(super) fn stateful_set(object: &mut Value) {
    pod::template(object, TEMPLATE);
    if json::text(object, &["spec", "updateStrategy", "type"]).is_none() {
        json::set(object, &["spec", "updateStrategy", "type"], "RollingUpdate");
        json::set_default(object, &["spec", "updateStrategy", "rollingUpdate"], json!({}));
    }
    defaults(
        object,
        &[
            (&["spec", "replicas"], json!(1)),
            (&["spec", "podManagementPolicy"], json!("OrderedReady")),
            (&["spec", "revisionHistoryLimit"], json!(10)),
            (&["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"], json!("Retain")),
            (&["spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"], json!("Retain")),
            (&["spec", "serviceName"], json!("")),
        ],
    );
    // Not when the type was given without them.
    if json::get(object, &["spec", "updateStrategy", "rollingUpdate"]).is_some() {
        json::set_default(object, &["spec", "updateStrategy", "rollingUpdate", "partition"], 0);
        json::set_default(object, &["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"], 1);
    }
    if json::get(object, &["spec", "volumeClaimTemplates"]).is_some_and(Value::is_array) {
        for claim in
            json::list_at(object, &["spec", "volumeClaimTemplates"]).iter_mut().filter(|claim| claim.is_object())
        {
            defaults(
                claim,
                &[
                    (&["apiVersion"], json!("v1")),
                    (&["kind"], json!("PersistentVolumeClaim")),
                    (&["spec", "volumeMode"], json!("Filesystem")),
                    (&["status"], json!({"phase": "Pending"})),
                ],
            );
        }
    }
}

pub(super) fn daemon_set(object: &mut Value, before: Option<&Value>) {
    const GENERATION: &[&str] = &["metadata", "annotations", "deprecated.daemonset.template.generation"];
    pod::template(object, TEMPLATE);
    json::set_default(object, &["spec", "updateStrategy", "type"], "RollingUpdate");
    json::set_default(object, &["spec", "revisionHistoryLimit"], 10);
    if json::text(object, &["spec", "updateStrategy", "type"]) == Some("RollingUpdate") {
        json::set_default(object, &["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"], 1);
        json::set_default(object, &["spec", "updateStrategy", "rollingUpdate", "maxSurge"], 0);
    }
    let last = before.and_then(|before| json::text(before, GENERATION)?.parse::<u64>().ok()).unwrap_or_default();
    let changed = before.is_none_or(|before| json::get(before, TEMPLATE) != json::get(object, TEMPLATE));
    json::set(object, GENERATION, (last + u64::from(changed)).to_string());
}

/// A Job selects its Pods by its own uid, which only the server knows.
pub(super) fn job(object: &mut Value, before: Option<&Value>) {
    pod::template(object, TEMPLATE);
    // A Job without labels gets its template's, those that are made below included.
    let unlabelled = json::get(object, &["metadata", "labels"]).is_none();
    let labelled_template = json::get(object, &["spec", "template", "metadata", "labels"]).is_some();
    job_spec(object);
    match before {
        None => {
            let uid = json::text(object, &["metadata", "uid"]).unwrap_or_default().to_owned();
            let name = json::text(object, &["metadata", "name"]).unwrap_or_default().to_owned();
            if json::get(object, &["spec", "manualSelector"]) == Some(&Value::Bool(true)) {
                return;
            }
            for (label, value) in [
                ("batch.kubernetes.io/controller-uid", &uid),
                ("batch.kubernetes.io/job-name", &name),
                ("controller-uid", &uid),
                ("job-name", &name),
            ] {
                json::set(object, &["spec", "template", "metadata", "labels", label], value.as_str());
            }
            json::set(object, &["spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid"], uid);
            if unlabelled && labelled_template {
                let labels = json::get(object, &["spec", "template", "metadata", "labels"]).cloned();
                json::set(object, &["metadata", "labels"], labels);
            }
        }
        // A PUT that leaves out what the server generated keeps it.
        Some(before) => {
            if let Some(selector) = json::get(before, &["spec", "selector"]) {
                json::set_default(object, &["spec", "selector"], selector.clone());
            }
            for (label, value) in json::texts(before, &["spec", "template", "metadata", "labels"]) {
                if label.ends_with("controller-uid") || label.ends_with("job-name") {
                    json::set_default(object, &["spec", "template", "metadata", "labels", label], value);
                }
            }
        }
    }
}

pub(super) fn cron_job(object: &mut Value) {
    pod::template(object, &["spec", "jobTemplate", "spec", "template"]);
    json::set_default(object, &["spec", "jobTemplate", "metadata"], json!({}));
    defaults(
        object,
        &[
            (&["spec", "concurrencyPolicy"], json!("Allow")),
            (&["spec", "suspend"], json!(false)),
            (&["spec", "successfulJobsHistoryLimit"], json!(3)),
            (&["spec", "failedJobsHistoryLimit"], json!(1)),
        ],
    );
}

fn job_spec(object: &mut Value) {
    if json::get(object, &["spec", "parallelism"]).is_none() {
        json::set_default(object, &["spec", "completions"], 1);
    }
    for (field, value) in [
        ("parallelism", json!(1)),
        ("manualSelector", json!(false)),
        ("backoffLimit", json!(6)),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("podReplacementPolicy", json!("TerminatingOrFailed")),
    ] {
        json::set_default(object, &["spec", field], value);
    }
}
