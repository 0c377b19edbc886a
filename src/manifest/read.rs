//! Rendered YAML as input: `--manifest`.

use super::envelope::envelope;
use super::spot::{at_value, subject};
use super::typed::Typed;
use crate::diagnostic::{Diagnostic, SourceId};
use crate::render::Document;
use crate::schema::{self, Shape};
use crate::yaml::{self, Dialect, Node, Value};

/// Reads rendered YAML as kubectl reads it (YAML 1.1); `List`s are opened, empty documents left out.
///
/// # Errors
/// The text is no YAML; a document is no object.
pub fn read(text: &str, source: SourceId) -> Result<Vec<Document>, Vec<Diagnostic>> {
    let roots = yaml::read(text, source, Dialect::Kubectl11).map_err(|diagnostic| vec![diagnostic])?;
    let (mut documents, mut errors) = (Vec::with_capacity(roots.len()), Vec::new());
    for root in roots.into_iter().filter(|root| !root.is_null()) {
        open(root, &mut documents);
    }
    for document in &documents {
        match envelope(document) {
            Err(diagnostic) => errors.push(diagnostic),
            Ok(known) => {
                if let Some(typed) = schema::kind(&known.group, &known.version, &known.kind) {
                    booleans(&document.root, &document.root, Typed::Known(typed), &mut errors);
                }
            }
        }
    }
    if errors.is_empty() { Ok(documents) } else { Err(errors) }
}

/// `List`, and typed lists such as `ConfigMapList`, hold objects (kubectl's builder opens both).
fn open(root: Node, out: &mut Vec<Document>) {
    let is_list = root.str_at(&["kind"]).is_some_and(|kind| kind.ends_with("List"));
    let Node { value: Value::Map(mut map), origin, key } = root else {
        out.push(Document { template: String::new(), root });
        return;
    };
    match map.get_mut("items") {
        Some(Node { value: Value::List(items), .. }) if is_list => {
            for item in std::mem::take(items) {
                open(item, out);
            }
        }
        _ => out.push(Document { template: String::new(), root: Node { value: Value::Map(map), origin, key } }),
    }
}

/// In YAML 1.1 `yes` and `on` are booleans. Where a string is wanted nobody can know any more what was written, and
/// kubectl refuses it, so no spelling is guessed.
fn booleans(root: &Node, node: &Node, typed: Typed<'_>, errors: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::Bool(_) if typed.shape() == Shape::String => {
            let diagnostic = at_value(Diagnostic::error("expected a string, got a boolean"), node);
            errors.push(diagnostic.note(format!("in {}", subject(root))).hint("put it into quotes"));
        }
        Value::Map(map) => {
            for (key, child) in map {
                if let Some(inner) = typed.field(key).or_else(|| typed.values()) {
                    booleans(root, child, inner, errors);
                }
            }
        }
        Value::List(items) => {
            if let Some(inner) = typed.items() {
                for item in items {
                    booleans(root, item, inner, errors);
                }
            }
        }
        _ => {}
    }
}
