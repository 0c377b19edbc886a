//! What every document must say of itself: apiVersion, kind and name.

use super::spot::{at_key, at_value};
use super::syntax::{DNS_LABEL, DNS_NAME, PATH_SEGMENT, Rule};
use crate::diagnostic::{Diagnostic, nearest};
use crate::render::Document;
use crate::schema;
use crate::yaml::Node;

/// What a document says of itself.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
}

/// Reads it.
///
/// # Errors
/// What is missing or has the wrong form, at its place.
pub(super) fn envelope(document: &Document) -> Result<Envelope, Diagnostic> {
    let root = &document.root;
    if root.as_map().is_none() {
        return Err(at(document, root, format!("expected an object, got {}", root.kind())));
    }
    let api_version = text(document, "apiVersion", root.get("apiVersion"))?;
    let kind = text(document, "kind", root.get("kind"))?;
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let metadata = root.get("metadata");
    let name = metadata.and_then(|metadata| metadata.get("name"));
    if name.is_none()
        && let Some(generated) = metadata.and_then(|metadata| metadata.get("generateName"))
    {
        let message = format!("the {kind} has no name: `generateName` would make another object at each run");
        return Err(at_key(Diagnostic::error(message), "generateName", generated).hint("give it a `metadata.name`"));
    }
    let name = text(document, "metadata.name", name).map_err(|diagnostic| diagnostic.note(format!("in a {kind}")))?;
    let rule = name_rule(group, kind);
    if !rule.holds(name) {
        let diagnostic = Diagnostic::error(format!("the name `{name}` of the {kind} is not {}", rule.what));
        let here = root.at(&["metadata", "name"]).unwrap_or(root);
        return Err(at_value(diagnostic, here).hint(rule.hint()));
    }
    Ok(Envelope { group: group.into(), version: version.into(), kind: kind.into(), name: name.into() })
}

/// A string that must be there.
fn text<'a>(document: &'a Document, field: &str, node: Option<&'a Node>) -> Result<&'a str, Diagnostic> {
    match node {
        Some(node) if node.as_str().is_some_and(|text| !text.is_empty()) => Ok(node.as_str().unwrap_or_default()),
        Some(node) if node.as_str() == Some("") => Err(at(document, node, format!("`{field}` is empty"))),
        Some(node) if !node.is_null() => {
            Err(at(document, node, format!("expected a string for `{field}`, got {}", node.kind())))
        }
        _ => Err(at(document, &document.root, format!("the document has no `{field}`"))),
    }
}

fn at(document: &Document, node: &Node, message: String) -> Diagnostic {
    let diagnostic = at_value(Diagnostic::error(message), node);
    if diagnostic.span.is_none() && !document.template.is_empty() {
        return diagnostic.note(format!("in {}", document.template));
    }
    diagnostic
}

/// Kinds beside those of RBAC with names such as `v1.`, `signer.example.com:mine:1` and `fd00::1`.
const PATH_NAMED: &[&str] = &["APIService", "ClusterTrustBundle", "IPAddress"];

/// Which names a kind allows (its strategy's `ValidateName` functions in Kubernetes' `pkg/apis/*/validation`).
fn name_rule(group: &str, kind: &str) -> Rule {
    match (group, kind) {
        ("", "Namespace" | "Service") => DNS_LABEL,
        _ if group == "rbac.authorization.k8s.io" || PATH_NAMED.contains(&kind) => PATH_SEGMENT,
        _ => DNS_NAME,
    }
}

/// A kind of the API's own groups that the table does not know. Groups without a dot are never those of custom
/// resources (`apiextensions` validation wants a domain).
///
/// # Errors
/// There is no such kind; `Ok` is a warning when only the version is unknown.
pub(super) fn strange(envelope: &Envelope, root: &Node) -> Result<Option<Diagnostic>, Diagnostic> {
    let Envelope { group, version, kind, .. } = envelope;
    let known: Vec<_> = schema::kinds().filter(|each| each.kind == *kind).collect();
    let here = |diagnostic| at_value(diagnostic, root.get("apiVersion").unwrap_or(root));
    let written = root.str_at(&["apiVersion"]).unwrap_or(version);
    if let Some(other) = known.iter().find(|each| each.group == group) {
        let message = format!("Kubernetes {} does not serve `{written}` for {kind} by default", schema::version());
        let hint = format!("it serves `{}`", api_version(other.group, other.version));
        return Ok(Some(here(Diagnostic::warning(message)).hint(hint)));
    }
    if group.contains('.') {
        return Ok(None);
    }
    if let Some(other) = known.first() {
        let message = format!("there is no {kind} in `{written}`");
        let hint = format!("did you mean `{}`?", api_version(other.group, other.version));
        return Err(here(Diagnostic::error(message)).hint(hint));
    }
    let message = format!("there is no kind `{kind}` in `{written}`");
    let diagnostic = at_value(Diagnostic::error(message), root.get("kind").unwrap_or(root));
    Err(match nearest(kind, schema::kinds().map(|each| each.kind)) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic,
    })
}

fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}
