//! Kinds that are stored in one version and shown in another. The only one whose versions differ in more than their
//! names and that charts use in both: `autoscaling/v1`, stored as `autoscaling/v2`
//! (`k8s.io/kubernetes/pkg/apis/autoscaling/v1/conversion.go`).

use serde_json::{Value, json};

use super::json;
use super::served::Served;

const PERCENT: &[&str] = &["spec", "targetCPUUtilizationPercentage"];
const METRICS: &[&str] = &["spec", "metrics"];

fn is_old_autoscaler(served: &Served) -> bool {
    served.kind.group == "autoscaling" && served.kind.kind == "HorizontalPodAutoscaler" && served.version == "v1"
}

/// An object as it is stored, from one of the version that a request speaks.
pub(super) fn stored(object: &mut Value, served: &Served) {
    if served.kind.kind == "HorizontalPodAutoscaler" {
        json::set(object, &["apiVersion"], "autoscaling/v2");
    }
    if !is_old_autoscaler(served) {
        return;
    }
    let metric = json::remove(object, PERCENT).map(|percent| {
        json!({"type": "Resource", "resource": {"name": "cpu",
            "target": {"type": "Utilization", "averageUtilization": percent}}})
    });
    if metric.is_some() || json::get(object, METRICS).is_some() {
        let others = json::list(object, METRICS).iter().filter(|other| percent(other).is_none()).cloned();
        let metrics: Vec<Value> = metric.into_iter().chain(others).collect();
        json::set(object, METRICS, metrics);
    }
    if object.get("status").is_some() {
        json::set_default(object, &["status", "currentMetrics"], Value::Null);
    }
}

/// An object as a version shows it.
pub(super) fn shown(object: &mut Value, served: &Served) {
    json::set(object, &["apiVersion"], served.api_version());
    if !is_old_autoscaler(served) {
        return;
    }
    let metrics = json::remove(object, METRICS).unwrap_or_default();
    if let Some(percent) = metrics.as_array().into_iter().flatten().find_map(percent) {
        json::set(object, PERCENT, percent.clone());
    }
    if object.get("status").is_some() {
        json::remove(object, &["status", "currentMetrics"]);
        json::remove(object, &["status", "conditions"]);
        json::set_default(object, &["status", "currentReplicas"], 0);
    }
}

/// The share of the processor that a metric aims at.
fn percent(metric: &Value) -> Option<&Value> {
    let cpu = json::text(metric, &["resource", "name"]) == Some("cpu");
    json::get(metric, &["resource", "target", "averageUtilization"]).filter(|_| cpu)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::builtin;

    #[test]
    fn there_and_back_is_the_same() {
        let old = builtin::find(|kind| kind.kind == "HorizontalPodAutoscaler" && kind.version == "v1").unwrap();
        let new = builtin::find(|kind| kind.kind == "HorizontalPodAutoscaler" && kind.version == "v2").unwrap();
        let given = json!({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
            "spec": {"maxReplicas": 3, "targetCPUUtilizationPercentage": 60}});
        let mut object = given.clone();
        stored(&mut object, &old);
        shown(&mut object, &new);
        assert_eq!(object["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"], 60);
        shown(&mut object, &old);
        assert_eq!(object, given);
    }
}
