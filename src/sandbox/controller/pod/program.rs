//! What a container does. Images are not run: known ones are played, of all others the command tells how they end.

use serde_json::Value;

use super::environment::Environment;
use super::{client, rotation, sticky};
use crate::sandbox::controller::events::{note_of, warn_of};
use crate::sandbox::json;
use crate::sandbox::read::logs::log_name;
use crate::sandbox::state::{Key, State};

/// How far a container gets.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// It could not be started: reason and message of the waiting state.
    Waiting { reason: &'static str, message: String },
    /// It runs. When it is not ready, `why` is the last line that its failed probe or last run printed.
    Running { ready: bool, why: String },
    /// It runs and its readiness probe fails: the last line that the probe printed.
    Unready { why: String },
    /// It ends with an error each time it is started.
    Crashing { code: i64, why: String },
    /// It came to its end and is not started again.
    Ended { code: i64 },
}

/// Starts a container.
pub(super) fn play(state: &mut State, key: &Key, pod: &Value, container: &Value) -> Outcome {
    let name = json::text(container, &["name"]).unwrap_or_default();
    let image = json::text(container, &["image"]).unwrap_or_default();
    if has_invalid_name(image) {
        let why =
            format!("couldn't parse image name {image:?}: invalid reference format: repository name must be lowercase");
        warn_of(state, pod, container, "InspectFailed", &format!("Failed to apply default image tag {image:?}: {why}"));
        let message = format!("Failed to apply default image tag {image:?}: {why}");
        return Outcome::Waiting { reason: "InvalidImageName", message };
    }
    if let Some(why) = unpullable(image) {
        let back_off = format!("Back-off pulling image {image:?}");
        for words in
            [&format!("Failed to pull image {image:?}: {why}"), "Error: ErrImagePull", "Error: ImagePullBackOff"]
        {
            warn_of(state, pod, container, "Failed", words);
        }
        note_of(state, pod, container, "BackOff", &back_off);
        let message = format!("{back_off}: ErrImagePull: {why}");
        return Outcome::Waiting { reason: "ImagePullBackOff", message };
    }
    let environment = match Environment::read(state, pod, container) {
        Ok(environment) => environment,
        Err(message) => {
            warn_of(state, pod, container, "Failed", &format!("Error: {message}"));
            return Outcome::Waiting { reason: "CreateContainerConfigError", message };
        }
    };
    let (outcome, log) = act(state, pod, container, &environment);
    let outcome = probed(state, pod, container, outcome);
    match &outcome {
        Outcome::Crashing { .. } => {
            let uid = json::text(pod, &["metadata", "uid"]).unwrap_or_default();
            let message = format!(
                "Back-off restarting failed container {name} in pod {}_{}({uid})",
                key.at.name, key.at.namespace
            );
            warn_of(state, pod, container, "BackOff", &message);
        }
        Outcome::Running { ready: false, why } => {
            warn_of(state, pod, container, "Unhealthy", &format!("Startup probe failed: {why}"));
        }
        _ => {}
    }
    state.print(&log_name(key, name), Some(log));
    outcome
}

/// What the probes say of a container that runs. Only commands can be told to fail: `exec` probes of `false` or with an
/// `exit N` in them.
fn probed(state: &mut State, pod: &Value, container: &Value, outcome: Outcome) -> Outcome {
    if !matches!(outcome, Outcome::Running { ready: true, .. }) {
        return outcome;
    }
    let failing =
        |probe: &str| json::get(container, &[probe, "exec"]).and_then(exit_code).is_some_and(|code| code != 0);
    let why = |probe: &str| {
        let said = json::get(container, &[probe, "exec"]).map(said);
        said.unwrap_or_default().pop().unwrap_or_default()
    };
    if failing("startupProbe") {
        return Outcome::Running { ready: false, why: why("startupProbe") };
    }
    for (probe, word) in [("livenessProbe", "Liveness"), ("readinessProbe", "Readiness")] {
        if failing(probe) {
            let why = why(probe);
            warn_of(state, pod, container, "Unhealthy", &format!("{word} probe failed: {why}"));
            return if probe == "livenessProbe" {
                // Killed, and started again.
                Outcome::Crashing { code: 137, why }
            } else {
                Outcome::Unready { why }
            };
        }
    }
    outcome
}

/// What an image does with its environment, and what it prints.
fn act(state: &mut State, pod: &Value, container: &Value, environment: &Environment) -> (Outcome, Vec<String>) {
    if let Some(answer) = rotation::change(state, pod, container) {
        return answer;
    }
    if let Some(program) = sticky::program(container) {
        return sticky::start(state, pod, container, environment, program);
    }
    if let Some(answer) = client::connect(state, pod, environment) {
        return answer;
    }
    let once = json::text(pod, &["spec", "restartPolicy"]) != Some("Always");
    let always = json::text(container, &["restartPolicy"]) == Some("Always");
    let init = json::list(pod, &["spec", "initContainers"]).contains(container);
    let ends = (once || init) && !always;
    match (exit_code(container), ends) {
        (Some(0), true) => (Outcome::Ended { code: 0 }, Vec::new()),
        // A server that ends is started again and again, even when it ends well.
        (Some(code), _) => {
            let mut log = said(container);
            if log.is_empty() {
                log.push(format!("exited with code {code}"));
            }
            let never = json::text(pod, &["spec", "restartPolicy"]) == Some("Never");
            let outcome = if never && code != 0 {
                Outcome::Ended { code }
            } else {
                Outcome::Crashing { code, why: log.last().cloned().unwrap_or_default() }
            };
            (outcome, log)
        }
        (None, true) if !sleeps(container) => (Outcome::Ended { code: 0 }, Vec::new()),
        (None, _) => (Outcome::Running { ready: true, why: String::new() }, Vec::new()),
    }
}

/// Whether a kubelet finds no image behind a name: capitals before the tag (`distribution/reference`).
fn has_invalid_name(image: &str) -> bool {
    let (path, last) = image.rsplit_once('/').unwrap_or(("", image));
    // A registry's host may have capitals.
    let folders = path.split('/').skip(usize::from(path.contains(['.', ':'])));
    let name = last.split(['@', ':']).next().unwrap_or_default();
    folders.chain([name]).any(|part| part.chars().any(char::is_uppercase))
}

/// Why an image can't be had: names with `does-not-exist` in them, and registries below `.invalid` (RFC 6761).
fn unpullable(image: &str) -> Option<String> {
    let failed = |code: &str, why: &str| {
        Some(format!(
            "rpc error: code = {code} desc = failed to pull and unpack image {image:?}: failed to resolve reference \
             {image:?}: {why}"
        ))
    };
    let registry = image.split('/').next().filter(|_| image.contains('/')).unwrap_or_default();
    let host = registry.split(':').next().unwrap_or_default();
    if host == "invalid" || host.ends_with(".invalid") {
        let why =
            format!("failed to do request: Head \"https://{registry}/v2/\": dial tcp: lookup {host}: no such host");
        return failed("Unknown", &why);
    }
    if image.contains("does-not-exist") { failed("NotFound", &format!("{image}: not found")) } else { None }
}

fn words(container: &Value) -> Vec<&str> {
    let parts = ["command", "args"].into_iter().flat_map(|field| json::list(container, &[field]));
    parts.filter_map(Value::as_str).flat_map(str::split_whitespace).collect()
}

/// The code that a command (of a container or of a probe) says it ends with: `true`, `false`, `… exit 3`.
fn exit_code(container: &Value) -> Option<i64> {
    let words = words(container);
    let program = words.first().map(|word| word.rsplit('/').next().unwrap_or(word));
    match program {
        Some("false") => return Some(1),
        Some("true") => return Some(0),
        _ => {}
    }
    let at = words.iter().rposition(|word| *word == "exit")?;
    words.get(at + 1)?.trim_matches(['"', '\'', ';']).parse().ok()
}

/// What a command (of a container or of a probe) prints: the words behind each `echo`.
fn said(command: &Value) -> Vec<String> {
    let parts = ["command", "args"].into_iter().flat_map(|field| json::list(command, &[field]));
    let pieces = parts.filter_map(Value::as_str).flat_map(|part| part.split([';', '&', '|', '\n']));
    let words = pieces.filter_map(|piece| piece.trim().strip_prefix("echo "));
    words.map(|words| words.trim().trim_matches(['"', '\'']).to_owned()).collect()
}

fn sleeps(container: &Value) -> bool {
    words(container).contains(&"sleep")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn commands_say_how_they_end() {
        let code = |command: Value| exit_code(&json!({"command": command}));
        assert_eq!(code(json!(["/bin/false"])), Some(1));
        assert_eq!(code(json!(["sh", "-c", "echo x; exit 3"])), Some(3));
        assert_eq!(code(json!(["sh", "-c", "migrate"])), None);
        assert_eq!(said(&json!({"command": ["sh", "-c", "echo 'it is so'; echo no && exit 3"]})), ["it is so", "no"]);
        assert!(unpullable("registry.invalid/x:1").is_some());
        assert!(unpullable("invalid:1").is_none());
        assert!(has_invalid_name("Web:1") && has_invalid_name("registry.test/Shop/web"));
        assert!(!has_invalid_name("web:V1") && !has_invalid_name("Registry.test:5000/shop/web:1"));
        assert!(unpullable("nginx-does-not-exist").is_some());
    }
}
