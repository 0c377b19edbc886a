//! Objects that a chart wants to outlive its release.

use crate::object::marks;
use crate::yaml::Node;

/// Why an object is to be kept on prune and uninstall; none when it is not. Helm ignores values that it does not
/// know, and then neither keeps nor deletes; here they are errors.
///
/// # Errors
/// The annotation and the value that nobody knows.
pub(super) fn retained(body: &Node) -> Result<Option<&'static str>, (&'static str, String)> {
    let annotation = |name: &str| body.str_at(&["metadata", "annotations", name]);
    match annotation(marks::RETAIN) {
        Some("true") => return Ok(Some(marks::RETAIN)),
        None | Some("false") => {}
        Some(other) => return Err((marks::RETAIN, other.to_owned())),
    }
    match annotation(marks::HELM_RESOURCE_POLICY) {
        Some("keep") => Ok(Some(marks::HELM_RESOURCE_POLICY)),
        None => Ok(None),
        Some(other) => Err((marks::HELM_RESOURCE_POLICY, other.to_owned())),
    }
}
