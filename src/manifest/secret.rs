//! Secrets: `stringData` becomes `data`.
//!
//! Keys of `stringData` are never removed by server-side apply (it owns `stringData`, not `data`), so kchart sends
//! `data` only. Texts with a generated part stay as they are: their meaning is the text before encoding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::spot::{Findings, at_value, subject};
use crate::diagnostic::Diagnostic;
use crate::object::MASKED;
use crate::yaml::{Map, Node, Text, Value};

/// Checks `data` of a Secret as it was written, before [`encode`]. No message shows a value.
pub(super) fn check(root: &Node, found: &mut Findings) {
    let Some(entries) = root.get("data").and_then(Node::as_map) else { return };
    for (key, node) in entries {
        let Some(text) = node.as_str() else { continue };
        if STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).is_ok() {
            continue;
        }
        let diagnostic = at_value(Diagnostic::error(format!("the value of `{key}` is not base64")), node);
        let hint = if text.contains(MASKED) {
            "it is a mask: render the manifest without `--mask`"
        } else {
            "put plain text into `stringData`; kchart encodes it"
        };
        found.errors.push(diagnostic.note(format!("in {} at `data`", subject(root))).hint(hint));
    }
}

/// Moves `stringData` into `data`, encoded. `stringData` wins, as in the API server.
pub(super) fn encode(root: &mut Node) {
    let Some(map) = root.as_map_mut() else { return };
    let plain = match map.get("stringData") {
        Some(node) if node.as_map().is_some() => map.shift_remove("stringData"),
        _ => None,
    };
    if let Some(entries) = map.get_mut("data").and_then(Node::as_map_mut) {
        entries.values_mut().for_each(tidy);
    }
    let Some(Node { value: Value::Map(entries), origin, key }) = plain else { return };
    if entries.is_empty() {
        return;
    }
    let target = map.entry("data".to_owned()).or_insert_with(|| Node { value: Map::default().into(), origin, key });
    if let Some(target) = target.as_map_mut() {
        target.extend(entries.into_iter().map(|(key, node)| (key, encoded(node))));
    }
}

/// Base64 may be written in lines; the API server gives it back without.
fn tidy(node: &mut Node) {
    if let Some(text) = node.as_str().filter(|text| text.contains(char::is_whitespace)) {
        node.value = Value::from(text.split_ascii_whitespace().collect::<String>());
    }
}

fn encoded(node: Node) -> Node {
    match node.as_str() {
        Some(text) => Node { value: Value::Text(Text::from(STANDARD.encode(text))), ..node },
        None => node,
    }
}

/// The keys of `data`, and what their values mean as text.
pub(super) fn decoded(root: &Node) -> impl Iterator<Item = (&str, String)> {
    root.get("data").and_then(Node::as_map).into_iter().flatten().filter_map(|(key, node)| {
        let text: String = node.as_str()?.split_ascii_whitespace().collect();
        Some((key.as_str(), String::from_utf8_lossy(&STANDARD.decode(text).ok()?).into_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Charset, GeneratedKey};

    #[test]
    fn string_data_becomes_data_and_generated_text_stays_text() {
        let mut secret = Node::from(&serde_json::json!({
            "kind": "Secret", "data": {"old": "b2xk", "both": "b2xk", "lines": "b2\nxk\n"},
            "stringData": {"both": "new", "user": "orders"},
        }));
        let mut url = Text::from("amqp://orders:");
        url.push(&Text::generated(GeneratedKey { name: "password".into(), length: 32, charset: Charset::Alnum }));
        secret.set(&["stringData"], "url", url.clone());
        encode(&mut secret);
        assert_eq!(
            secret.to_json(),
            serde_json::json!({"kind": "Secret",
                "data": {"old": "b2xk", "both": "bmV3", "lines": "b2xk", "user": "b3JkZXJz"}})
        );
        assert_eq!(secret.at(&["data", "url"]).and_then(Node::as_text), Some(&url));
    }

    #[test]
    fn plain_text_in_data_is_an_error_that_does_not_show_it() {
        let secret = Node::from(&serde_json::json!({
            "kind": "Secret", "metadata": {"name": "db"}, "data": {"password": "correct-horse!", "user": "b2xk"},
        }));
        let mut found = Findings::default();
        check(&secret, &mut found);
        assert_eq!(found.errors.len(), 1);
        assert_eq!(found.errors[0].message, "the value of `password` is not base64");
        assert!(!format!("{:?}", found.errors).contains("horse"));
    }
}
