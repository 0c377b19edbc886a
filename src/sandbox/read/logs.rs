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
    let status = status(pod, container);
    let has_ended = status.is_some_and(|status| json::get(status, &["lastState", "terminated"]).is_some());
    if call.query.is_on("previous") && !has_ended {
        let why = format!("previous terminated container {container:?} in pod {name:?} not found");
        return Err(Rejection::bad_request(why));
    }
    if let Some(reason) = status.and_then(|status| json::text(status, &["state", "waiting", "reason"]))
        && !has_ended
    {
        // The kubelet's own words for what is most often asked.
        let why = match reason {
            "ErrImagePull" => "image can't be pulled",
            "ImagePullBackOff" => "trying and failing to pull image",
            other => other,
        };
        return Err(Rejection::bad_request(format!(
            "container {container:?} in pod {name:?} is waiting to start: {why}"
        )));
    }
    let lines = Key::of(pod).and_then(|key| state.logs().get(&log_name(&key, container)));
    let mut lines = lines.map_or(&[][..], Vec::as_slice);
    if let Some(tail) = call.query.get("tailLines").and_then(|text| text.parse::<usize>().ok()) {
        lines = &lines[lines.len().saturating_sub(tail)..];
    }
    let mut text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    if let Some(most) = call.query.get("limitBytes").and_then(|text| text.parse::<usize>().ok()) {
        let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
    }
    Ok(Answer::Text(text))
}

/// What a Pod's status says of a container.
fn status<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    let of = |list: &str| json::list(pod, &["status", list]).iter();
    let mut statuses = of("initContainerStatuses").chain(of("containerStatuses"));
    statuses.find(|status| json::text(status, &["name"]) == Some(container))
}

/// Under which name the lines of a container are kept.
pub(in crate::sandbox) fn log_name(pod: &Key, container: &str) -> String {
    format!("{}/{}/{container}", pod.at.namespace, pod.at.name)
}
