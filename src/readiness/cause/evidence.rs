//! What was gathered around an object that is not ready, and what is still worth asking for.

use std::cmp::Reverse;

use super::finding::{Finding, Weight};
use super::occurrence::{Occurrence, aggregated};
use super::opener::Opener;
use super::pod;
use crate::object::ObjectId;
use crate::readiness::glance::stage;
use crate::yaml::Node;

/// Pods that are looked at in detail: a hundred replicas of one workload have the same trouble.
const MOST_PODS: usize = 3;
/// Lines that are kept of a container's log.
const MOST_LINES: usize = 8;

/// Everything that is known of an object and of what belongs to it. What could not be read is simply not there.
#[derive(Clone, Default)]
pub struct Evidence {
    /// How commands name the release: `web -n shop`.
    pub release: String,
    /// What opens which claim, in the namespace of the object.
    pub openers: Vec<Opener>,
    /// The object as it lives; none when it does not.
    pub live: Option<Node>,
    /// The `ReplicaSets` that a Deployment selects.
    pub sets: Vec<Node>,
    /// The Pods that a workload selects; for a Pod itself.
    pub pods: Vec<Node>,
    /// Claims of Pods that no node takes; for a claim itself.
    pub claims: Vec<Node>,
    /// All storage classes; none if they may not be read or nobody needs them.
    pub classes: Option<Vec<Node>>,
    /// Events about any of these.
    pub events: Vec<Node>,
    /// What containers printed.
    pub logs: Vec<Log>,
}

/// The end of what a container printed.
#[derive(Clone)]
pub struct Log {
    /// Which Pod.
    pub pod: String,
    /// Which container.
    pub container: String,
    /// Its text, as it was printed.
    pub text: String,
}

/// A log that is worth reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogWanted {
    /// Which Pod.
    pub pod: String,
    /// Which container.
    pub container: String,
    /// Whether that of its run before, which ended, tells more than that of the present one.
    pub previous: bool,
    /// Whether a run before has ended: it may begin again while it is asked, and then has nothing to tell yet.
    pub has_ended: bool,
}

/// What to ask for next, once object, sets and Pods are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Uids of objects whose events tell.
    pub events_of: Vec<String>,
    /// Logs of containers in trouble.
    pub logs: Vec<LogWanted>,
    /// Claims to look at, and their classes with them.
    pub claims: Vec<String>,
}

impl Evidence {
    /// The latest warning among events: `FailedMount: MountVolume.SetUp failed …`.
    pub fn last_warning(events: &[Node]) -> Option<String> {
        aggregated(events.iter()).iter().find(|event| event.is_warning).map(Occurrence::told)
    }

    /// What is worth asking for now.
    pub fn wanted(&self, id: &ObjectId) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.events_of.extend(self.live.iter().chain(self.newest_set()).map(uid).map(str::to_owned));
        if id.is_claim() {
            wanted.claims.push(id.name.clone());
        }
        for pod in self.telling_pods().into_iter().take(MOST_PODS) {
            if !wanted.events_of.iter().any(|known| known == uid(pod)) {
                wanted.events_of.push(uid(pod).to_owned());
            }
            wanted.logs.extend(pod::logs_wanted(pod));
            if pod::is_unscheduled(pod) {
                wanted.claims.extend(
                    pod::claims(pod)
                        .filter(|claim| !wanted.claims.iter().any(|known| known == claim))
                        .map(str::to_owned)
                        .collect::<Vec<_>>(),
                );
            }
        }
        wanted
    }

    /// The ReplicaSet of a Deployment's newest revision (`deployment.kubernetes.io/revision`).
    pub(super) fn newest_set(&self) -> Option<&Node> {
        let owner = self.live.as_ref().map(uid)?;
        let revision = |set: &&Node| -> i64 {
            let text = set.str_at(&["metadata", "annotations", "deployment.kubernetes.io/revision"]);
            text.and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        self.sets.iter().filter(|set| owners(set).any(|uid| uid == owner)).max_by_key(revision)
    }

    /// The Pods of the newest revision that are not being deleted: what an older one does says nothing of it.
    pub(super) fn pods_now(&self) -> Vec<&Node> {
        self.staying().filter(|pod| self.is_newest(pod)).collect()
    }

    /// Those of older revisions.
    pub(super) fn pods_before(&self) -> Vec<&Node> {
        self.staying().filter(|pod| !self.is_newest(pod)).collect()
    }

    fn staying(&self) -> impl Iterator<Item = &Node> {
        self.pods.iter().filter(|pod| pod.at(&["metadata", "deletionTimestamp"]).is_none())
    }

    fn is_newest(&self, pod: &Node) -> bool {
        if let Some(set) = self.newest_set() {
            return owners(pod).any(|owner| owner == uid(set));
        }
        let wanted = self.live.as_ref().and_then(|live| live.str_at(&["status", "updateRevision"]));
        let has = pod.str_at(&["metadata", "labels", "controller-revision-hash"]);
        wanted.zip(has).is_none_or(|(wanted, has)| wanted == has)
    }

    /// The Pods in trouble, the most telling first; of the newest revision if that has any.
    pub(super) fn troubled_pods(&self) -> Vec<&Node> {
        [self.pods_now(), self.pods_before()]
            .into_iter()
            .map(|pods| self.troubled(pods))
            .find(|pods| !pods.is_empty())
            .unwrap_or_default()
    }

    /// The Pods of the newest revision that are on their way, with nothing wrong that is known.
    pub(super) fn starting_pods(&self) -> Vec<&Node> {
        let mut pods = self.pods_now();
        pods.retain(|pod| stage(pod).is_some() && pod::finding(pod, self).is_none());
        pods.sort_by_key(|pod| name(pod));
        pods
    }

    /// The Pods that are worth a look: those in trouble; where there are none, those that are on their way.
    pub(super) fn telling_pods(&self) -> Vec<&Node> {
        let troubled = self.troubled_pods();
        if troubled.is_empty() { self.starting_pods() } else { troubled }
    }

    fn troubled<'a>(&self, pods: Vec<&'a Node>) -> Vec<&'a Node> {
        let mut found: Vec<(Weight, &Node)> =
            pods.into_iter().filter_map(|pod| Some((pod::finding(pod, self)?.weight, pod))).collect();
        found.sort_by_key(|(weight, pod)| (Reverse(*weight), name(pod)));
        found.into_iter().map(|(_, pod)| pod).collect()
    }

    /// The heaviest finding among Pods.
    pub(super) fn worst(&self, pods: &[&Node]) -> Option<Finding> {
        let findings = pods.iter().filter_map(|pod| Some((pod::finding(pod, self)?, name(pod))));
        // Of equal ones the first by name, so that the same is told each time.
        findings
            .max_by(|(a, first), (b, second)| a.weight.cmp(&b.weight).then_with(|| second.cmp(first)))
            .map(|(found, _)| found)
    }

    /// The events about an object, aggregated, latest first.
    pub(super) fn events_of(&self, object: &Node) -> Vec<Occurrence> {
        let kind = object.str_at(&["kind"]);
        let about = |event: &&Node| {
            let involved = |key| event.str_at(&["involvedObject", key]);
            match involved("uid") {
                Some(about) => about == uid(object),
                None => involved("name") == Some(name(object)) && involved("kind") == kind,
            }
        };
        aggregated(self.events.iter().filter(about))
    }

    /// The last lines that a container printed, without control characters.
    pub(super) fn lines(&self, pod: &Node, container: &str) -> Vec<String> {
        let log = self.logs.iter().find(|log| log.pod == name(pod) && log.container == container);
        let lines: Vec<String> =
            log.map_or("", |log| log.text.as_str()).lines().map(printable).filter(|line| !line.is_empty()).collect();
        lines[lines.len().saturating_sub(MOST_LINES)..].to_vec()
    }

    /// A claim by its name.
    pub(super) fn claim(&self, claim: &str) -> Option<&Node> {
        self.claims.iter().find(|node| name(node) == claim)
    }
}

/// The name of an object.
pub(super) fn name(object: &Node) -> &str {
    object.str_at(&["metadata", "name"]).unwrap_or_default()
}

/// The uid of an object.
pub(super) fn uid(object: &Node) -> &str {
    object.str_at(&["metadata", "uid"]).unwrap_or_default()
}

fn owners(object: &Node) -> impl Iterator<Item = &str> {
    object.list_at(&["metadata", "ownerReferences"]).iter().filter_map(|owner| owner.str_at(&["uid"]))
}

/// A line as it may be shown: no escape sequences (ECMA-48), no other control characters.
fn printable(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                while chars.next().is_some_and(|next| !('@'..='~').contains(&next)) {}
            }
            // An operating system command ends with BEL or ESC \.
            '\u{1b}' if chars.next_if_eq(&']').is_some() => {
                while chars.next().is_some_and(|next| !matches!(next, '\u{7}' | '\\')) {}
            }
            '\u{1b}' => drop(chars.next()),
            '\t' => shown.push(' '),
            char if char.is_control() => {}
            char => shown.push(char),
        }
    }
    shown.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_not_draw_on_the_terminal() {
        assert_eq!(printable("\u{1b}[1;31mERROR\u{1b}[0m\tno\u{7} \u{1b}]0;title\u{7}disk\r"), "ERROR no disk");
        assert_eq!(printable("\u{1b}[2J\u{1b}c"), "");
    }
}
