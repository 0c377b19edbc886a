//! A field that would change: what it is, what it would be, and who said so.

use schemars::JsonSchema;
use serde::Serialize;

use super::style::{BAD, CHANGED, FAINT, GOOD, painted};
use super::unified::unified;
use crate::action::Reading;
use crate::diagnostic::Place;
use crate::object::{MASKED, Mask};
use crate::plan::{FieldDiff, Generated};
use crate::yaml::{self, Node, Value};

/// Longest value that is shown in one line, in characters.
const LINE: usize = 80;

/// A field that differs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FieldView {
    /// Its path.
    path: String,
    /// `add`, `change`, `remove`, or `keep` for a generated key that keeps its value.
    change: &'static str,
    /// What it is; null where it is not there or is a secret.
    live: Option<serde_json::Value>,
    /// What it would be; null where it would go or is a secret.
    wanted: Option<serde_json::Value>,
    /// Whether the values are not shown.
    secret: bool,
    /// `new` or `kept` for a key whose value kchart generates; else null.
    generated: Option<&'static str>,
    /// Whether somebody changed it since the last revision applied it.
    drift: bool,
    /// The values file with line and column, or the flag, that set it, where that is known.
    from: Option<String>,
    /// Template, line and column that wrote it, where that is known.
    at: Option<String>,
    #[serde(skip)]
    #[schemars(skip)]
    text: String,
}

impl FieldView {
    /// A field of a plan. What the mask hides is hidden in both values.
    pub(super) fn new(diff: &FieldDiff, drift: bool, reading: &Reading, mask: &Mask) -> Self {
        let shown = |node: &Option<Node>| node.as_ref().filter(|_| !diff.secret).map(|node| mask.node(node));
        let (live, wanted) = (shown(&diff.live), shown(&diff.wanted));
        let origin = diff.wanted.as_ref().map(|node| node.origin).unwrap_or_default();
        let place = |place: Place| place.is_known().then(|| mask.text(&reading.sources.name(place)));
        let from = place(origin.from).map(|from| match from.split_once('=') {
            // A flag says its value.
            Some((flag, _)) if diff.secret => format!("{flag}={MASKED}"),
            _ => from,
        });
        let change = match (&diff.live, &diff.wanted) {
            (None, _) => "add",
            (_, None) => "remove",
            _ => "change",
        };
        let mut said = Vec::new();
        if drift {
            said.push(painted(CHANGED, "drift: somebody changed it"));
        }
        said.extend(from.as_ref().map(|from| painted(FAINT, from)));
        let said = if said.is_empty() { String::new() } else { format!("  ({})", said.join(", ")) };
        let values = match (change, diff.secret) {
            ("add", true) => format!(" added, a secret{said}\n"),
            ("remove", true) => format!(" removed, a secret{said}\n"),
            (_, true) => format!(" changed, a secret{said}\n"),
            _ => values(live.as_ref(), wanted.as_ref(), &said),
        };
        Self {
            text: format!("{}:{values}", diff.path),
            path: diff.path.to_string(),
            change,
            live: live.as_ref().map(Node::to_json),
            wanted: wanted.as_ref().map(Node::to_json),
            secret: diff.secret,
            generated: None,
            drift,
            from,
            at: place(origin.at),
        }
    }

    /// A generated key of a Secret.
    pub(super) fn generated(key: &str, fate: Generated) -> Self {
        let (change, word) = match fate {
            Generated::Kept => ("keep", "kept"),
            Generated::New => ("add", "new"),
        };
        let path = crate::object::FieldPath::keys(&["data", key]).to_string();
        Self {
            text: format!("{path}: generated, {word}\n"),
            path,
            change,
            live: None,
            wanted: None,
            secret: true,
            generated: Some(word),
            drift: false,
            from: None,
            at: None,
        }
    }

    /// Its path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The lines about it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Short values in one line, others as a diff of their lines.
fn values(live: Option<&Node>, wanted: Option<&Node>, said: &str) -> String {
    if let (Ok(live), Ok(wanted)) = (short(live), short(wanted)) {
        return format!(" {} → {}{said}\n", painted(BAD, live), painted(GOOD, wanted));
    }
    format!("{said}\n{}", unified(&long(live), &long(wanted), "    "))
}

/// A value that fits in a line, as JSON.
fn short(node: Option<&Node>) -> Result<String, ()> {
    let Some(node) = node else { return Ok("(nothing)".to_owned()) };
    if node.as_str().is_some_and(|text| text.contains('\n')) {
        return Err(());
    }
    let text = node.to_json().to_string();
    if text.chars().count() <= LINE { Ok(text) } else { Err(()) }
}

/// The lines of a value: of a text its own, of everything else its YAML.
fn long(node: Option<&Node>) -> String {
    match node {
        None => String::new(),
        Some(Node { value: Value::Text(text), .. }) => match text.known() {
            Some(known) if known.contains('\n') => known.to_owned(),
            Some(known) => format!("{known}\n"),
            None => String::new(),
        },
        Some(node) => yaml::write(node),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::object::{FieldPath, Secrecy};

    fn text(live: &Json, wanted: &Json, secret: bool, mask: &Mask) -> String {
        let node = |json: &Json| (!json.is_null()).then(|| Node::from(json));
        let path = FieldPath::keys(&["data", "app.conf"]);
        let diff = FieldDiff { path, live: node(live), wanted: node(wanted), secret };
        let view = FieldView::new(&diff, false, &Reading::default(), mask);
        anstream::adapter::strip_str(view.text()).to_string()
    }

    #[test]
    fn short_values_stand_in_one_line_and_long_ones_below_each_other() {
        let mask = Mask::default();
        assert_eq!(text(&json!(1), &json!("1"), false, &mask), "data[app.conf]: 1 → \"1\"\n");
        assert_eq!(text(&json!(null), &json!(["a"]), false, &mask), "data[app.conf]: (nothing) → [\"a\"]\n");
        assert_eq!(
            text(&json!("a\nb\n"), &json!("a\nc\n"), false, &mask),
            "data[app.conf]:\n    @@ -1,2 +1,2 @@\n      a\n    - b\n    + c\n"
        );
        let long = "x".repeat(LINE);
        assert_eq!(
            text(&json!(null), &json!({"key": long}), false, &mask),
            format!("data[app.conf]:\n    @@ -0,0 +1 @@\n    + key: {long}\n")
        );
    }

    #[test]
    fn secrets_are_told_to_change_and_never_shown() {
        let mut mask = Mask::default();
        assert_eq!(text(&json!("aGk="), &json!("aG8="), true, &mask), "data[app.conf]: changed, a secret\n");
        assert_eq!(text(&json!(null), &json!("aG8="), true, &mask), "data[app.conf]: added, a secret\n");
        mask.hide("old-password", Secrecy::Sure);
        let shown = text(&json!("url: old-password\nb\n"), &json!("url: new\nb\n"), false, &mask);
        assert!(shown.contains("- url: •••") && !shown.contains("old-password"), "{shown}");
    }
}
