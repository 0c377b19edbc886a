//! Values that the API server quotes in its sentences: they go where they could be a secret.

use crate::manifest::mask;
use crate::object::{FieldPath, Object, Segment};

/// A sentence about a field. Where the field may hold a secret, the value that the sentence quotes is cut out;
/// everywhere, what the object holds as a secret is.
pub(super) fn cause(message: &str, field: &str, object: Option<&Object>) -> String {
    let text = if may_be_secret(field, object) { without_value(message) } else { message.to_owned() };
    harmless(&lower_first(&text), object)
}

/// A sentence in one line, without what the object holds as secrets.
pub(super) fn harmless(text: &str, object: Option<&Object>) -> String {
    one_line(&object.map_or_else(|| text.to_owned(), |object| mask([object], []).text(text)))
}

/// Foreign text as a fragment of one line.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<_> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

/// Whether a field may hold a secret: all of a Secret's data, fields marked as such, values of environment variables.
fn may_be_secret(field: &str, object: Option<&Object>) -> bool {
    let path = FieldPath::parse(field);
    let in_secret = object.is_some_and(|object| object.id.is_secret()) && !field.starts_with("metadata.name");
    let marked = object.zip(path.as_ref()).is_some_and(|(object, path)| object.hides(path));
    let in_env = path.is_some_and(|path| {
        let keys =
            path.0.iter().filter_map(|segment| if let Segment::Key(key) = segment { Some(key.as_str()) } else { None });
        let keys: Vec<_> = keys.collect();
        keys.windows(2).any(|pair| pair == ["env", "value"])
    });
    in_secret || marked || in_env
}

/// `Invalid value: "hunter2": must be …` without the value
/// (`apimachinery/pkg/util/validation/field/errors.go`, `ErrorBody`).
fn without_value(message: &str) -> String {
    let Some((kind, rest)) = message.split_once(": ") else { return message.to_owned() };
    if !matches!(kind, "Invalid value" | "Unsupported value" | "Duplicate value" | "Not found" | "Forbidden value") {
        return message.to_owned();
    }
    match end_of_value(rest).and_then(|end| rest.get(end..)?.strip_prefix(": ")) {
        Some(detail) => format!("{kind}: {detail}"),
        None => kind.to_owned(),
    }
}

/// The end of a quoted value; of another one, nothing is certain.
fn end_of_value(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, char) in inner.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    None
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        // An abbreviation (`RFC 1123`) keeps its letters.
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::object::ObjectId;
    use crate::yaml::Node;
    use serde_json::json;

    fn secret() -> Object {
        Object {
            id: ObjectId::secret("shop", "login"),
            version: "v1".into(),
            body: Node::from(&json!({"data": {"password": STANDARD.encode("hunter2 \"x\"")}})),
            secret: std::collections::BTreeSet::new(),
        }
    }

    #[test]
    fn values_of_secrets_and_of_the_environment_are_cut_out() {
        let message = r#"Invalid value: "hunter2 \"x\"": must be short"#;
        assert_eq!(cause(message, "data[password]", Some(&secret())), "invalid value: must be short");
        assert_eq!(cause(message, "spec.containers[0].env[3].value", None), "invalid value: must be short");
        assert_eq!(cause("Invalid value: 4711: no", "spec.containers[0].env[3].value", None), "invalid value");
        assert_eq!(
            cause("Invalid value: -1: must be positive", "spec.replicas", None),
            "invalid value: -1: must be positive"
        );
        assert_eq!(cause("Required value", "spec.selector", None), "required value");
    }

    #[test]
    fn a_sentence_never_quotes_what_the_object_holds() {
        let object = secret();
        let encoded = STANDARD.encode("hunter2 \"x\"");
        let told = harmless(&format!("bad {encoded},\n or hunter2 \"x\" even"), Some(&object));
        assert_eq!(told, "bad •••, or ••• even");
    }
}
