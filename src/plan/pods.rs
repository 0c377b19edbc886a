//! Where Pods are described in the kinds that run them, and which claims they mount.

use std::collections::BTreeMap;

use super::Question;
use crate::object::ObjectId;
use crate::yaml::Node;

/// The question for all Pods of a namespace, as they are.
pub(super) fn question(namespace: Option<String>) -> Question {
    Question::Objects { group: String::new(), kind: "Pod".into(), version: "v1".into(), namespace }
}

/// Whether the controller of a Pod is the object of this uid.
pub(super) fn is_controlled_by(pod: &Node, uid: &str) -> bool {
    controller(pod).is_some_and(|owner| owner.str_at(&["uid"]) == Some(uid))
}

/// What looks after a Pod, as its owner reference says.
pub(super) fn controller(pod: &Node) -> Option<&Node> {
    let mut owners = pod.list_at(&["metadata", "ownerReferences"]).iter();
    owners.find(|owner| owner.at(&["controller"]).and_then(Node::as_bool) == Some(true))
}

/// Whether objects of the kind run Pods.
pub(super) fn runs_pods(id: &ObjectId) -> bool {
    id.pod_template().is_some()
}

/// Whether a live object runs no Pods and means to run none: it wants no replica, and its controller has seen that and
/// has none left. Pods that only end yet are counted as `terminatingReplicas` (Kubernetes 1.33, alpha before).
pub(super) fn is_idle(id: &ObjectId, live: &Node) -> bool {
    let number = |path: &[&str]| live.at(path).and_then(Node::as_i64);
    let left = ["replicas", "terminatingReplicas"].map(|field| number(&["status", field]).unwrap_or(0));
    id.group == "apps"
        && matches!(id.kind.as_str(), "Deployment" | "ReplicaSet" | "StatefulSet")
        && number(&["spec", "replicas"]) == Some(0)
        && number(&["status", "observedGeneration"]) == number(&["metadata", "generation"])
        && left == [0, 0]
}

/// The Pod template of an object.
pub(super) fn template<'a>(id: &ObjectId, body: &'a Node) -> Option<&'a Node> {
    body.at(id.pod_template()?)
}

/// The Pod spec of an object.
pub(super) fn spec<'a>(id: &ObjectId, body: &'a Node) -> Option<&'a Node> {
    template(id, body)?.get("spec")
}

/// All containers of a Pod spec, those that run first too.
pub(super) fn containers(spec: &Node) -> impl Iterator<Item = &Node> {
    spec.list_at(&["containers"]).iter().chain(spec.list_at(&["initContainers"]))
}

/// Whether an object is a StatefulSet.
pub(super) fn is_set(id: &ObjectId) -> bool {
    id.is("apps", "StatefulSet")
}

/// The names of a set's claim templates.
pub(super) fn claim_templates(body: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let templates = body.list_at(&["spec", "volumeClaimTemplates"]);
    templates.iter().filter_map(|template| Some((template.str_at(&["metadata", "name"])?, template)))
}

/// The ordinals that a set wants to run (`spec.ordinals.start`, GA in 1.31).
pub(super) fn ordinals(body: &Node) -> std::ops::Range<i64> {
    let start = body.at(&["spec", "ordinals", "start"]).and_then(Node::as_i64).unwrap_or(0).max(0);
    start..start.saturating_add(replicas(body))
}

/// How many Pods a workload wants; one where it does not say.
pub(super) fn replicas(body: &Node) -> i64 {
    body.at(&["spec", "replicas"]).and_then(Node::as_i64).unwrap_or(1).max(0)
}

/// Name of the claim that a template makes for an ordinal (`getPersistentVolumeClaimName` in `stateful_set_utils.go`).
pub(super) fn claim_name(template: &str, set: &str, ordinal: i64) -> String {
    format!("{template}-{set}-{ordinal}")
}

/// Whether a Pod of this name is one that a set makes, at whatever ordinal.
pub(super) fn is_pod_of(set: &str, pod: &str) -> bool {
    pod.strip_prefix(set).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_ordinal)
}

fn is_ordinal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Which claims stand behind the names of a workload's volumes. A set's template hides a volume of the same name.
pub(super) fn claims_by_volume(id: &ObjectId, body: &Node) -> BTreeMap<String, Vec<String>> {
    let mut claims = BTreeMap::new();
    for volume in spec(id, body).map(|spec| spec.list_at(&["volumes"])).unwrap_or_default() {
        if let (Some(name), Some(claim)) =
            (volume.str_at(&["name"]), volume.str_at(&["persistentVolumeClaim", "claimName"]))
        {
            claims.insert(name.to_owned(), vec![claim.to_owned()]);
        }
    }
    if is_set(id) {
        for (template, _) in claim_templates(body) {
            let names = ordinals(body).map(|ordinal| claim_name(template, &id.name, ordinal)).collect();
            claims.insert(template.to_owned(), names);
        }
    }
    claims
}

/// All claims that a workload's Pods mount.
pub(super) fn claims(id: &ObjectId, body: &Node) -> Vec<String> {
    claims_by_volume(id, body).into_values().flatten().collect()
}

/// The claim template of a set that a claim of this name is made by, at whatever ordinal.
pub(super) fn template_of_claim<'a>(set: &ObjectId, body: &'a Node, claim: &str) -> Option<&'a str> {
    claim_templates(body).map(|(template, _)| template).find(|template| is_claim_of(template, &set.name, claim))
}

/// Whether a claim of this name is made by a template of a set, at whatever ordinal.
pub(super) fn is_claim_of(template: &str, set: &str, claim: &str) -> bool {
    claim
        .strip_prefix(template)
        .and_then(|rest| rest.strip_prefix('-')?.strip_prefix(set)?.strip_prefix('-'))
        .is_some_and(is_ordinal)
}

/// Whether a claim of this name is one that the set makes, at whatever ordinal.
pub(super) fn makes_claim(set: &ObjectId, body: &Node, claim: &str) -> bool {
    template_of_claim(set, body, claim).is_some()
}

/// Whether a claim of this name is a generic ephemeral volume of a Pod: it is meant to live as long as the Pod does
/// (Kubernetes docs, "Ephemeral Volumes").
pub(super) fn is_ephemeral(pod: &ObjectId, body: &Node, claim: &str) -> bool {
    let volumes = body.list_at(&["spec", "volumes"]).iter().filter(|volume| volume.get("ephemeral").is_some());
    let mut names = volumes.filter_map(|volume| volume.str_at(&["name"]));
    pod.is("", "Pod") && names.any(|name| claim == format!("{}-{name}", pod.name))
}
