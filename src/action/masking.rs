//! What of a manifest is secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::object::{FieldPath, MASKED, Mask, Object, Secrecy, Segment};
use crate::yaml::{Node, Value};

/// A mask for what these objects hold: the data of Secrets, decoded, and the fields that are marked as secret.
pub fn mask_of(objects: &[Object]) -> Mask {
    let mut mask = Mask::new(objects.iter().map(|object| object.id.name.as_str()));
    for object in objects {
        if object.id.is_secret() {
            let data = object.body.get("data").and_then(Node::as_map);
            for node in data.into_iter().flat_map(|data| data.values()) {
                mask.hide_place(node);
                hide_decoded(node, &mut mask);
            }
        }
        for path in &object.secret {
            if let Some(node) = path.find(&object.body) {
                mask.hide_node(node, Secrecy::Likely);
            }
        }
    }
    mask
}

/// The body of an object with everything secret replaced by a mask that can't be installed.
pub fn masked_body(object: &Object) -> Node {
    masked_below(&object.body, &FieldPath::default(), object)
}

fn masked_below(node: &Node, path: &FieldPath, object: &Object) -> Node {
    let in_data = object.id.is_secret() && path.0.len() == 2 && path.0.first() == Some(&Segment::Key("data".into()));
    let mut masked = node.clone();
    if in_data || object.secret.contains(path) {
        masked.value = Value::from(MASKED);
        return masked;
    }
    match &mut masked.value {
        Value::Map(map) => {
            map.iter_mut().for_each(|(key, child)| *child = masked_below(child, &path.key(key), object));
        }
        Value::List(items) => {
            let indexed = items.iter_mut().enumerate();
            indexed.for_each(|(index, child)| *child = masked_below(child, &path.index(index), object));
        }
        _ => {}
    }
    masked
}

/// Hides what a key of a Secret's `data` means. The encoded form is found as one of its spellings.
fn hide_decoded(node: &Node, mask: &mut Mask) {
    let Some(text) = node.as_str() else { return };
    match STANDARD.decode(text.trim()).map(String::from_utf8) {
        Ok(Ok(decoded)) => mask.hide(&decoded, Secrecy::Likely),
        // Bytes that are no text are shown encoded, if at all.
        _ => mask.hide(text, Secrecy::Likely),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::object::ObjectId;

    #[test]
    fn data_of_secrets_is_hidden_decoded_and_encoded() {
        let body = serde_json::json!({"data": {"password": STANDARD.encode("blue-moon-17")}});
        let id = ObjectId::secret("lab", "broker");
        let secret = Object { id, version: "v1".into(), body: Node::from(&body), secret: BTreeSet::new() };
        let mask = mask_of(std::slice::from_ref(&secret));
        let encoded = STANDARD.encode("blue-moon-17");
        let text = mask.text(&format!("login blue-moon-17 refused, {encoded}"));
        assert!(!text.contains("blue-moon") && !text.contains(&encoded), "{text}");
        assert_eq!(masked_body(&secret).str_at(&["data", "password"]), Some(MASKED));
    }
}
