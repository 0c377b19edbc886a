//! Strings that have a syntax of their own: names, labels, keys.

use super::super::spot::{Findings, Spot, at_key};
use super::super::syntax::{ANNOTATION_KEY, CONFIG_KEY, DNS_LABEL, ENV_NAME, LABEL_KEY, LABEL_VALUE, PORT_NAME, Rule};
use super::super::typed::Typed;
use super::scalar::{check_enum, quoted};
use crate::diagnostic::Diagnostic;
use crate::yaml::Map;

/// Checks a string against its enum and its syntax.
pub(super) fn check(spot: &Spot<'_>, found: &mut Findings) {
    let Some(text) = spot.node.as_str() else { return };
    check_enum(spot, text, found);
    if let Some(rule) = rule(spot)
        && !rule.holds(text)
    {
        let message = format!("{} is not {}", quoted(text), rule.what);
        found.errors.push(spot.error(message).hint(rule.hint()));
    }
}

/// Types whose names are DNS labels.
const LABELLED: &[&str] = &["core.v1.Container", "core.v1.EphemeralContainer", "core.v1.Volume", "core.v1.ServicePort"];

/// The syntax of a string of the API's own types, by the type that holds it.
fn rule(spot: &Spot<'_>) -> Option<Rule> {
    let owner = spot.up?;
    match (owner.typed.name(), spot.name()) {
        (owner, "name") if LABELLED.contains(&owner) => Some(DNS_LABEL),
        ("core.v1.ContainerPort", "name") => Some(PORT_NAME),
        ("core.v1.EnvVar", "name") => Some(ENV_NAME),
        _ if holds_labels(owner) => Some(LABEL_VALUE),
        _ => None,
    }
}

/// Checks the keys of a map.
pub(super) fn check_keys(spot: &Spot<'_>, map: &Map, found: &mut Findings) {
    let Some(owner) = spot.up else { return };
    let rule = match (owner.typed.name(), spot.name()) {
        _ if holds_labels(spot) => LABEL_KEY,
        ("meta.v1.ObjectMeta", "annotations") => ANNOTATION_KEY,
        ("core.v1.Secret", "data" | "stringData") | ("core.v1.ConfigMap", "data" | "binaryData") => CONFIG_KEY,
        _ => return,
    };
    for (key, child) in map.iter().filter(|(key, _)| !rule.holds(key)) {
        let diagnostic = at_key(Diagnostic::error(format!("{} is not {}", quoted(key), rule.what)), key, child);
        found.errors.push(spot.place(diagnostic).hint(rule.hint()));
    }
}

/// Whether a map holds labels, or is compared with labels.
fn holds_labels(spot: &Spot<'_>) -> bool {
    let Some(owner) = spot.up.filter(|_| matches!(spot.typed, Typed::Known(_))) else { return false };
    matches!(
        (owner.typed.name(), spot.name()),
        ("meta.v1.ObjectMeta", "labels")
            | ("meta.v1.LabelSelector", "matchLabels")
            | ("core.v1.ServiceSpec" | "core.v1.ReplicationControllerSpec", "selector")
            | ("core.v1.PodSpec", "nodeSelector")
    )
}
