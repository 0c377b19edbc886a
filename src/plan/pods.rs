//! Where Pods are described in the kinds that run them, and which claims they mount.

use std::collections::BTreeMap;
use std::ops::Range;

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
pub(super) fn ordinals(body: &Node) -> Range<i64> {
    let start = body.at(&["spec", "ordinals", "start"]).and_then(Node::as_i64).unwrap_or(0).max(0);
    start..start.saturating_add(replicas(body))
}

/// How many claims of one set are made and listed one by one, at most: each is an object of its own.
pub(super) const MOST_CLAIMS: i64 = 10_000;

/// How many claims the templates of a set make.
pub(super) fn claim_count(body: &Node) -> i64 {
    i64::try_from(claim_templates(body).count()).unwrap_or(i64::MAX).saturating_mul(replicas(body))
}

/// The ordinals whose claims are listed one by one: all that are wanted, or none where they are too many. Plans refuse
/// those; of what lives such a list is only ever a hint.
pub(super) fn listed(body: &Node) -> Range<i64> {
    let wanted = ordinals(body);
    if claim_count(body) > MOST_CLAIMS { wanted.start..wanted.start } else { wanted }
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

/// The claims that a Pod spec names, by the names of their volumes.
fn named_claims<'a>(id: &ObjectId, body: &'a Node) -> impl Iterator<Item = (&'a str, &'a str)> {
    let volumes = spec(id, body).map(|spec| spec.list_at(&["volumes"])).unwrap_or_default().iter();
    volumes
        .filter_map(|volume| Some((volume.str_at(&["name"])?, volume.str_at(&["persistentVolumeClaim", "claimName"])?)))
}

/// Which claims stand behind the names of a workload's volumes, those of a set as far as they are [`listed`]. A set's
/// template hides a volume of the same name.
pub(super) fn claims_by_volume(id: &ObjectId, body: &Node) -> BTreeMap<String, Vec<String>> {
    let named = named_claims(id, body);
    let mut claims: BTreeMap<String, Vec<String>> =
        named.map(|(volume, claim)| (volume.to_owned(), vec![claim.to_owned()])).collect();
    if is_set(id) {
        for (template, _) in claim_templates(body) {
            let names = listed(body).map(|ordinal| claim_name(template, &id.name, ordinal)).collect();
            claims.insert(template.to_owned(), names);
        }
    }
    claims
}

/// All claims that a workload's Pods mount, as [`claims_by_volume`] lists them.
pub(super) fn claims(id: &ObjectId, body: &Node) -> Vec<String> {
    claims_by_volume(id, body).into_values().flatten().collect()
}

/// Whether a workload's Pods mount a claim of this name when they run. Reckoned: a live set may want any number.
pub(super) fn mounts(id: &ObjectId, body: &Node, claim: &str) -> bool {
    let hidden = |volume: &str| is_set(id) && claim_templates(body).any(|(template, _)| template == volume);
    named_claims(id, body).any(|(volume, named)| named == claim && !hidden(volume))
        || (is_set(id) && wants_claim(id, body, claim))
}

/// Whether a workload's Pods mount a claim of this name, with however many replicas.
pub(super) fn may_mount(id: &ObjectId, body: &Node, claim: &str) -> bool {
    mounts(id, body, claim) || (is_set(id) && makes_claim(id, body, claim))
}

/// Whether a claim of this name is made by a template of a set for an ordinal that it wants.
pub(super) fn wants_claim(set: &ObjectId, body: &Node, claim: &str) -> bool {
    ordinals_of_claim(set, body, claim).any(|ordinal| ordinals(body).contains(&ordinal))
}

/// The ordinals for which templates of a set make a claim of this name: none, but for names that are made to meet one.
pub(super) fn ordinals_of_claim(set: &ObjectId, body: &Node, claim: &str) -> impl Iterator<Item = i64> {
    claim_templates(body).filter_map(|(template, _)| ordinal_of_claim(template, &set.name, claim))
}

/// The claim template of a set that a claim of this name is made by, at whatever ordinal.
pub(super) fn template_of_claim<'a>(set: &ObjectId, body: &'a Node, claim: &str) -> Option<&'a str> {
    claim_templates(body).map(|(template, _)| template).find(|template| is_claim_of(template, &set.name, claim))
}

/// Whether a claim of this name is made by a template of a set, at whatever ordinal.
pub(super) fn is_claim_of(template: &str, set: &str, claim: &str) -> bool {
    ordinal_of_claim(template, set, claim).is_some()
}

/// The ordinal for which a template of a set makes a claim of this name.
pub(super) fn ordinal_of_claim(template: &str, set: &str, claim: &str) -> Option<i64> {
    let rest = claim.strip_prefix(template)?.strip_prefix('-')?.strip_prefix(set)?.strip_prefix('-')?;
    // `data-web-01` is nobody's.
    let ordinal = rest.parse().ok()?;
    (is_ordinal(rest) && claim_name(template, set, ordinal) == claim).then_some(ordinal)
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
