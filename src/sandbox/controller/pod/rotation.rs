//! A Job that changes a password inside a service: a container that reads `old` and `new` of a Secret `NAME-rotation`.
//!
//! It is played against whatever sticky image takes its password from Secret `NAME`: as a client over the network it
//! finds a password that is `new` already, changes one that is `old`, and gives up on any other. As long as nothing
//! answers it waits.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::program::Outcome;
use super::sticky::{self, Program};
use crate::sandbox::disks::hash;
use crate::sandbox::json;
use crate::sandbox::state::{Key, State, kinds};

/// Plays it; none if the container is no such Job.
pub(super) fn change(state: &mut State, pod: &Value, container: &Value) -> Option<(Outcome, Vec<String>)> {
    let namespace = json::text(pod, &["metadata", "namespace"]).unwrap_or_default();
    let [old, new] = ["old", "new"].map(|key| reference(container, key));
    let (old, new) = (old?, new?);
    let secret = new.strip_suffix("-rotation").filter(|_| old == new)?;
    let value = |key: &str| {
        let held = state.get(&Key::new(&kinds::SECRET, namespace, new))?;
        String::from_utf8(STANDARD.decode(json::text(held, &["data", key])?).ok()?).ok()
    };
    let (old, new) = (value("old")?, value("new")?);
    let services = services(state, namespace, secret);
    if services.is_empty() {
        let why = "connection refused".to_owned();
        return Some((Outcome::Unready { why: why.clone() }, vec![why]));
    }
    let mut log = Vec::new();
    for (program, service, container) in services {
        let Some((location, written)) = program.written(state, &service, &container) else { continue };
        let (name, user, has) = (written.program.clone(), written.user.clone(), written.password.clone());
        if has == hash(&location, &new) {
            log.push(format!("{user} logs in with the new password already"));
        } else if has == hash(&location, &old) {
            state.disks.change_password(&location, &name, hash(&location, &new));
            log.push(format!("changed the password of {user}"));
        } else {
            log.push(format!("{user} logs in with neither password"));
            return Some((Outcome::Ended { code: 1 }, log));
        }
    }
    Some((Outcome::Ended { code: 0 }, log))
}

/// The Secret of which a container reads that key.
fn reference<'a>(container: &'a Value, key: &str) -> Option<&'a str> {
    let references = json::list(container, &["env"]).iter();
    let mut references = references.filter_map(|one| json::get(one, &["valueFrom", "secretKeyRef"]));
    references.find_map(|one| json::text(one, &["name"]).filter(|_| json::text(one, &["key"]) == Some(key)))
}

/// The containers that run a sticky image on data of theirs, with a password from that Secret.
fn services(state: &State, namespace: &str, secret: &str) -> Vec<(&'static Program, Value, Value)> {
    let mut found = Vec::new();
    for pod in state.within(&kinds::POD, namespace) {
        for container in json::list(pod, &["spec", "containers"]) {
            let Some(program) = sticky::program(container) else { continue };
            let takes = program.takes(state, pod, container, secret);
            let runs = json::list(pod, &["status", "containerStatuses"])
                .iter()
                .any(|status| json::get(status, &["state", "running"]).is_some());
            if takes && runs && program.written(state, pod, container).is_some() {
                found.push((program, Value::clone(pod), container.clone()));
            }
        }
    }
    found
}
