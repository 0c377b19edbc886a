//! The way from the object down to the root cause, short: three Pods, their containers, a few events and log lines.

use serde::{Deserialize, Serialize};

use super::claim;
use super::container;
use super::evidence::{Evidence, name};
use super::occurrence::Occurrence;
use super::pod;
use super::workload::not_made;
use crate::object::ObjectId;
use crate::yaml::Node;

/// Pods that are shown.
const PODS: usize = 3;
/// Events that are shown of each object.
const EVENTS: usize = 3;
/// Log lines that are shown of each container.
const LINES: usize = 5;

/// One object or container on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Branch {
    /// `Deployment/web`, `container app`.
    pub about: String,
    /// How it is.
    pub state: String,
    /// What the cluster told of it, latest first.
    #[serde(default)]
    pub events: Vec<String>,
    /// The last lines that it printed.
    #[serde(default)]
    pub log: Vec<String>,
    /// What belongs to it.
    #[serde(default)]
    pub below: Vec<Self>,
}

impl Branch {
    fn new(about: String, state: impl Into<String>) -> Self {
        Self { about, state: state.into(), events: Vec::new(), log: Vec::new(), below: Vec::new() }
    }

    /// The tree as lines, indented by two blanks a level.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.write(0, &mut lines);
        lines
    }

    fn write(&self, depth: usize, lines: &mut Vec<String>) {
        let indent = "  ".repeat(depth);
        lines.push(format!("{indent}{}: {}", self.about, self.state));
        lines.extend(self.events.iter().map(|event| format!("{indent}  event {event}")));
        lines.extend(self.log.iter().map(|line| format!("{indent}  log | {line}")));
        for branch in &self.below {
            branch.write(depth + 1, lines);
        }
    }

    /// The same with every text changed.
    #[must_use]
    pub(super) fn map(self, change: &impl Fn(&str) -> String) -> Self {
        let all = |texts: Vec<String>| texts.iter().map(|text| change(text)).collect();
        Self {
            about: self.about,
            state: change(&self.state),
            events: all(self.events),
            log: all(self.log),
            below: self.below.into_iter().map(|branch| branch.map(change)).collect(),
        }
    }
}

/// The tree of an object; `why` is what its readiness says.
pub(super) fn of(id: &ObjectId, evidence: &Evidence, why: &str) -> Branch {
    let mut root = Branch::new(id.to_string(), why);
    let Some(live) = &evidence.live else { return root };
    let itself = id.is("", "Pod");
    root.events = told(&evidence.events_of(live), !itself);
    if id.is_claim() {
        return root;
    }
    if let Some(message) = not_made(id, live, evidence)
        && !root.events.iter().any(|event| event.contains(&message))
    {
        let maker = evidence.newest_set().unwrap_or(live);
        root.below.push(Branch::new(format!("ReplicaSet/{}", name(maker)), message));
    }
    let telling = evidence.telling_pods();
    let shown = telling.iter().take(PODS).map(|pod| of_pod(pod, evidence));
    if itself {
        // The Pod is the object: its containers hang on the root.
        root.below.extend(shown.flat_map(|branch| branch.below));
    } else {
        root.below.extend(shown);
    }
    if telling.len() > PODS {
        let more = telling.len() - PODS;
        let how = if evidence.troubled_pods().is_empty() { "on their way" } else { "in trouble" };
        root.below.push(Branch::new("Pods".into(), format!("{more} more {how}")));
    }
    root
}

fn of_pod(pod: &Node, evidence: &Evidence) -> Branch {
    let events = evidence.events_of(pod);
    let mut branch = Branch::new(format!("Pod/{}", name(pod)), pod::state(pod));
    // Of a Pod that is on its way all is told: what is normal says how far it is.
    let is_starting = pod::finding(pod, evidence).is_none();
    branch.events = told(&events, !is_starting);
    for container in container::all(pod, &events, evidence) {
        if !is_starting && container.finding().is_none() && container.lines.is_empty() {
            continue;
        }
        let mut below = Branch::new(format!("container {}", container.name), container.state());
        below.log = container.lines[container.lines.len().saturating_sub(LINES)..].to_vec();
        branch.below.push(below);
    }
    if pod::is_unscheduled(pod) {
        for claim in pod::claims(pod).filter_map(|claim| evidence.claim(claim)) {
            if let Some(found) = claim::finding(claim, evidence) {
                let mut below = Branch::new(format!("PersistentVolumeClaim/{}", name(claim)), found.sentence);
                below.events = told(&evidence.events_of(claim), false);
                branch.below.push(below);
            }
        }
    }
    branch
}

/// The latest events; warnings only, where what is normal tells nothing.
fn told(events: &[Occurrence], warnings: bool) -> Vec<String> {
    events.iter().filter(|event| event.is_warning || !warnings).take(EVENTS).map(Occurrence::told).collect()
}
