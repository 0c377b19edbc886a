//! Texts that must not be where they are: generated values outside of Secrets, and masks.

use super::spot::{Findings, Spot};
use super::typed::Typed;
use crate::object::MASKED;
use crate::yaml::{Node, Text};

/// Checks all strings of an object.
pub(super) fn check(root: &Node, is_secret: bool, found: &mut Findings) {
    Spot::root(root, Typed::Anything).leaves(&mut |spot| {
        if let Some(text) = spot.node.as_text() {
            leaf(spot, text, is_secret, found);
        }
    });
}

fn leaf(spot: &Spot<'_>, text: &Text, is_secret: bool, found: &mut Findings) {
    // There a mask is found to be no base64.
    if is_secret && spot.is_entry_of(&["data"]) {
        return;
    }
    if text.is_generated() && !(is_secret && spot.is_entry_of(&["stringData"])) {
        let diagnostic = spot.error("a generated value can only stand in a Secret");
        let hint = "put it into the Secret's `stringData`, and let the Pod read that by `secretKeyRef`";
        found.errors.push(diagnostic.hint(hint));
    } else if text.known().is_some_and(|text| text.contains(MASKED)) {
        let diagnostic = spot.error("a mask stands where a value was");
        found.errors.push(diagnostic.hint("render the manifest without `--mask`"));
    }
}
