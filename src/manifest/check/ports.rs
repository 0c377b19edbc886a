//! Port numbers and names.

use super::super::spot::{Findings, Spot};
use super::super::syntax::PORT_NAME;
use super::super::typed::Typed;
use super::scalar::quoted;
use crate::yaml::Spelled;

/// Whether a field of the API's own types is a port: `port`, `targetPort`, `containerPort`, `hostPort` …
fn is_port(spot: &Spot<'_>) -> bool {
    let name = spot.name();
    matches!(spot.typed, Typed::Known(_)) && (name == "port" || name.ends_with("Port"))
}

/// Checks the range of a port. Zero means "none" for those that the server may choose.
pub(super) fn check(spot: &Spot<'_>, number: &Spelled, found: &mut Findings) {
    if !is_port(spot) {
        return;
    }
    let may_be_none = matches!(spot.name(), "hostPort" | "nodePort" | "healthCheckNodePort");
    let lowest = i64::from(!may_be_none);
    if !number.as_i64().is_some_and(|value| (lowest..=65_535).contains(&value)) {
        found.errors.push(spot.error(format!("{number} is no port: ports are {lowest} to 65535")));
    }
}

/// Checks the name of a port where a number may stand, too (`targetPort: http`).
pub(super) fn check_name(spot: &Spot<'_>, found: &mut Findings) {
    let Some(text) = spot.node.as_str().filter(|text| is_port(spot) && !PORT_NAME.holds(text)) else { return };
    let diagnostic = spot.error(format!("{} is not {}", quoted(text), PORT_NAME.what));
    found.errors.push(match text.parse::<u16>() {
        Ok(number) => diagnostic.hint(format!("write `{number}` without quotes")),
        Err(_) => diagnostic.hint(PORT_NAME.hint()),
    });
}
