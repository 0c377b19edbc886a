//! Label and field selectors.

use serde_json::Value;

use crate::sandbox::http::Call;
use crate::sandbox::json;
use crate::sandbox::rejection::Rejection;
use crate::sandbox::served::Served;

/// Which objects of a kind are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sandbox) struct Selector {
    labels: Vec<LabelTest>,
    fields: Vec<FieldTest>,
}

#[derive(Clone, Debug, PartialEq)]
enum LabelTest {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Has(String),
    HasNot(String),
}

#[derive(Clone, Debug, PartialEq)]
struct FieldTest {
    path: String,
    value: String,
    equal: bool,
}

impl Selector {
    /// Reads `labelSelector` and `fieldSelector` of a request.
    pub(in crate::sandbox) fn of(call: &Call, served: &Served) -> Result<Self, Rejection> {
        let labels = call.query.get("labelSelector").map_or(Ok(Vec::new()), parse_labels)?;
        let fields = call.query.get("fieldSelector").unwrap_or_default();
        let fields = fields.split(',').filter(|piece| !piece.trim().is_empty()).map(|piece| field(piece, served));
        Ok(Self { labels, fields: fields.collect::<Result<_, _>>()? })
    }

    /// Only the object of that name.
    pub(in crate::sandbox) fn named(name: &str) -> Self {
        let test = FieldTest { path: "metadata.name".to_owned(), value: name.to_owned(), equal: true };
        Self { labels: Vec::new(), fields: vec![test] }
    }

    /// Whether it selects everything.
    pub(in crate::sandbox) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether an object is wanted.
    pub(in crate::sandbox) fn matches(&self, object: &Value) -> bool {
        let label = |name: &str| json::text(object, &["metadata", "labels", name]);
        let labels = self.labels.iter().all(|test| match test {
            LabelTest::In(name, values) => label(name).is_some_and(|value| values.iter().any(|one| one == value)),
            LabelTest::NotIn(name, values) => label(name).is_none_or(|value| values.iter().all(|one| one != value)),
            LabelTest::Has(name) => label(name).is_some(),
            LabelTest::HasNot(name) => label(name).is_none(),
        });
        labels
            && self.fields.iter().all(|test| {
                let path: Vec<_> = test.path.split('.').collect();
                let value = json::get(object, &path).map_or_else(String::new, |value| match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                (value == test.value) == test.equal
            })
    }
}

/// Fields that may be selected by, beside name and namespace (`pkg/registry/*/strategy.go`, `SelectableFields`).
const FIELDS: &[(&str, &str)] = &[
    ("Event", "involvedObject.kind"),
    ("Event", "involvedObject.name"),
    ("Event", "involvedObject.namespace"),
    ("Event", "involvedObject.uid"),
    ("Event", "reason"),
    ("Event", "type"),
    ("Job", "status.successful"),
    ("Namespace", "status.phase"),
    ("Node", "spec.unschedulable"),
    ("Pod", "spec.nodeName"),
    ("Pod", "spec.restartPolicy"),
    ("Pod", "spec.serviceAccountName"),
    ("Pod", "status.phase"),
    ("Pod", "status.podIP"),
    ("ReplicaSet", "status.replicas"),
    ("Secret", "type"),
    ("Service", "spec.clusterIP"),
    ("Service", "spec.type"),
];

fn field(piece: &str, served: &Served) -> Result<FieldTest, Rejection> {
    let (path, value, equal) = if let Some((path, value)) = piece.split_once("!=") {
        (path, value, false)
    } else if let Some((path, value)) = piece.split_once("==").or_else(|| piece.split_once('=')) {
        (path, value, true)
    } else {
        let message = format!("invalid selector: '{piece}'; can't understand '{piece}'");
        return Err(Rejection::bad_request(message));
    };
    let (path, value) = (path.trim(), value.trim());
    let name = path == "metadata.name" || (path == "metadata.namespace" && served.namespaced);
    let known = name || FIELDS.contains(&(served.kind.kind.as_ref(), path));
    if !known {
        let kind = served.kind.kind.as_ref();
        // Kinds that can be selected by fields of their own have words of their own for it.
        let message = if FIELDS.iter().any(|(known, _)| *known == kind) {
            format!("field label not supported: {path}")
        } else {
            format!("{path:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
        };
        return Err(Rejection::bad_request(message));
    }
    Ok(FieldTest { path: path.to_owned(), value: value.to_owned(), equal })
}

fn parse_labels(text: &str) -> Result<Vec<LabelTest>, Rejection> {
    pieces(text).into_iter().map(|piece| label_test(piece.trim()).ok_or_else(|| unreadable(piece))).collect()
}

fn unreadable(piece: &str) -> Rejection {
    let found = if piece.contains("===") { "=" } else { piece };
    Rejection::bad_request(format!("unable to parse requirement: found '{found}', expected: identifier"))
}

/// Pieces between commas, but not between those in parentheses.
fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, char) in text.char_indices() {
        match char {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn label_test(piece: &str) -> Option<LabelTest> {
    let words: Vec<&str> = piece.split_whitespace().collect();
    if let [name, operator @ ("in" | "notin"), ..] = words.as_slice() {
        return set_test(name, operator, piece);
    }
    // `x in(a)` has no blank before its parenthesis.
    if let [name, rest] = words.as_slice()
        && let Some(operator) = ["notin", "in"]
            .iter()
            .find(|operator| rest.strip_prefix(**operator).is_some_and(|after| after.starts_with('(')))
    {
        return set_test(name, operator, piece);
    }
    if let Some(name) = piece.strip_prefix('!') {
        return label_name(name).map(LabelTest::HasNot);
    }
    if let Some((name, value)) = piece.split_once("!=") {
        return Some(LabelTest::NotIn(label_name(name)?, vec![label_value(value)?]));
    }
    if let Some((name, value)) = piece.split_once("==").or_else(|| piece.split_once('=')) {
        return Some(LabelTest::In(label_name(name)?, vec![label_value(value)?]));
    }
    label_name(piece).map(LabelTest::Has)
}

fn set_test(name: &str, operator: &str, piece: &str) -> Option<LabelTest> {
    let (_, rest) = piece.split_once('(')?;
    let (values, after) = rest.split_once(')')?;
    let values: Vec<_> = values.split(',').map(|value| value.trim().to_owned()).collect();
    if !after.trim().is_empty() {
        return None;
    }
    let name = label_name(name)?;
    Some(if operator == "in" { LabelTest::In(name, values) } else { LabelTest::NotIn(name, values) })
}

fn label_value(text: &str) -> Option<String> {
    let value = text.trim();
    let fine = value.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    fine.then(|| value.to_owned())
}

fn label_name(text: &str) -> Option<String> {
    let name = text.trim();
    let fine = !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || "-_./".contains(char));
    fine.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selects(text: &str) -> bool {
        let labels = parse_labels(text).unwrap();
        let object = json!({"metadata": {"labels": {"app": "web", "app.kubernetes.io/part-of": "x"}}});
        Selector { labels, fields: Vec::new() }.matches(&object)
    }

    #[test]
    fn labels_are_selected_by_equality_set_and_presence() {
        for text in [
            "app=web",
            "app==web,app.kubernetes.io/part-of",
            "app!=db",
            "other!=db",
            "app in (db, web)",
            "app in(web)",
            "app notin (db),!other",
            "other notin (x)",
        ] {
            assert!(selects(text), "{text}");
        }
        for text in ["app=db", "app!=web", "app in (db)", "app notin (web,db)", "!app", "other"] {
            assert!(!selects(text), "{text}");
        }
        for text in ["app in web", "=x", "app in (a) b", "a b"] {
            assert!(parse_labels(text).is_err(), "{text}");
        }
    }
}
