//! What of a manifest must not be shown: everything in its Secrets, and what came from the same place in the values.

use super::secret::decoded;
use super::spot::Spot;
use super::typed::Typed;
use crate::object::{FieldPath, Mask, Object, ObjectId, Secrecy};
use crate::render::Document;
use crate::yaml::Node;

/// The mask of a manifest: all that its Secrets hold, what came from where that came from, and `write_only`: the
/// nodes of the values that a schema marks so. Generated values are not known yet: add them when they are read.
pub fn mask<'o, 'n>(
    objects: impl IntoIterator<Item = &'o Object> + Clone,
    write_only: impl IntoIterator<Item = &'n Node>,
) -> Mask {
    let mut mask = Mask::new(names(objects.clone()));
    for object in objects {
        if object.id.is_secret() {
            hide_secret(&mut mask, &object.body);
        }
        for path in &object.secret {
            if let Some(node) = path.find(&object.body) {
                mask.hide_node(node, Secrecy::Likely);
            }
        }
    }
    for node in write_only {
        mask.hide_node(node, Secrecy::Sure);
    }
    mask
}

/// The mask of what the Secrets among some objects hold in the cluster: surely secret is what is generated there, which
/// neither the manifest nor a record has. `live` is an object as it lives.
pub fn mask_live<'o>(
    objects: impl IntoIterator<Item = &'o Object> + Clone,
    live: impl Fn(&ObjectId) -> Option<&'o Node>,
) -> Mask {
    let mut mask = Mask::new(names(objects.clone()));
    for object in objects.into_iter().filter(|object| object.id.is_secret()) {
        let is_generated = |key: &str| {
            let text = object.body.at(&["data", key]).and_then(Node::as_text);
            text.is_some_and(|text| text.known().is_none())
        };
        for (key, value) in live(&object.id).into_iter().flat_map(decoded) {
            mask.hide(&value, if is_generated(key) { Secrecy::Sure } else { Secrecy::Likely });
        }
    }
    mask
}

/// Names stand in every message.
fn names<'o>(objects: impl IntoIterator<Item = &'o Object>) -> impl Iterator<Item = &'o str> {
    objects.into_iter().flat_map(|object| [Some(object.id.name.as_str()), object.id.namespace.as_deref()]).flatten()
}

/// The mask of documents that are no objects yet: what the messages of [`assemble`](super::assemble) must not show,
/// nor the lines of templates that are painted with them.
pub fn mask_documents(documents: &[Document]) -> Mask {
    let name = |document: &'_ Document| document.root.str_at(&["metadata", "name"]).map(str::to_owned);
    let names: Vec<String> = documents.iter().filter_map(name).collect();
    let mut mask = Mask::new(names.iter().map(String::as_str));
    for document in documents {
        if document.root.str_at(&["kind"]) == Some("Secret") {
            hide_secret(&mut mask, &document.root);
        }
    }
    mask
}

/// Hides what a Secret holds: as it stands there (also what should have been base64 and is not, and what stands around
/// a generated part), and decoded.
fn hide_secret(mask: &mut Mask, root: &Node) {
    for field in ["data", "stringData"] {
        for node in root.get(field).and_then(Node::as_map).into_iter().flat_map(|map| map.values()) {
            mask.hide_node(node, Secrecy::Likely);
        }
    }
    for (_, text) in decoded(root) {
        mask.hide(&text, Secrecy::Likely);
    }
}

/// Marks fields of other objects whose value came from the same place of the values as something in a Secret.
pub(super) fn mark(objects: &mut [Object]) {
    let mut mask = Mask::default();
    for object in objects.iter().filter(|object| object.id.is_secret()) {
        for entry in object.body.get("data").and_then(Node::as_map).into_iter().flat_map(|map| map.values()) {
            // What a file given by `--manifest` says came from nowhere else.
            if entry.origin.from != entry.origin.at {
                mask.hide_place(entry);
            }
        }
    }
    hide(objects, &mask);
}

/// Marks fields of objects, Secrets aside, whose value came from a place that a mask hides.
pub(super) fn hide(objects: &mut [Object], mask: &Mask) {
    if mask.is_empty() {
        return;
    }
    for object in objects.iter_mut().filter(|object| !object.id.is_secret()) {
        let mut found: Vec<FieldPath> = Vec::new();
        Spot::root(&object.body, Typed::Anything).leaves(&mut |spot| {
            if !spot.node.is_null() && mask.hides_origin_of(spot.node) && !names_the_object(spot) {
                found.push(spot.path());
            }
        });
        object.secret.extend(found);
    }
}

/// Identity is shown everywhere; a chart that makes a name of a secret can't be helped.
fn names_the_object(spot: &Spot<'_>) -> bool {
    spot.is_entry_of(&["metadata"]) && matches!(spot.name(), "name" | "namespace")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::object::ObjectId;
    use crate::yaml::{Charset, GeneratedKey, Text};
    use serde_json::json;

    #[test]
    fn what_was_generated_long_ago_is_read_from_the_cluster_and_hidden() {
        let mut body = Node::from(&json!({"data": {"username": "Z3Vlc3Q="}}));
        let key = GeneratedKey { name: "password".into(), length: 32, charset: Charset::Alnum };
        body.set(&["data"], "password", Text::generated(key));
        let id = ObjectId::secret("lab", "broker-of-orders");
        let wanted = Object { id, version: "v1".into(), body, secret: BTreeSet::new() };
        // `broker-of-orders`, which is the Secret's name too, and `pw1`
        let live = Node::from(&json!({"data": {"username": "YnJva2VyLW9mLW9yZGVycw==", "password": "cHcx"}}));
        let mask = mask_live([&wanted], |_| Some(&live));
        assert_eq!(mask.text("broker-of-orders with pw1 refused"), "broker-of-orders with ••• refused");
    }
}
