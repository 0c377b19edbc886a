//! The scheduler's own words made readable (`pkg/scheduler/framework/types.go`, `FitError`).

use super::finding::{Finding, Reason, Weight, container_path};
use crate::yaml::Node;

/// What the scheduler says of nodes, and how it is told: "2 of 3 nodes …".
const WORDS: &[(&str, &str)] = &[
    ("node(s) didn't match Pod's node affinity/selector", "do not fit its node selector or affinity"),
    ("node(s) didn't match pod affinity rules", "have no Pods that it must run beside"),
    ("node(s) didn't match pod anti-affinity rules", "have Pods that it must not run beside"),
    ("node(s) didn't satisfy existing pods anti-affinity rules", "have Pods that do not want it beside them"),
    ("node(s) didn't match pod topology spread constraints", "would spread its Pods too unevenly"),
    ("node(s) didn't have free ports for the requested pod ports", "have its host port in use"),
    ("node(s) had volume node affinity conflict", "can't reach its volume, which belongs to another node or zone"),
    ("node(s) didn't find available persistent volumes to bind", "have no free volume for its claim"),
    ("node(s) exceed max volume count", "have as many volumes as they can take"),
    ("node(s) were unschedulable", "take no new Pods (cordoned)"),
    ("Too many pods", "run as many Pods as they may"),
];

/// A Pod that no node takes: what its condition `PodScheduled` says.
pub(super) fn finding(pod: &Node, message: &str) -> Finding {
    let finding = |sentence: String| Finding::new(Weight::Unscheduled, Reason::Scheduling, sentence);
    if message.starts_with("no nodes available") || message.starts_with("0/0 nodes") {
        return finding("the cluster has no node that could take the Pod".into());
    }
    let Some((total, reasons)) = parse(message) else {
        return finding(format!("no node takes the Pod: {message}"));
    };
    let told: Vec<String> = reasons.iter().map(|(number, reason)| say(*number, total, reason, pod)).collect();
    let found = finding(format!("no node takes the Pod: {}", told.join(", ")));
    let scarce = reasons.iter().find_map(|(_, reason)| reason.strip_prefix("Insufficient "));
    match scarce {
        Some(resource) => {
            let asking = asking(pod, resource)
                .map(|(list, name, _)| container_path(list, name).key("resources").key("requests").key(resource));
            found.next(format!("ask for less `{resource}` (`resources.requests`), or add nodes")).in_pod(asking)
        }
        None if reasons.iter().any(|(_, reason)| reason.contains("untolerated taint")) => {
            found.next("add a toleration, or free a node of its taint")
        }
        None => found,
    }
}

/// The number of nodes, and each reason with the number of nodes that it holds for (0 where it is about the Pod).
fn parse(message: &str) -> Option<(u32, Vec<(u32, &str)>)> {
    let (count, rest) = message.strip_prefix("0/")?.split_once(" nodes are available: ")?;
    // After the first sentence comes what the scheduler says of preemption: ` preemption: …`, ` not found`.
    let rest = rest.split(". ").next().unwrap_or(rest).split(" preemption: ").next().unwrap_or(rest);
    let rest = rest.trim().trim_end_matches('.');
    let reasons = rest.split(", ").map(|piece| {
        let number = piece.split_once(' ').and_then(|(number, reason)| Some((number.parse().ok()?, reason)));
        number.unwrap_or((0, piece))
    });
    Some((count.parse().ok()?, reasons.map(|(number, reason)| (number, reason.trim_end_matches('.'))).collect()))
}

fn say(number: u32, total: u32, reason: &str, pod: &Node) -> String {
    let who = match (number, total) {
        (0, _) => return reason.to_owned(),
        (1, 1) => "the only node".to_owned(),
        (number, total) => format!("{number} of {total} nodes"),
    };
    // One node has, several have.
    let one = |plural: &str| if number == 1 { singular(plural) } else { plural.to_owned() };
    if let Some(resource) = reason.strip_prefix("Insufficient ") {
        let asked = asking(pod, resource).map_or_else(String::new, |(_, _, amount)| format!(" ({amount} asked for)"));
        return format!("{who} {} too little `{resource}` left{asked}", one("have"));
    }
    if let Some((_, taint)) = reason.split_once("untolerated taint").filter(|(_, taint)| taint.contains('{')) {
        let taint = taint.trim_start_matches("(s)").trim().trim_matches(['{', '}']).replace(": ", "=");
        let taint = taint.trim_end_matches('=');
        return format!("{who} {} the taint `{taint}`, which it does not tolerate", one("have"));
    }
    match WORDS.iter().find(|(words, _)| reason.contains(words)) {
        Some((_, told)) => format!("{who} {}", one(told)),
        None => format!("{who}: {reason}"),
    }
}

/// "have too little …" of one node: "has too little …".
fn singular(plural: &str) -> String {
    let (verb, rest) = plural.split_once(' ').unwrap_or((plural, ""));
    let verb = match verb {
        "have" => "has",
        "do" => "does",
        "take" => "takes",
        "run" => "runs",
        other => other,
    };
    format!("{verb} {rest}").trim_end().to_owned()
}

/// The only container that asks for a resource, and how much; none if several do.
fn asking<'a>(pod: &'a Node, resource: &str) -> Option<(&'static str, &'a str, String)> {
    let lists = ["containers", "initContainers"].into_iter();
    let mut asking = lists
        .flat_map(|list| pod.list_at(&["spec", list]).iter().map(move |node| (list, node)))
        .filter_map(|(list, container)| {
            let amount = container.at(&["resources", "requests", resource])?;
            let amount =
                amount.as_str().map(str::to_owned).or_else(|| amount.as_i64().map(|number| number.to_string()))?;
            Some((list, container.str_at(&["name"])?, amount))
        });
    let first = asking.next()?;
    asking.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_schedulers_words_are_made_readable() {
        let pod =
            Node::from(&json!({"spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "64"}}}]}}));
        for (message, expected) in [
            (
                "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
                "no node takes the Pod: the only node has too little `cpu` left (64 asked for)",
            ),
            (
                "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient memory.",
                "no node takes the Pod: 1 of 3 nodes has the taint `node-role.kubernetes.io/control-plane`, which it does not tolerate, 2 of 3 nodes have too little `memory` left",
            ),
            (
                "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
                "no node takes the Pod: the only node does not fit its node selector or affinity",
            ),
            (
                "0/2 nodes are available: 2 node(s) were unschedulable.",
                "no node takes the Pod: 2 of 2 nodes take no new Pods (cordoned)",
            ),
            (
                "0/1 nodes are available: persistentvolumeclaim \"data\" not found. not found",
                "no node takes the Pod: persistentvolumeclaim \"data\" not found",
            ),
            ("no nodes available to schedule pods", "the cluster has no node that could take the Pod"),
            ("0/2 nodes are available: 2 something new", "no node takes the Pod: 2 of 2 nodes: something new"),
            ("the scheduler sleeps", "no node takes the Pod: the scheduler sleeps"),
        ] {
            assert_eq!(finding(&pod, message).sentence, expected);
        }
    }
}
