//! Lists whose items must differ: those that server-side apply merges by key, and sets.

use std::collections::HashMap;

use super::super::spot::{Findings, Spot, at_value};
use super::super::typed::Typed;
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// Checks for items that the API server takes for the same one.
pub(super) fn check(spot: &Spot<'_>, items: &[Node], found: &mut Findings) {
    let (Some(keys), Some(inner)) = (spot.typed.keys(), spot.typed.items()) else { return };
    let mut seen: HashMap<Vec<String>, &Node> = HashMap::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let Some(identity) = identity(item, &keys, inner) else { continue };
        if let Some(first) = seen.get(&identity) {
            let what: Vec<_> =
                keys.iter().zip(&identity).map(|(key, value)| format!("{key} {}", unquoted(value))).collect();
            let what = if keys.is_empty() { unquoted(&identity[0]) } else { what.join(", ") };
            let here = spot.index(index, item, inner);
            let diagnostic = Diagnostic::error(format!("two items of `{}` have the same {what}", spot.name()));
            let place = |node| keys.first().and_then(|key| Node::get(node, key)).unwrap_or(node);
            let diagnostic = at_value(diagnostic, place(item)).note_at("the first one", place(first).origin.at);
            found.errors.push(here.place(diagnostic));
        } else {
            seen.insert(identity, item);
        }
    }
}

/// The values of an item's keys as JSON; none if one is missing, which is another error, or not known yet.
fn identity(item: &Node, keys: &[&str], inner: Typed<'_>) -> Option<Vec<String>> {
    if keys.is_empty() {
        return item.as_text().is_none_or(|text| !text.is_generated()).then(|| vec![item.to_json().to_string()]);
    }
    let value = |key: &&str| match item.get(key) {
        Some(node) if node.as_text().is_some_and(crate::yaml::Text::is_generated) => None,
        Some(node) => Some(node.to_json().to_string()),
        None => inner.field(key)?.default(),
    };
    keys.iter().map(value).collect()
}

fn unquoted(json: &str) -> String {
    let text = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(json);
    format!("`{text}`")
}
