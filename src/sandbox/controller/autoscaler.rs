//! Autoscalers: nothing is measured in the sandbox, so that all that they do is to keep what they scale within their
//! range (`k8s.io/kubernetes/pkg/controller/podautoscaler`). They write `replicas` through `/scale`, and own it.

use serde_json::{Value, json};

use super::owned::conditions;
use super::{News, edit, keys};
use crate::sandbox::json;
use crate::sandbox::ownership::{self, Shape, Writer};
use crate::sandbox::served;
use crate::sandbox::state::{Key, Kind, State, kinds};

const REPLICAS: &[&str] = &["spec", "replicas"];

pub(super) fn run(state: &mut State, _news: &News) {
    for key in keys(state, &kinds::AUTOSCALER) {
        let Some(scaler) = state.get(&key).cloned() else { continue };
        let target = target(&scaler, &key.at.namespace);
        let current = target.as_ref().and_then(|target| json::number(state.get(target)?, REPLICAS));
        let wanted = current.map(|current| within(&scaler, current));
        if let (Some(target), Some(current), Some(wanted)) = (&target, current, wanted)
            && current != wanted
        {
            scale(state, target, wanted);
        }
        let now = state.clock.now();
        edit(state, &key, |scaler| tell(scaler, current, wanted, &now));
    }
}

/// What an autoscaler scales.
fn target(scaler: &Value, namespace: &str) -> Option<Key> {
    let target = json::get(scaler, &["spec", "scaleTargetRef"])?;
    Some(Key::new(&Kind::of(target)?, namespace, json::text(target, &["name"])?))
}

/// A number of replicas within the range. None are none: then it is switched off.
fn within(scaler: &Value, replicas: i64) -> i64 {
    let bound = |field| json::number(scaler, &["spec", field]);
    if replicas == 0 {
        return 0;
    }
    let least = bound("minReplicas").unwrap_or(1);
    replicas.clamp(least, bound("maxReplicas").unwrap_or(least).max(least))
}

fn scale(state: &mut State, target: &Key, replicas: i64) {
    let Some(served) = served::by_kind(state, &target.kind) else { return };
    let (version, time) = (served.api_version(), state.clock.now());
    let writer = Writer { manager: "kube-controller-manager", subresource: "scale", version: &version, time: &time };
    let Some(before) = state.get(target).cloned() else { return };
    edit(state, target, |object| {
        json::set(object, REPLICAS, replicas);
        ownership::update(&before, object, Shape::of(&served), &writer);
    });
}

fn tell(scaler: &mut Value, current: Option<i64>, wanted: Option<i64>, now: &str) {
    let name = json::text(scaler, &["spec", "scaleTargetRef", "name"]).unwrap_or_default();
    let lost = format!("the HPA controller was unable to get the target's current scale: {name:?} not found");
    let able = match current {
        Some(_) => {
            ("AbleToScale", true, "SucceededGetScale", "the HPA controller was able to get the target's current scale")
        }
        None => ("AbleToScale", false, "FailedGetScale", lost.as_str()),
    };
    let blind = "the HPA was unable to compute the replica count: nothing is measured in the sandbox";
    let active = ("ScalingActive", false, "FailedGetResourceMetric", blind);
    let told = if current.is_some() { vec![able, active] } else { vec![able] };
    conditions(scaler, now, &told);
    json::set(scaler, &["status", "currentReplicas"], current.unwrap_or_default());
    json::set(scaler, &["status", "desiredReplicas"], wanted.unwrap_or_default());
    json::set_default(scaler, &["status", "currentMetrics"], json!(null));
}
