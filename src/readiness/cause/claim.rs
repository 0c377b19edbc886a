//! Claims that get no volume, and their storage classes.

use super::evidence::{Evidence, name};
use super::finding::{Finding, Reason, Weight};
use super::occurrence::Occurrence;
use crate::readiness::{Readiness, claim};
use crate::yaml::Node;

/// Marks the class that claims without one get.
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
/// The provisioner of classes whose volumes people make.
const BY_HAND: &str = "kubernetes.io/no-provisioner";

/// What keeps a claim from its volume; none if it has one, or if it only waits for its consumer.
pub(super) fn finding(claim: &Node, evidence: &Evidence) -> Option<Finding> {
    let class = class_of(claim, evidence);
    let Readiness::Waiting(_) = claim::judge(claim, class.is_some_and(waits_for_consumer)) else {
        let lost = claim.str_at(&["status", "phase"]) == Some("Lost");
        return lost.then(|| {
            let volume = claim.str_at(&["spec", "volumeName"]).unwrap_or("?");
            blocked(format!("claim `{}` has lost its volume `{volume}`: its data are no longer there", name(claim)))
        });
    };
    let events = evidence.events_of(claim);
    let (name, wanted) = (name(claim), claim.str_at(&["spec", "storageClassName"]));
    let Some(wanted) = wanted else {
        let found = blocked(format!("claim `{name}` names no storage class, and the cluster has no default one"));
        return Some(found.next(format!("set its `storageClassName`{}", known(evidence))));
    };
    if wanted.is_empty() {
        let found =
            blocked(format!("claim `{name}` wants no storage class (`\"\"`), and no free volume without one fits it"));
        return Some(found.next(format!("make a volume for it, or name a class{}", known(evidence))));
    }
    let Some(class) = class else {
        if evidence.classes.is_some() || says(&events, "not found").is_some() {
            let found = blocked(format!("claim `{name}` wants the storage class `{wanted}`, which does not exist"));
            return Some(found.next(format!("name another one{}, or make it", known(evidence))));
        }
        let why = events.first().map_or("nothing says why".to_owned(), |event| event.message.clone());
        return Some(blocked(format!("claim `{name}` of storage class `{wanted}` has no volume: {why}")));
    };
    let provisioner = class.str_at(&["provisioner"]).unwrap_or("?");
    if provisioner == BY_HAND {
        let found = blocked(format!(
            "no free volume of storage class `{wanted}` fits claim `{name}`, and nobody makes volumes of it"
        ));
        return Some(found.next("make a volume of that class, or name another class"));
    }
    if let Some(failed) = events.iter().find(|event| event.reason == "ProvisioningFailed") {
        let why = failed.message.rsplit_once("desc = ").map_or(failed.message.as_str(), |(_, why)| why);
        return Some(blocked(format!("provisioner `{provisioner}` can't make the volume of claim `{name}`: {why}")));
    }
    let found = blocked(format!(
        "provisioner `{provisioner}` of storage class `{wanted}` has made no volume for claim `{name}` yet"
    ));
    Some(found.next("see whether the provisioner runs"))
}

fn blocked(sentence: String) -> Finding {
    Finding::new(Weight::Blocked, Reason::Claim, sentence).own(&["spec", "storageClassName"])
}

/// What is wrong with the claims that a Pod mounts, for a Pod that no node takes.
pub(super) fn of_pod<'a>(
    mut claims: impl Iterator<Item = &'a str>,
    message: &str,
    evidence: &Evidence,
) -> Option<Finding> {
    if let Some((_, rest)) = message.split_once("persistentvolumeclaim \"")
        && let Some((claim, rest)) = rest.split_once('"')
        && rest.trim_start().starts_with("not found")
    {
        let sentence = format!("there is no claim `{claim}`, which the Pod mounts");
        return Some(Finding::new(Weight::Blocked, Reason::Claim, sentence).next("make it, or correct `claimName`"));
    }
    let found = claims.find_map(|claim| finding(evidence.claim(claim)?, evidence))?;
    // The field would be one of the claim, not of the workload that is explained.
    Some(Finding::new(Weight::Blocked, Reason::Claim, found.sentence.clone()).next_all(found.next))
}

fn says<'a>(events: &'a [Occurrence], words: &str) -> Option<&'a Occurrence> {
    events.iter().find(|event| event.message.contains(words))
}

fn class_of<'a>(claim: &Node, evidence: &'a Evidence) -> Option<&'a Node> {
    let wanted = claim.str_at(&["spec", "storageClassName"])?;
    evidence.classes.as_ref()?.iter().find(|class| name(class) == wanted)
}

fn waits_for_consumer(class: &Node) -> bool {
    class.str_at(&["volumeBindingMode"]) == Some("WaitForFirstConsumer")
}

/// " (there are `fast`, `standard`, the default)", as far as it is known.
fn known(evidence: &Evidence) -> String {
    let Some(classes) = &evidence.classes else { return String::new() };
    let told: Vec<String> = classes
        .iter()
        .map(|class| {
            let default = class.str_at(&["metadata", "annotations", DEFAULT_CLASS]) == Some("true");
            format!("`{}`{}", name(class), if default { " by default" } else { "" })
        })
        .collect();
    if told.is_empty() { " (the cluster has none)".into() } else { format!(" (there are {})", told.join(", ")) }
}
