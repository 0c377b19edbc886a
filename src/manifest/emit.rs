//! The manifest as text.

use crate::object::{MASKED, Object};
use crate::yaml::{self, Node, Value};

/// The manifest as canonical YAML documents with `---` between them. Generated keys are left out, with a comment that
/// says so. With `mask`, Secret data and fields that flowed into a Secret are replaced by a mask that can't be
/// installed.
pub fn to_yaml(objects: &[Object], mask: bool) -> String {
    if mask {
        let masked: Vec<Node> = objects.iter().map(masked).collect();
        yaml::write_documents(&masked)
    } else {
        yaml::write_documents(objects.iter().map(|object| &object.body))
    }
}

/// The body of an object without its secrets.
pub fn masked(object: &Object) -> Node {
    let mut body = object.body.clone();
    if object.id.is_secret() {
        for field in ["data", "stringData"] {
            if let Some(entries) = body.as_map_mut().and_then(|map| map.get_mut(field)).and_then(Node::as_map_mut) {
                entries.values_mut().for_each(hide);
            }
        }
    }
    for path in &object.secret {
        if let Some(node) = path.find_mut(&mut body) {
            hide(node);
        }
    }
    body
}

fn hide(node: &mut Node) {
    let generated = node.as_text().is_some_and(yaml::Text::is_generated);
    if !generated && !node.is_null() {
        node.value = Value::from(MASKED);
    }
}
