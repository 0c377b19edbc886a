//! Of which sort a request is: what a server must know to answer it, without names and values.
//!
//! Plurals of objects that a chart may hold are one sort: what is said of their fields is the business of scripts about
//! defaults and checks. Those that kchart asks about by name stay apart.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value as Json;

/// What kchart itself speaks of, whatever is in a chart.
const BY_NAME: [&str; 4] = ["events", "leases", "namespaces", "selfsubjectaccessreviews"];
/// Parameters whose value changes what the server does.
const TELLING: [&str; 4] = ["dryRun", "fieldValidation", "force", "previous"];

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// As scripts call it: `APPLY` is a PATCH of that media type, `METADATA` a GET of metadata alone.
    verb: String,
    path: String,
    body: Json,
}

impl Asked {
    /// As it was sent.
    pub(super) fn new(method: &str, path: &str, content: &str, accept: &str, body: Json) -> Self {
        let verb = match (method, content) {
            ("PATCH", "application/apply-patch+yaml") => "APPLY",
            ("PATCH", "application/merge-patch+json") => "MERGE",
            ("PATCH", "application/json-patch+json") => "JSON",
            ("PATCH", "application/strategic-merge-patch+json") => "STRATEGIC",
            ("GET", _) if path.contains("watch=true") => "WATCH",
            ("GET", _) if accept.contains("as=PartialObjectMetadata") => "METADATA",
            (other, _) => other,
        };
        let half = if verb == "MERGE" && accept.contains("as=PartialObjectMetadata") { "-METADATA" } else { "" };
        Self { verb: format!("{verb}{half}"), path: path.replace("?&", "?"), body }
    }

    /// `APPLY`, `WATCH`, `METADATA`, `GET` …
    pub(super) fn verb(&self) -> &str {
        &self.verb
    }

    /// With its query.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Null if there is none.
    pub(super) fn body(&self) -> &Json {
        &self.body
    }

    /// The plural of the objects that it is about: `secrets`; none for discovery and the like.
    pub(super) fn plural(&self) -> Option<&str> {
        let path = self.path.split('?').next()?;
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (["api", _, rest @ ..] | ["apis", _, _, rest @ ..]) = parts.as_slice() else { return None };
        match rest {
            ["namespaces", _, plural, ..] | [plural, ..] => Some(plural),
            [] => None,
        }
    }

    /// A step of a script; none if the block is none, or waits.
    pub(super) fn in_script(block: &str) -> Option<Self> {
        let asked = block.split("\n> ").next()?;
        let (line, body) = asked.split_once('\n').unwrap_or((asked, ""));
        let mut words = line.split(' ');
        let verb = words.next().filter(|verb| *verb != "AWAIT")?;
        let path = words.next().filter(|path| path.starts_with('/'))?;
        let body = if body.is_empty() { Json::Null } else { serde_yaml::from_str(body).ok()? };
        Some(Self { verb: verb.to_owned(), path: path.to_owned(), body })
    }

    /// Its sort.
    pub(super) fn sort(&self) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let features: BTreeSet<String> =
            query.split('&').filter(|pair| !pair.is_empty() && *pair != "watch=true").map(feature).collect();
        let mut sort = format!("{} {}", self.verb, place(path));
        for feature in features.into_iter().chain(self.expectations()) {
            sort = format!("{sort} {feature}");
        }
        sort
    }

    /// What the body asks beside its content.
    fn expectations(&self) -> BTreeSet<String> {
        let is_there = |pointer: &&str| self.body.pointer(pointer).is_some_and(|value| *value != Json::Null);
        let pointers: &[&str] = match self.verb.as_str() {
            "DELETE" => &["/preconditions/uid", "/preconditions/resourceVersion", "/dryRun"],
            "APPLY" | "MERGE" | "MERGE-METADATA" | "PUT" => &["/metadata/uid", "/metadata/resourceVersion"],
            _ => &[],
        };
        let policy = self.body["propagationPolicy"].as_str().map(|policy| format!("propagationPolicy={policy}"));
        let operations = self.body.as_array().into_iter().flatten();
        let operations = operations
            .filter_map(|operation| Some(format!("{}:{}", operation["op"].as_str()?, operation["path"].as_str()?)));
        pointers.iter().copied().filter(is_there).map(str::to_owned).chain(policy).chain(operations).collect()
    }
}

/// For whoever writes the step.
impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.path)?;
        if self.body == Json::Null { Ok(()) } else { write!(f, " {}", self.body) }
    }
}

/// A parameter without what differs from case to case.
fn feature(pair: &str) -> String {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    if TELLING.contains(&name) {
        return pair.to_owned();
    }
    if name == "fieldSelector" {
        // `type%21%3Dx%2Ctype%21%3Dy` asks about `type`, by `!=`.
        let value = value.replace("%21", "!").replace("%3D", "=").replace("%2C", ",");
        let fields: BTreeSet<String> = value
            .split(',')
            .map(|term| {
                let field = term.split(['!', '=']).next().unwrap_or_default();
                format!("{field}{}", if term.contains("!=") { "!" } else { "" })
            })
            .collect();
        return format!("{name}:{}", fields.into_iter().collect::<Vec<_>>().join(","));
    }
    name.to_owned()
}

/// Where it is sent: `/api`, `events of a namespace`, `an object of a namespace, log`.
fn place(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let rest = match parts.as_slice() {
        ["api", _, rest @ ..] | ["apis", _, _, rest @ ..] if !rest.is_empty() => rest,
        ["apis", _, _] => return "/apis/GROUP/VERSION".to_owned(),
        ["apis", _] => return "/apis/GROUP".to_owned(),
        _ => return path.to_owned(),
    };
    let (rest, scope) = match rest {
        ["namespaces", _, inside @ ..] if !inside.is_empty() => (inside, " of a namespace"),
        _ => (rest, ""),
    };
    let plural = rest.first().copied().unwrap_or_default();
    let plural = if BY_NAME.contains(&plural) || rest.len() > 2 { plural } else { "objects" };
    match rest {
        [_] => format!("{plural}{scope}"),
        [_, _] => format!("one of {plural}{scope}"),
        [_, _, part @ ..] => format!("{} of one of {plural}{scope}", part.join("/")),
        [] => path.to_owned(),
    }
}

#[test]
fn names_and_values_make_no_sort_and_what_a_server_must_know_does() {
    let sort = |text: &str| Asked::in_script(text).unwrap().sort();
    assert_eq!(
        sort(
            "APPLY /api/v1/namespaces/{ns}/secrets/x?fieldManager=a&force=true show data\n{metadata: {uid: <uid-1>}}\n> 200"
        ),
        sort("APPLY /apis/apps/v1/namespaces/n/deployments/y?force=true&fieldManager=b\n{metadata: {uid: z}}")
    );
    for (text, expected) in [
        (
            "GET /api/v1/namespaces/{ns}/secrets?fieldSelector=type%21%3Da%2Ctype%21%3Db&limit=500",
            "GET objects of a namespace fieldSelector:type! limit",
        ),
        (
            "GET /api/v1/namespaces/{ns}/events?limit=5&fieldSelector=involvedObject.uid%3D<uid-1>",
            "GET events of a namespace fieldSelector:involvedObject.uid limit",
        ),
        (
            "GET /api/v1/namespaces/{ns}/pods/p/log?previous=true&tailLines=2",
            "GET log of one of pods of a namespace previous=true tailLines",
        ),
        (
            "DELETE /apis/x.dev/v1/things/x\n{propagationPolicy: Orphan, preconditions: {uid: u}}",
            "DELETE one of objects /preconditions/uid propagationPolicy=Orphan",
        ),
        (
            "WATCH /api/v1/namespaces/n/pods?watch=true&resourceVersion=1 until x",
            "WATCH objects of a namespace resourceVersion",
        ),
        ("GET /api/v1/namespaces/n", "GET one of namespaces"),
        ("GET /apis", "GET /apis"),
    ] {
        assert_eq!(sort(text), expected);
    }
    assert!(Asked::in_script("AWAIT /api/v1/namespaces/{ns}/pods/p gone").is_none());
    assert!(Asked::in_script("# prose\nand more").is_none());
}
