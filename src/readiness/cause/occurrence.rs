//! Events of the cluster: the same one told once, with how often it happened, the latest first.

use crate::readiness::conditions::one_line;
use crate::yaml::Node;

/// What happened, once or often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// `FailedScheduling`.
    pub(super) reason: String,
    /// In one line.
    pub(super) message: String,
    /// Whether it is of type `Warning`.
    pub(super) is_warning: bool,
    /// The container that it is about (`spec.containers{app}`).
    pub(super) container: Option<String>,
    times: i64,
    /// When it last happened: RFC 3339 in UTC sorts by time; then the write that is later.
    last: (String, u64),
}

impl Occurrence {
    /// `Unhealthy: Readiness probe failed: …, 12 times`.
    pub(super) fn told(&self) -> String {
        let times = if self.times > 1 { format!(" ({} times)", self.times) } else { String::new() };
        format!("{}: {}{times}", self.reason, self.message)
    }
}

/// The events, each kind once, latest first.
pub(super) fn aggregated<'a>(events: impl Iterator<Item = &'a Node>) -> Vec<Occurrence> {
    let mut found: Vec<Occurrence> = Vec::new();
    for event in events.map(read) {
        let same = found.iter_mut().find(|known| {
            (&known.reason, &known.message, &known.container) == (&event.reason, &event.message, &event.container)
        });
        match same {
            Some(known) => {
                known.times += event.times;
                known.last = event.last.max(std::mem::take(&mut known.last));
            }
            None => found.push(event),
        }
    }
    found.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.message.cmp(&b.message)));
    found
}

fn read(event: &Node) -> Occurrence {
    let text = |path: &[&str]| event.str_at(path).unwrap_or_default();
    let times = [&["series", "count"][..], &["count"]].iter().find_map(|path| event.at(path)?.as_i64()).unwrap_or(1);
    let when = [
        &["series", "lastObservedTime"][..],
        &["lastTimestamp"],
        &["eventTime"],
        &["firstTimestamp"],
        &["metadata", "creationTimestamp"],
    ];
    let when = when.iter().find_map(|path| event.str_at(path)).unwrap_or_default();
    let about = text(&["involvedObject", "fieldPath"]);
    Occurrence {
        reason: text(&["reason"]).to_owned(),
        message: one_line(text(&["message"])),
        is_warning: text(&["type"]) == "Warning",
        container: about.split_once('{').and_then(|(_, name)| name.strip_suffix('}')).map(str::to_owned),
        times: times.max(1),
        last: (when.to_owned(), text(&["metadata", "resourceVersion"]).parse().unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_event_is_told_once_and_the_latest_first() {
        let event = |message: &str, last: &str, count: i64| {
            Node::from(&json!({"reason": "Failed", "message": message, "type": "Warning", "count": count,
                "lastTimestamp": last, "involvedObject": {"fieldPath": "spec.containers{app}"}}))
        };
        let new = json!({"reason": "New", "message": "x.", "eventTime": "2026-01-01T00:00:10.000000Z", "lastTimestamp": null});
        let events = [
            event("a", "2026-01-01T00:00:01Z", 2),
            event("b", "2026-01-01T00:00:05Z", 1),
            event("a", "2026-01-01T00:00:09Z", 3),
            Node::from(&new),
        ];
        let found = aggregated(events.iter());
        let told: Vec<String> = found.iter().map(Occurrence::told).collect();
        assert_eq!(told, ["New: x", "Failed: a (5 times)", "Failed: b"]);
        assert_eq!(found[1].container.as_deref(), Some("app"));
    }
}
