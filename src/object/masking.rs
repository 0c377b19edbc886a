//! What must not be shown, and the text that stands for it (DESIGN law 6).
//!
//! Where the origin of a value is known, masking follows it ([`Mask::node`]). Foreign text (Pod logs, messages of the
//! API server) is searched for values in the forms in which programs print them ([`Mask::text`]): plain, base64 at
//! all three alignments, URL-encoded, JSON-escaped. A mask never says what it hides, not in `Debug` either.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use super::needle::{self, Needle};
use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::{Node, Part, Text, Value};

/// What is shown instead. No base64, so that a masked manifest can't be installed.
pub const MASKED: &str = "•••";

/// Shorter values are too common to be searched for in foreign text, unless they are known to be secret.
const TELLING: usize = 8;

/// How sure it is that a value is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// Generated, or `writeOnly` in a schema: searched for at any length.
    Sure,
    /// In a Secret, as user names and host names are too: searched for when it is long enough and names no object.
    Likely,
}

/// Everything that must not be shown.
#[derive(Clone, Default)]
pub struct Mask {
    /// Names of objects: they stand in every message.
    names: BTreeSet<String>,
    /// Whole values, for leaves of structured output.
    values: HashSet<String>,
    /// What foreign text is searched for.
    needles: BTreeSet<Needle>,
    /// Places in values files (and templates) that flowed into a Secret.
    places: HashSet<Place>,
}

impl Mask {
    /// A mask that hides nothing yet. `names` are names of objects, which only values that are surely secret hide.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { names: names.into_iter().map(str::to_owned).collect(), ..Self::default() }
    }

    /// Hides a value.
    pub fn hide(&mut self, value: &str, secrecy: Secrecy) {
        let named = secrecy == Secrecy::Likely && self.names.contains(value);
        if value.is_empty() || named {
            return;
        }
        self.values.insert(value.to_owned());
        if secrecy == Secrecy::Sure || value.chars().count() >= TELLING {
            self.needles.extend(needle::forms(value));
        }
        for part in needle::parts(value) {
            if part.chars().count() >= TELLING && !self.names.contains(&part) {
                self.needles.extend(needle::forms(&part));
            }
        }
    }

    /// Hides every leaf below a node, and the places that it came from.
    pub fn hide_node(&mut self, node: &Node, secrecy: Secrecy) {
        match &node.value {
            Value::Map(map) => map.values().for_each(|child| self.hide_node(child, secrecy)),
            Value::List(items) => items.iter().for_each(|child| self.hide_node(child, secrecy)),
            Value::Text(text) => {
                self.hide_place(node);
                for part in text.parts() {
                    if let Part::Known(known) = part {
                        self.hide(known, secrecy);
                    }
                }
            }
            Value::Number(number) => {
                self.hide_place(node);
                self.hide(number.as_str(), secrecy);
            }
            Value::Bool(_) | Value::Null => {}
        }
    }

    /// Hides whatever came from the place that this node came from.
    pub fn hide_place(&mut self, node: &Node) {
        if node.origin.from.is_known() {
            self.places.insert(node.origin.from);
        }
    }

    /// Hides what another mask hides, too.
    pub fn extend(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.values.extend(other.values.iter().cloned());
        self.needles.extend(other.needles.iter().cloned());
        self.places.extend(other.places.iter().copied());
    }

    /// Whether it hides nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.places.is_empty()
    }

    /// Whether a node came from a place that flowed into a Secret.
    pub fn hides_origin_of(&self, node: &Node) -> bool {
        self.places.contains(&node.origin.from)
    }

    /// Whether what stands at a place flowed into a Secret.
    pub fn hides_place(&self, place: Place) -> bool {
        self.places.contains(&place)
    }

    /// A text in which no hidden value can be read.
    pub fn text(&self, text: &str) -> String {
        let mut found: Vec<_> = self.needles.iter().flat_map(|needle| needle.find(text)).collect();
        if found.is_empty() {
            return text.to_owned();
        }
        found.sort_unstable_by_key(|range| (range.start, range.end));
        let (mut masked, mut shown) = (String::with_capacity(text.len()), 0);
        for range in found {
            if range.start >= shown {
                masked.push_str(&text[shown..range.start]);
                masked.push_str(MASKED);
            }
            // A match that begins inside the one before goes on with its mask.
            shown = shown.max(range.end);
        }
        masked.push_str(&text[shown..]);
        masked
    }

    /// A tree in which no hidden value can be read: leaves that flowed into a Secret, or equal a hidden value, are
    /// masked whole, others are searched.
    #[must_use]
    pub fn node(&self, node: &Node) -> Node {
        let value = match &node.value {
            Value::Map(map) => Value::Map(map.iter().map(|(key, child)| (self.text(key), self.node(child))).collect()),
            Value::List(items) => Value::List(items.iter().map(|child| self.node(child)).collect()),
            Value::Text(text) => Value::Text(self.leaf(node, text)),
            Value::Number(number) if self.hides_origin_of(node) || self.values.contains(number.as_str()) => {
                Value::from(MASKED)
            }
            other => other.clone(),
        };
        Node { value, origin: node.origin, key: node.key }
    }

    fn leaf(&self, node: &Node, text: &Text) -> Text {
        match text.known() {
            None => text.clone(),
            Some("") => Text::default(),
            Some(known) if self.hides_origin_of(node) || self.values.contains(known) => Text::from(MASKED),
            Some(known) => Text::from(self.text(known)),
        }
    }

    /// A message in which no hidden value can be read.
    #[must_use]
    pub fn diagnostic(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.message = self.text(&diagnostic.message);
        diagnostic.notes.iter_mut().for_each(|note| note.text = self.text(&note.text));
        diagnostic.hints.iter_mut().for_each(|hint| *hint = self.text(hint));
        diagnostic
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mask").field("values", &self.values.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;
    use crate::diagnostic::{Origin, SourceKind, SourceMap};

    fn mask(values: &[(&str, Secrecy)]) -> Mask {
        let mut mask = Mask::new(["rabbitmq-0"]);
        for (value, secrecy) in values {
            mask.hide(value, *secrecy);
        }
        mask
    }

    #[test]
    fn every_form_of_a_value_is_found() {
        let secret = "s3cr3t/blue moon\"é";
        let mask = mask(&[(secret, Secrecy::Likely)]);
        let json = serde_json::to_string(secret).expect("a string");
        let mut forms = vec![
            format!("login {secret} refused"),
            format!("{{\"password\":{json}}}"),
            format!("amqp://u:{}@host", "s3cr3t%2Fblue%20moon%22%C3%A9"),
            format!("form {}", "s3cr3t%2fblue+moon%22%c3%a9"),
            STANDARD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
        ];
        forms.extend(["", "a", "ab"].map(|before| STANDARD.encode(format!("{before}{secret}tail"))));
        for form in forms {
            let masked = mask.text(&form);
            assert!(masked.contains(MASKED), "{form}");
            for left in ["s3cr3t", "blue", "moon", &STANDARD.encode(secret)[4..12]] {
                assert!(!masked.contains(left), "{form} became {masked}");
            }
        }
    }

    #[test]
    fn what_is_common_is_only_hidden_when_it_is_surely_secret() {
        let likely = mask(&[("guest", Secrecy::Likely), ("rabbitmq-0", Secrecy::Likely)]);
        assert_eq!(likely.text("guest at rabbitmq-0"), "guest at rabbitmq-0");
        let sure = mask(&[("guest", Secrecy::Sure), ("rabbitmq-0", Secrecy::Sure), ("ab", Secrecy::Sure)]);
        assert_eq!(sure.text("guest at rabbitmq-0, ab, cab"), "••• at •••, •••, cab");
    }

    #[test]
    fn neighbours_and_overlaps_leave_nothing() {
        let mask = mask(&[("aaaaaaaabbbbbbbb", Secrecy::Likely), ("bbbbbbbbcccccccc", Secrecy::Likely)]);
        assert_eq!(mask.text("<aaaaaaaabbbbbbbbcccccccc>"), "<•••>");
    }

    #[test]
    fn lines_and_members_of_a_value_are_hidden_by_themselves() {
        let mut mask = mask(&[("# key\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n", Secrecy::Likely)]);
        assert_eq!(mask.text("read kqhkiG9w0BAQEF"), "read •••");
        mask.hide(r#"{"auths":{"registry":{"auth":"dXNlcjpwYXNz"}}}"#, Secrecy::Likely);
        assert_eq!(mask.text("auth dXNlcjpwYXNz"), "auth •••");
        mask.hide("amqp://orders:correct-horse@broker:5672", Secrecy::Likely);
        assert_eq!(mask.text("password correct-horse"), "password •••");
    }

    #[test]
    fn leaves_are_hidden_by_where_they_came_from() {
        let mut sources = SourceMap::new();
        let source = sources.add("values.yaml", SourceKind::Values, "");
        let origin = Origin::value(Place::new(source, 3, 7));
        let mut mask = Mask::default();
        mask.hide_node(&Node::with("abc", origin), Secrecy::Likely);
        let mut values = Node::map();
        values.map_at_mut(&[]).insert("short".into(), Node::with("abc", origin));
        values.map_at_mut(&[]).insert("other".into(), Node::new("abcd"));
        let masked = mask.node(&values);
        assert_eq!((masked.str_at(&["short"]), masked.str_at(&["other"])), (Some(MASKED), Some("abcd")));
    }

    #[test]
    fn debug_shows_nothing() {
        let mask = mask(&[("correct-horse", Secrecy::Sure)]);
        assert_eq!(format!("{mask:?}"), "Mask { values: 1, .. }");
    }
}
