//! What a cluster hands out has a name instead: `<uid of secrets/login>`, `web-<hash>-<random>`, `<time>`, so that what two
//! clusters said can be compared.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use super::recorder::{Answer, Content, Exchange};

/// Makers of these give them names with a uid or a hash, or make them anew as they like: theirs are not counted.
const UNCOUNTED: [&str; 3] = ["persistentvolumes", "pods", "replicasets"];

/// Of what random names are made (`k8s.io/apimachinery/pkg/util/rand`).
const SAFE: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Text that is different each time, wherever it stands.
static CHANCE: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
        (r"kube-api-access-[a-z0-9]{5}", "kube-api-access-<random>"),
        (r"back-off (\d+m)?\d+s ", "back-off <time> "),
        (r" \(\d+ times\)", ""),
        (r"; \d+ restarts?", "; <count> restarts"),
        (r"resourceVersion=\d\d+", "resourceVersion=<version>"),
        (r"resource version: \d+", "resource version: <version>"),
        (r"ResourceVersion in (precondition|record) \(\d\d+\)", "ResourceVersion in $1 (<version>)"),
    ]
    .into_iter()
    .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
    .collect()
});

static UID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap());

/// Names of what one cluster handed out.
pub(super) struct Names {
    namespace: String,
    uids: BTreeMap<String, String>,
    /// How many objects of a name there were.
    counts: BTreeMap<String, usize>,
    /// Other text, the longest first.
    texts: Vec<(String, String)>,
}

impl Names {
    /// Of a life in a namespace.
    pub(super) fn new(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            uids: BTreeMap::new(),
            counts: BTreeMap::new(),
            texts: vec![(namespace.to_owned(), "{ns}".to_owned())],
        }
    }

    /// Whether an object has nothing to do with the life: others use the cluster too.
    pub(super) fn is_others(&self, plural: &str, object: &Json) -> bool {
        let text = |pointer: &str| object.pointer(pointer).and_then(Json::as_str);
        let name = text("/metadata/name");
        match plural {
            "persistentvolumes" => text("/spec/claimRef/namespace") != Some(&self.namespace),
            "namespaces" => name != Some(&self.namespace),
            "customresourcedefinitions" => name != Some("lives.example.com"),
            "storageclasses" => !matches!(name, Some("standard" | "standard-retain")),
            _ => text("/metadata/namespace").is_some_and(|namespace| namespace != self.namespace),
        }
    }

    /// Hears what is in the answers.
    pub(super) fn learn(&mut self, exchanges: &[Exchange]) {
        for exchange in exchanges {
            let (Some(plural), Some(Answer { content, .. })) = (exchange.asked.plural(), &exchange.answer) else {
                continue;
            };
            match content {
                Content::Json(json) => self.learn_objects(plural, json),
                Content::Events(events) => events.iter().for_each(|event| self.learn_objects(plural, &event["object"])),
                Content::Text(_) => {}
            }
        }
    }

    /// Hears what is in an object, or in a list of them.
    pub(super) fn learn_objects(&mut self, plural: &str, json: &Json) {
        for object in objects(json).into_iter().filter(|object| !self.is_others(plural, object)).collect::<Vec<_>>() {
            let metadata = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
            let (name, uid) = (metadata("name"), metadata("uid"));
            if name.is_empty() {
                continue;
            }
            if let Some(hash) = object["metadata"]["labels"]["pod-template-hash"].as_str() {
                self.learn_text(hash, "<hash>");
            }
            if let Some((_, hash)) =
                object["metadata"]["labels"]["controller-revision-hash"].as_str().and_then(|it| it.rsplit_once('-'))
            {
                self.learn_text(hash, "<hash>");
            }
            if let Some(node) = object["spec"]["nodeName"].as_str() {
                self.learn_text(node, "<node>");
            }
            let prefix = metadata("generateName");
            // The Pods of a StatefulSet have numbers.
            let is_chance = |rest: &str| rest.len() == 5 && rest.bytes().all(|it| SAFE.contains(&it));
            if !prefix.is_empty() && name.strip_prefix(prefix).is_some_and(is_chance) {
                let plain = format!("{}<random>", self.text(prefix));
                self.learn_text(name, &plain);
            }
            if !uid.is_empty() && !self.uids.contains_key(uid) {
                let object = format!("{plural}/{}", self.text(name));
                let count = self.counts.entry(object.clone()).or_default();
                *count += 1;
                let number = if UNCOUNTED.contains(&plural) { String::new() } else { format!(" {count}") };
                self.uids.insert(uid.to_owned(), format!("<uid of {object}{number}>"));
            }
        }
    }

    fn learn_text(&mut self, text: &str, name: &str) {
        if !self.texts.iter().any(|(known, _)| known == text) {
            self.texts.push((text.to_owned(), name.to_owned()));
            self.texts.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        }
    }

    /// Text with names in it.
    pub(super) fn text(&self, text: &str) -> String {
        let uid = |found: &regex::Captures<'_>| self.uids.get(&found[0]).cloned().unwrap_or_else(|| "<uid>".to_owned());
        let mut named = UID.replace_all(text, uid).into_owned();
        for (text, name) in &self.texts {
            if named.contains(text) {
                named = named.replace(text, name);
            }
        }
        CHANCE.iter().fold(named, |named, (pattern, name)| pattern.replace_all(&named, *name).into_owned())
    }

    /// The same for all that is in a value.
    pub(super) fn json(&self, json: &Json) -> Json {
        match json {
            Json::String(text) => self.text(text).into(),
            Json::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            Json::Object(fields) => {
                let named = |(field, value): (&String, &Json)| {
                    let value = match value {
                        // These two mean something.
                        Json::String(version) if field == "resourceVersion" && version != "0" && version != "1" => {
                            "<version>".into()
                        }
                        Json::String(_) if field == "value" && fields["path"] == "/metadata/resourceVersion" => {
                            "<version>".into()
                        }
                        value => self.json(value),
                    };
                    (self.text(field), value)
                };
                Json::Object(fields.iter().map(named).collect())
            }
            other => other.clone(),
        }
    }
}

/// The objects in an answer: those of a list, or the one that it is.
pub(super) fn objects(json: &Json) -> Vec<&Json> {
    match json["items"].as_array() {
        Some(items) => items.iter().collect(),
        None => vec![json],
    }
}
