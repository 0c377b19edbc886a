//! What differs from run to run has a name that does not: `<uid-1>` is the first uid that a case's answers show. A
//! request that holds the name is sent with what stands behind it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// Names of a case, and what they stand for.
pub(super) struct Masks {
    namespace: String,
    /// Of uids and resourceVersions: the value, and its name.
    named: Vec<(String, String)>,
    counts: BTreeMap<&'static str, usize>,
}

/// Text that is masked wherever it stands.
static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
        (r"kube-api-access-[a-z0-9]{5}", "kube-api-access-<random>"),
        (r"\b198\.1[89]\.\d+\.\d+|\b10\.\d+\.\d+\.\d+", "<ip>"),
        (r"-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-<hash>-<random>"),
        (r"resource version: (\d+) \(\d+\)", "resource version: $1 (<newest>)"),
        (r"(does not match the ResourceVersion in record) \(\d+\)", "$1 (<version>)"),
        // Go's own view of an object, which is nobody's interface.
        (r"Invalid value: [\[{].*[\]}]: ", "Invalid value: <object>: "),
        (r"\n@@[\s\S]*$", ""),
    ]
    .into_iter()
    .map(|(pattern, name)| (Regex::new(pattern).expect("the pattern is one"), name))
    .collect()
});

static UID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").expect("the pattern is one")
});

impl Masks {
    pub(super) fn new(namespace: &str) -> Self {
        Self { namespace: namespace.to_owned(), named: Vec::new(), counts: BTreeMap::new() }
    }

    /// The name of a value; a new one if it is seen for the first time.
    fn name(&mut self, sort: &'static str, value: &str) -> String {
        if let Some((_, name)) = self.named.iter().find(|(known, name)| known == value && name[1..].starts_with(sort)) {
            return name.clone();
        }
        let count = self.counts.entry(sort).or_default();
        *count += 1;
        let name = format!("<{sort}-{count}>");
        self.named.push((value.to_owned(), name.clone()));
        name
    }

    /// Text of an answer, masked.
    pub(super) fn mask(&mut self, text: &str) -> String {
        let mut masked = String::new();
        let mut rest = text;
        while let Some(found) = UID.find(rest) {
            masked.push_str(&rest[..found.start()]);
            masked.push_str(&self.name("uid", found.as_str()));
            rest = &rest[found.end()..];
        }
        masked.push_str(rest);
        let masked = masked.replace(&self.namespace, "{ns}");
        PATTERNS.iter().fold(masked, |text, (pattern, name)| pattern.replace_all(&text, *name).into_owned())
    }

    /// All text in an answer, masked; versions and what a cluster hands out too.
    pub(super) fn mask_all(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.mask(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask_all(item)),
            Value::Object(fields) => {
                for (field, value) in fields.iter_mut() {
                    match (field.rsplit('.').next().unwrap_or_default(), &*value) {
                        ("resourceVersion", Value::String(version)) if !version.is_empty() => {
                            *value = self.name("version", version).into();
                        }
                        ("pod-template-hash" | "controller-revision-hash", Value::String(_)) => {
                            *value = "<hash>".into();
                        }
                        ("nodePort" | "healthCheckNodePort", Value::Number(_)) => *value = "<port>".into(),
                        ("continue", Value::String(_)) => *value = "<continue>".into(),
                        _ => self.mask_all(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// A request's text with the values behind its names.
    pub(super) fn unmask(&self, text: &str) -> String {
        let text = text.replace("{ns}", &self.namespace);
        self.named.iter().fold(text, |text, (value, name)| text.replace(name, value))
    }
}
