//! `pods/log`: what a container printed.

use serde_json::Value;

use crate::sandbox::http::{Answer, Call};
use crate::sandbox::json;
use crate::sandbox::rejection::Rejection;
use crate::sandbox::state::{Key, State};

/// The lines of a container; of the only one if none is named.
pub(super) fn answer(state: &State, pod: &Value, call: &Call) -> Result<Answer, Rejection> {
    let name = json::text(pod, &["metadata", "name"]).unwrap_or_default();
    let names = |list: &str| -> Vec<&str> {
        json::list(pod, &["spec", list]).iter().filter_map(|container| json::text(container, &["name"])).collect()
    };
    let (init, main) = (names("initContainers"), names("containers"));
    let container = match (call.query.get("container"), main.as_slice()) {
        (Some(wanted), _) if init.contains(&wanted) || main.contains(&wanted) => wanted,
        (Some(wanted), _) => {
            return Err(Rejection::bad_request(format!("container {wanted} is not valid for pod {name}")));
        }
        (None, [only]) => only,
        (None, _) => {
            let all = main.join(" ");
            return Err(Rejection::bad_request(format!(
                "a container name must be specified for pod {name}, choose one of: [{all}]"
            )));
        }
    };
    if let Some(reason) = waiting(pod, container)
        && reason != "CrashLoopBackOff"
    {
        return Err(Rejection::bad_request(format!(
            "container {container:?} in pod {name:?} is waiting to start: {reason}"
        )));
    }
    let lines = Key::of(pod).and_then(|key| state.logs().get(&log_name(&key, container)));
    let mut lines = lines.map_or(&[][..], Vec::as_slice);
    if let Some(tail) = call.query.get("tailLines").and_then(|text| text.parse::<usize>().ok()) {
        lines = &lines[lines.len().saturating_sub(tail)..];
    }
    Ok(Answer::Text(lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()))
}

/// Why a container waits; none if it does not.
fn waiting<'a>(pod: &'a Value, container: &str) -> Option<&'a str> {
    let statuses = json::list(pod, &["status", "containerStatuses"]);
    let status = statuses.iter().find(|status| json::text(status, &["name"]) == Some(container))?;
    json::text(status, &["state", "waiting", "reason"])
}

/// Under which name the lines of a container are kept.
pub(in crate::sandbox) fn log_name(pod: &Key, container: &str) -> String {
    format!("{}/{}/{container}", pod.at.namespace, pod.at.name)
}
