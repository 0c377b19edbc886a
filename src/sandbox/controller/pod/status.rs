//! The status of a Pod and its containers, as a kubelet writes it.

use serde_json::{Value, json};

use super::program::Outcome;
use crate::sandbox::controller::owned::conditions;
use crate::sandbox::controller::uid;
use crate::sandbox::json;
use crate::sandbox::seed::NODE;

/// A Pod that no node takes.
pub(super) fn unplaced(pod: &mut Value, why: &str, now: &str) {
    json::set(pod, &["status", "phase"], "Pending");
    conditions(pod, now, &[("PodScheduled", false, "Unschedulable", why)]);
}

/// A Pod on its node.
pub(super) fn placed(pod: &mut Value, now: &str) {
    json::set(pod, &["spec", "nodeName"], NODE);
    let address = address(pod);
    let generation = json::get(pod, &["metadata", "generation"]).cloned().unwrap_or_default();
    json::set(pod, &["status", "observedGeneration"], generation);
    json::set_default(pod, &["status", "phase"], "Pending");
    json::set_default(pod, &["status", "startTime"], now);
    json::set_default(pod, &["status", "hostIP"], "192.0.2.1");
    json::set_default(pod, &["status", "podIP"], address.as_str());
    json::set_default(pod, &["status", "podIPs"], json!([{"ip": address}]));
    json::set_default(pod, &["status", "qosClass"], quality(pod));
}

/// An address of 10.244.0.0/16 from the Pod's uid. Two Pods may share one: nothing is sent there.
fn address(pod: &Value) -> String {
    let byte = |at: usize| uid(pod).get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(1);
    format!("10.244.{}.{}", byte(0), byte(2).clamp(1, 254))
}

/// `Guaranteed`, `Burstable` or `BestEffort`.
fn quality(pod: &Value) -> &'static str {
    let containers = json::list(pod, &["spec", "containers"]);
    let resource =
        |container: &Value, kind: &str, name: &str| json::get(container, &["resources", kind, name]).cloned();
    let guaranteed = containers.iter().all(|container| {
        ["cpu", "memory"].iter().all(|name| {
            let limit = resource(container, "limits", name);
            limit.is_some() && limit == resource(container, "requests", name)
        })
    });
    let some = containers.iter().any(|container| {
        ["limits", "requests"].iter().any(|kind| {
            json::get(container, &["resources", kind]).and_then(Value::as_object).is_some_and(|map| !map.is_empty())
        })
    });
    if guaranteed && some {
        "Guaranteed"
    } else if some {
        "Burstable"
    } else {
        "BestEffort"
    }
}

/// A Pod whose volumes are not there yet.
pub(super) fn creating(pod: &mut Value, now: &str) {
    let waiting = |container: &Value| {
        json!({"name": container.get("name"), "image": container.get("image"), "imageID": "", "ready": false,
            "started": false, "restartCount": 0, "lastState": {},
            "state": {"waiting": {"reason": "ContainerCreating"}}})
    };
    let statuses: Vec<Value> = json::list(pod, &["spec", "containers"]).iter().map(waiting).collect();
    json::set(pod, &["status", "containerStatuses"], statuses);
    sum_up(pod, json::list(pod, &["spec", "initContainers"]).is_empty(), now);
}

/// What a container's status says, if it is one that stays: it works, or it has ended.
pub(super) fn settled(status: &Value) -> Option<Outcome> {
    if let Some(ended) = json::get(status, &["state", "terminated"]) {
        return Some(Outcome::Ended { code: json::number(ended, &["exitCode"]).unwrap_or_default() });
    }
    let works = json::get(status, &["state", "running"]).is_some() && status.get("ready") == Some(&Value::Bool(true));
    works.then(|| Outcome::Running { ready: true, why: String::new() })
}

/// Writes the statuses of containers; what did not change keeps its times.
pub(super) fn write(pod: &mut Value, list: &str, outcomes: &[(Value, Outcome)], now: &str) {
    if outcomes.is_empty() {
        return;
    }
    let before = json::list(pod, &["status", list]).to_vec();
    let statuses: Vec<Value> = outcomes
        .iter()
        .map(|(container, outcome)| {
            let old = before.iter().find(|old| old.get("name") == container.get("name"));
            status(pod, list, container, outcome, old, now)
        })
        .collect();
    json::set(pod, &["status", list], statuses);
}

fn status(pod: &Value, list: &str, container: &Value, outcome: &Outcome, old: Option<&Value>, now: &str) -> Value {
    let image = json::text(container, &["image"]).unwrap_or_default();
    let ready = match outcome {
        Outcome::Running { ready, .. } => *ready,
        // One that prepares the others has then done its part; of these, one that has ended serves nobody.
        Outcome::Ended { code } => *code == 0 && list == "initContainerStatuses",
        _ => false,
    };
    let running = json!({"running": {"startedAt": now}});
    let ended = |code: i64, reason: &str, why: &str| {
        let mut ended =
            json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": now, "finishedAt": now}});
        // Nobody wrote a message, unless the last words count as one.
        if !why.is_empty() && json::text(container, &["terminationMessagePolicy"]) == Some("FallbackToLogsOnError") {
            json::set(&mut ended, &["terminated", "message"], why);
        }
        ended
    };
    let name = json::text(container, &["name"]).unwrap_or_default();
    let (state, last) = match outcome {
        Outcome::Waiting { reason, message } => (json!({"waiting": {"reason": reason, "message": message}}), json!({})),
        Outcome::Running { ready: true, .. } | Outcome::Unready { .. } => (running, json!({})),
        // Killed when its startup probe had failed too often, and started again.
        Outcome::Running { ready: false, why } => (running, ended(143, "Error", why)),
        Outcome::Crashing { code, why } => {
            let of = |field: &str| json::text(pod, &["metadata", field]).unwrap_or_default();
            let pod = format!("{}_{}({})", of("name"), of("namespace"), of("uid"));
            let message = format!("back-off 10s restarting failed container={name} pod={pod}");
            let reason = if *code == 0 { "Completed" } else { "Error" };
            (json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}}), ended(*code, reason, why))
        }
        Outcome::Ended { code } => (ended(*code, if *code == 0 { "Completed" } else { "Error" }, ""), json!({})),
    };
    let restarts = i64::from(last.as_object().is_some_and(|last| !last.is_empty()));
    let restarts = restarts.max(old.and_then(|old| json::number(old, &["restartCount"])).unwrap_or_default());
    let id = if matches!(outcome, Outcome::Waiting { .. }) { String::new() } else { format!("{image}@sandbox") };
    let new = json!({"name": name, "image": image, "imageID": id, "ready": ready, "restartCount": restarts,
        "started": matches!(outcome, Outcome::Running { ready: true, .. } | Outcome::Unready { .. }), "state": state, "lastState": last});
    match old {
        Some(old) if untimed(old) == untimed(&new) => old.clone(),
        _ => new,
    }
}

fn untimed(status: &Value) -> Value {
    let mut status = status.clone();
    for state in ["state", "lastState"] {
        json::remove(&mut status, &[state, "running", "startedAt"]);
        json::remove(&mut status, &[state, "terminated", "startedAt"]);
        json::remove(&mut status, &[state, "terminated", "finishedAt"]);
    }
    status
}

/// Phase and conditions from what the containers do.
pub(super) fn sum_up(pod: &mut Value, initialised: bool, now: &str) {
    let wanted = json::list(pod, &["spec", "containers"]).len();
    let statuses = json::list(pod, &["status", "containerStatuses"]);
    let of = |path: &[&str]| statuses.iter().filter(|status| json::get(status, path).is_some()).count();
    let (running, ended) = (of(&["state", "running"]), of(&["state", "terminated"]));
    let failed = statuses
        .iter()
        .any(|status| json::number(status, &["state", "terminated", "exitCode"]).is_some_and(|code| code != 0));
    let init_failed = json::list(pod, &["status", "initContainerStatuses"])
        .iter()
        .any(|status| json::number(status, &["state", "terminated", "exitCode"]).is_some_and(|code| code != 0));
    let restarted = of(&["lastState", "terminated"]);
    let never = json::text(pod, &["spec", "restartPolicy"]) == Some("Never");
    let over = ended == wanted && wanted > 0;
    let phase = if (over && failed) || (init_failed && never) {
        "Failed"
    } else if over {
        "Succeeded"
    } else if running + restarted + ended > 0 {
        "Running"
    } else {
        "Pending"
    };
    let unready: Vec<&str> = statuses
        .iter()
        .filter(|status| status.get("ready") != Some(&Value::Bool(true)))
        .filter_map(|status| json::text(status, &["name"]))
        .collect();
    let ready = !over && initialised && statuses.len() == wanted && unready.is_empty();
    let names = if statuses.is_empty() { Vec::new() } else { unready };
    let message = format!("containers with unready status: [{}]", names.join(" "));
    let (reason, message) = match (ready, over) {
        (true, _) => ("", ""),
        (false, true) => ("PodCompleted", ""),
        (false, false) => ("ContainersNotReady", message.as_str()),
    };
    let incomplete = match (initialised, phase) {
        (false, _) => ("ContainersNotInitialized", "containers with incomplete status"),
        (true, "Succeeded") => ("PodCompleted", ""),
        (true, _) => ("", ""),
    };
    json::set(pod, &["status", "phase"], phase);
    conditions(
        pod,
        now,
        &[
            ("PodReadyToStartContainers", !over, "", ""),
            ("Initialized", initialised, incomplete.0, incomplete.1),
            ("Ready", ready, reason, message),
            ("ContainersReady", ready, reason, message),
            ("PodScheduled", true, "", ""),
        ],
    );
}
