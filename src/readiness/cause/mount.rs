//! Volumes that can't be mounted, and sandboxes that can't be made: the Pod's events tell, its status does not.

use super::config::Missing;
use super::finding::{Finding, Reason, Weight, named};
use super::occurrence::Occurrence;
use crate::object::FieldPath;
use crate::yaml::Node;

/// What keeps a Pod that has a node from starting its first container, by its latest events.
pub(super) fn finding(pod: &Node, events: &[Occurrence]) -> Option<Finding> {
    let event = events.iter().find(|event| {
        matches!(
            event.reason.as_str(),
            "FailedMount" | "FailedAttachVolume" | "FailedMapVolume" | "FailedCreatePodSandBox"
        )
    })?;
    let message = &event.message;
    if event.reason == "FailedCreatePodSandBox" {
        let why = message.rsplit_once("desc = ").map_or(message.as_str(), |(_, why)| why);
        let sentence = format!("the node can't set up the Pod's network or sandbox: {why}");
        return Some(
            Finding::new(Weight::Blocked, Reason::Start, sentence)
                .next("the cluster's administrator has to look at the node"),
        );
    }
    let volume = volume(message);
    if let Some(missing) = Missing::parse(message) {
        let source =
            volume.and_then(|volume| pod_volume(pod, volume)).and_then(|node| source(node, missing.is_secret()));
        let missing = missing.of(source.as_ref().map(|(name, _)| name.as_str()));
        let told = match volume {
            Some(volume) => format!("{}, which is mounted as volume `{volume}`", missing.told()),
            None => format!("{}, which the Pod mounts", missing.told()),
        };
        let path = source.zip(volume).map(|((_, path), volume)| {
            let at = FieldPath::keys(&["volumes"]).child(named(volume));
            path.iter().fold(at, |at, key| at.key(key))
        });
        return Some(Finding::new(Weight::Blocked, Reason::MissingReference, told).next(missing.next()).in_pod(path));
    }
    let mount = |sentence: String| Finding::new(Weight::Blocked, Reason::Mount, sentence);
    let name = volume.unwrap_or("?");
    if message.contains("Multi-Attach error") {
        let sentence = format!("volume `{name}` is still attached to another node, and may be at one only");
        return Some(
            mount(sentence).next(
                "end the Pod that uses it there; a Deployment with such a volume needs `strategy.type: Recreate`",
            ),
        );
    }
    // The frame says what was tried; what went wrong stands behind it.
    let why = message.split_once(" : ").map_or(message.as_str(), |(_, why)| why);
    Some(match volume {
        Some(volume) => mount(format!("volume `{volume}` can't be mounted: {why}")),
        None => mount(format!("a volume can't be mounted: {why}")),
    })
}

/// The volume that a message names: `MountVolume.SetUp failed for volume "config" : …`.
fn volume(message: &str) -> Option<&str> {
    message.split_once("volume \"")?.1.split_once('"').map(|(name, _)| name)
}

fn pod_volume<'a>(pod: &'a Node, name: &str) -> Option<&'a Node> {
    pod.list_at(&["spec", "volumes"]).iter().find(|volume| volume.str_at(&["name"]) == Some(name))
}

/// The Secret or ConfigMap behind a volume, with the field that names it.
fn source(volume: &Node, secret: bool) -> Option<(String, &'static [&'static str])> {
    let path: &[&str] = if secret { &["secret", "secretName"] } else { &["configMap", "name"] };
    volume.str_at(path).map(|name| (name.to_owned(), path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ObjectId;
    use serde_json::json;

    #[test]
    fn what_can_not_be_mounted_is_told() {
        let pod = Node::from(&json!({"spec": {"volumes": [{"name": "config", "configMap": {"name": "settings"}}]}}));
        let path = "spec.template.spec.volumes[name=\"config\"].configMap.name";
        for (reason, message, sentence, field) in [
            (
                "FailedMount",
                "MountVolume.SetUp failed for volume \"config\" : configmap \"settings\" not found",
                "there is no ConfigMap `settings`, which is mounted as volume `config`",
                Some(path),
            ),
            (
                "FailedMount",
                "MountVolume.SetUp failed for volume \"config\" : references non-existent config key: a.ini",
                "ConfigMap `settings` has no key `a.ini`, which is mounted as volume `config`",
                Some(path),
            ),
            (
                "FailedAttachVolume",
                "Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) web-1",
                "volume `pvc-1` is still attached to another node, and may be at one only",
                None,
            ),
            (
                "FailedMount",
                "MountVolume.SetUp failed for volume \"nfs\" : mount failed: exit status 32",
                "volume `nfs` can't be mounted: mount failed: exit status 32",
                None,
            ),
        ] {
            let event = json!({"reason": reason, "message": message, "type": "Warning"});
            let events = super::super::occurrence::aggregated([Node::from(&event)].iter());
            let found = finding(&pod, &events).unwrap();
            let id = ObjectId::namespaced("apps", "Deployment", "shop", "web");
            assert_eq!(found.sentence, sentence);
            assert_eq!(found.path_in(&id).map(|path| path.to_string()).as_deref(), field);
        }
    }
}
