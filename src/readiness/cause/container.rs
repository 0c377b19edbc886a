//! What is wrong with one container: reasons as the kubelet writes them (`pkg/kubelet/images`, `kuberuntime`).

use super::config;
use super::evidence::Evidence;
use super::finding::{Finding, Reason, Weight, container_path};
use super::image;
use super::login;
use super::occurrence::Occurrence;
use super::pod::claims;
use crate::object::FieldPath;
use crate::readiness::conditions::one_line;
use crate::readiness::count;
use crate::yaml::Node;

/// A container of a Pod, with all that is known of it.
pub(super) struct Container<'a> {
    pub(super) pod: &'a Node,
    /// `containers` or `initContainers`.
    pub(super) list: &'static str,
    pub(super) status: &'a Node,
    pub(super) name: &'a str,
    /// What is said of its Pod.
    pub(super) events: &'a [Occurrence],
    pub(super) lines: Vec<String>,
    evidence: &'a Evidence,
}

/// The containers of a Pod that have a status, those that run first too.
pub(super) fn all<'a>(pod: &'a Node, events: &'a [Occurrence], evidence: &'a Evidence) -> Vec<Container<'a>> {
    let lists = [("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")].into_iter();
    let statuses =
        lists.flat_map(|(list, statuses)| pod.list_at(&["status", statuses]).iter().map(move |it| (list, it)));
    let containers = statuses.map(|(list, status)| {
        let name = status.str_at(&["name"]).unwrap_or_default();
        Container { pod, list, status, name, events, lines: evidence.lines(pod, name), evidence }
    });
    containers.collect()
}

impl Container<'_> {
    /// What is wrong with it, if anything.
    pub(super) fn finding(&self) -> Option<Finding> {
        let found =
            match (self.at(&["state", "waiting"]), self.at(&["state", "running"]), self.at(&["state", "terminated"])) {
                (Some(waiting), ..) => self.waiting(waiting),
                (_, Some(_), _) => self.running(),
                (.., Some(ended)) => self.ended(ended),
                _ => None,
            }?;
        // What it prints of a login tells more than that it ends or does not answer.
        match found.weight {
            Weight::Unready | Weight::Ended | Weight::Crashing => Some(login::finding(&self.told()).unwrap_or(found)),
            _ => Some(found),
        }
    }

    /// What it says, and what is known of logins.
    fn told(&self) -> login::Told<'_> {
        let probes = ["startup", "readiness", "liveness"].into_iter().filter_map(|probe| self.last_try(probe));
        login::Told {
            container: self.name,
            // What it prints itself tells more than what its probe got.
            lines: probes.chain(self.lines.iter().map(String::as_str)).collect(),
            claims: claims(self.pod).collect(),
            reads: self.spec().map(reads).unwrap_or_default(),
            openers: self.evidence.openers.iter().collect(),
            release: &self.evidence.release,
        }
    }

    fn spec(&self) -> Option<&Node> {
        self.pod.list_at(&["spec", self.list]).iter().find(|it| it.str_at(&["name"]) == Some(self.name))
    }

    /// `waiting, ImagePullBackOff: …`, `running, not ready; 3 restarts`.
    pub(super) fn state(&self) -> String {
        let restarts = count(self.status, &["restartCount"]);
        let mut state = if let Some(waiting) = self.at(&["state", "waiting"]) {
            let message = waiting.str_at(&["message"]).map(one_line).unwrap_or_default();
            told(&format!("waiting, {}", waiting.str_at(&["reason"]).unwrap_or("for its turn")), &message)
        } else if self.at(&["state", "running"]).is_some() {
            if self.is_ready() { "running".to_owned() } else { "running, not ready".to_owned() }
        } else if let Some(ended) = self.at(&["state", "terminated"]) {
            format!("ended with {}", exit(ended))
        } else {
            "not started".to_owned()
        };
        if let Some(last) = self.at(&["lastState", "terminated"]) {
            state = format!("{state}; its last run ended with {}", exit(last));
        }
        match restarts {
            0 => state,
            1 => format!("{state}; 1 restart"),
            restarts => format!("{state}; {restarts} restarts"),
        }
    }

    fn at(&self, path: &[&str]) -> Option<&Node> {
        self.status.at(path)
    }

    fn is_ready(&self) -> bool {
        self.status.get("ready").and_then(Node::as_bool) == Some(true)
    }

    fn image(&self) -> &str {
        // The status may name the image by its digest; what was written stands in the spec.
        self.spec()
            .and_then(|spec| spec.str_at(&["image"]))
            .or_else(|| self.status.str_at(&["image"]))
            .unwrap_or_default()
    }

    fn field(&self, keys: &[&str]) -> FieldPath {
        keys.iter().fold(container_path(self.list, self.name), |path, key| path.key(key))
    }

    fn waiting(&self, waiting: &Node) -> Option<Finding> {
        let (name, reason) = (self.name, waiting.str_at(&["reason"]).unwrap_or_default());
        let message = waiting.str_at(&["message"]).map(one_line).unwrap_or_default();
        let pulling =
            self.events.iter().filter(|event| event.reason == "Failed" && event.message.starts_with("Failed to pull"));
        let pulling = pulling.map(|event| event.message.as_str()).find(|event| event.contains(self.image()));
        if let Some(found) = image::pull(self.image(), name, reason, &message, pulling) {
            return Some(found.in_pod(Some(self.field(&["image"]))));
        }
        Some(match reason {
            "" | "ContainerCreating" | "PodInitializing" => return None,
            "CrashLoopBackOff" => self.crashing(),
            "CreateContainerConfigError" | "CreateContainerError" => {
                config::container(self.pod, self.list, name, &message)
            }
            _ => {
                let sentence = told(&format!("container `{name}` can't be started ({reason})"), start_error(&message));
                Finding::new(Weight::Blocked, Reason::Start, sentence).in_pod(Some(self.field(&["command"])))
            }
        })
    }

    /// It runs, but nobody may use it yet.
    fn running(&self) -> Option<Finding> {
        if self.is_ready() {
            return None;
        }
        // Between two crashes it runs for a moment; that is not what is wrong with it.
        let crashed = self.at(&["lastState", "terminated"]).filter(|last| count(last, &["exitCode"]) != 0);
        let killed = self.events.iter().any(|event| event.reason == "Killing");
        if let Some(last) = crashed.filter(|_| !killed && self.last_try("startup").is_none()) {
            return Some(self.bad_end(last, Weight::Crashing));
        }
        let starting = self.status.get("started").and_then(Node::as_bool) == Some(false);
        let probe = if starting { "startup" } else { "readiness" };
        Some(self.failing(
            probe,
            &format!("container `{}` runs but does not pass its {probe} probe", self.name),
            Weight::Unready,
        ))
    }

    /// A probe that fails, with what its last try got.
    fn failing(&self, probe: &str, what: &str, weight: Weight) -> Finding {
        let sentence = told(what, self.last_try(probe).unwrap_or_default());
        let field = self.field(&[&format!("{probe}Probe")]);
        let next = format!("correct `{probe}Probe`, or give the program more time in it");
        Finding::new(weight, Reason::Probe, sentence).next(next).in_pod(Some(field))
    }

    /// `Readiness probe failed: HTTP probe failed with statuscode: 503` without its beginning.
    fn last_try(&self, probe: &str) -> Option<&str> {
        let events = self.events.iter().filter(|event| event.reason == "Unhealthy");
        let mut events =
            events.filter(|event| event.container.as_deref().is_none_or(|container| container == self.name));
        events.find_map(|event| {
            let (kind, why) = event.message.split_once(" probe ")?;
            kind.eq_ignore_ascii_case(probe).then(|| why.trim_start_matches("failed: ").trim_start_matches("errored: "))
        })
    }

    fn ended(&self, ended: &Node) -> Option<Finding> {
        // One that was started again before, and will be: between two runs there is a moment without any.
        let always = self.pod.str_at(&["spec", "restartPolicy"]).is_none_or(|policy| policy == "Always");
        let again = always && count(self.status, &["restartCount"]) > 0;
        let weight = if again { Weight::Crashing } else { Weight::Ended };
        (again || count(ended, &["exitCode"]) != 0).then(|| self.bad_end(ended, weight))
    }

    fn crashing(&self) -> Finding {
        let killed = self.events.iter().find(|event| event.reason == "Killing" && event.message.contains(" failed "));
        let about = |probe: &str| {
            killed.is_some_and(|event| event.message.contains(probe) && event.message.contains(self.name))
        };
        if let Some(probe) = ["liveness", "startup"].into_iter().find(|probe| about(probe)) {
            let what = format!(
                "container `{}` is restarted again and again, because it does not pass its {probe} probe",
                self.name
            );
            return self.failing(probe, &what, Weight::Crashing);
        }
        match self.at(&["lastState", "terminated"]) {
            Some(last) => self.bad_end(last, Weight::Crashing),
            None => Finding::new(
                Weight::Crashing,
                Reason::Crash,
                format!("container `{}` crashes again and again", self.name),
            ),
        }
    }

    /// How a run ended, and its last words.
    fn bad_end(&self, ended: &Node, weight: Weight) -> Finding {
        let (name, code) = (self.name, count(ended, &["exitCode"]));
        let again = weight == Weight::Crashing;
        if ended.str_at(&["reason"]) == Some("OOMKilled") {
            let limit = self.spec().and_then(|it| it.str_at(&["resources", "limits", "memory"]));
            let needs = limit.map_or_else(
                || "memory than the node has".to_owned(),
                |limit| format!("memory than its limit of {limit}"),
            );
            let sentence = format!(
                "container `{name}` {} killed because it needs more {needs}",
                if again { "is again and again" } else { "was" }
            );
            let next = "raise `resources.limits.memory`, or make the program need less";
            return Finding::new(weight, Reason::OutOfMemory, sentence).next(next).in_pod(Some(self.field(&[
                "resources",
                "limits",
                "memory",
            ])));
        }
        let message = ended.str_at(&["message"]).map(one_line).filter(|message| !message.is_empty());
        if matches!(ended.str_at(&["reason"]), Some("StartError" | "ContainerCannotRun")) {
            let sentence = told(
                &format!("container `{name}` can't be started"),
                start_error(message.as_deref().unwrap_or_default()),
            );
            return Finding::new(Weight::Blocked, Reason::Start, sentence).in_pod(Some(self.field(&["command"])));
        }
        let what = match (again, code) {
            (true, 0) => format!(
                "container `{name}` ends by itself and is started again and again: a server has to stay in the foreground"
            ),
            (true, _) => format!("container `{name}` crashes again and again with {}", exit(ended)),
            (false, _) => format!("container `{name}` ended with {}", exit(ended)),
        };
        let last_words = message.or_else(|| self.lines.last().cloned());
        let sentence = match last_words {
            Some(words) => format!("{what}; its last words: `{words}`"),
            None => what,
        };
        Finding::new(weight, Reason::Crash, sentence).in_pod(Some(self.field(&[])))
    }
}

/// The Secrets that a container's variables are taken from.
fn reads(container: &Node) -> Vec<&str> {
    let single = container.list_at(&["env"]).iter();
    let single = single.filter_map(|variable| variable.str_at(&["valueFrom", "secretKeyRef", "name"]));
    let whole = container.list_at(&["envFrom"]).iter().filter_map(|source| source.str_at(&["secretRef", "name"]));
    single.chain(whole).collect()
}

/// `exit code 1`, `exit code 137 (SIGKILL)`, `exit code 137 (OOMKilled)`.
pub(super) fn exit(ended: &Node) -> String {
    let code = count(ended, &["exitCode"]);
    // A shell's way to say that a signal ended it: 128 and its number.
    let signal = match count(ended, &["signal"]) {
        0 => code.checked_sub(128).filter(|signal| *signal > 0),
        signal => Some(signal),
    };
    let signal = signal.and_then(|signal| {
        let (_, name) = SIGNALS.iter().find(|(number, _)| *number == signal)?;
        Some(*name)
    });
    match (ended.str_at(&["reason"]), signal) {
        (None | Some("" | "Error" | "Completed"), None) => format!("exit code {code}"),
        (None | Some("" | "Error" | "Completed"), Some(signal)) => format!("exit code {code} ({signal})"),
        (Some(reason), _) => format!("exit code {code} ({reason})"),
    }
}

/// The signals that end programs, by their numbers on Linux (`signal(7)`).
const SIGNALS: &[(i64, &str)] = &[
    (2, "SIGINT"),
    (4, "SIGILL"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (11, "SIGSEGV"),
    (13, "SIGPIPE"),
    (15, "SIGTERM"),
];

/// What the runtime says of a program that it can't start: `exec: "x": executable file not found in $PATH` stands
/// behind several frames.
fn start_error(message: &str) -> &str {
    message.find("exec: ").map_or(message, |at| message[at..].trim_end_matches(": unknown"))
}

fn told(what: &str, message: &str) -> String {
    if message.is_empty() { what.into() } else { format!("{what}: {message}") }
}
