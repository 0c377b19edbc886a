//! Two lives are compared, chapter by chapter: what was written and what was answered, what was read before anything was
//! written, what the watches told, how the verb ended, and what was there afterwards.
//!
//! Orders differ, as requests run side by side: they are compared by what they ask, the n-th of the same with the n-th.
//! What is read while a verb is at work may show a cluster half-way, sooner on one side than on the other: there the code
//! and the kind of the answer are compared, and the picture at the end of the chapter has the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::book::{Book, Chapter};
use super::free::freed;
use super::names::{Names, objects};
use super::recorder::{Answer, Content, Exchange};

/// What one of the two said, and the other did not.
pub(super) fn differences([sandbox, server]: [&Book; 2]) -> Vec<String> {
    let mut found = Vec::new();
    assert_eq!(sandbox.chapters.len(), server.chapters.len(), "both lives have all chapters");
    for (one, other) in sandbox.chapters.iter().zip(&server.chapters) {
        let mut here = Vec::new();
        let told = [Told::of(&sandbox.names, one), Told::of(&server.names, other)];
        differ("the end", Some(&told[0].end), Some(&told[1].end), &mut here);
        all_alike(&told[0].whole, &told[1].whole, &mut here);
        both_alike(&told[0].late, &told[1].late, &mut here);
        part_alike(&told[0].watched, &told[1].watched, &mut here);
        differ("there is", Some(&told[0].picture), Some(&told[1].picture), &mut here);
        found.extend(here.into_iter().map(|difference| format!("{}: {difference}", one.name)));
    }
    found
}

/// What is there at the end of a chapter, as it is compared.
pub(super) fn picture(names: &Names, picture: &BTreeMap<String, Json>) -> Json {
    let lists = picture.iter().map(|(path, list)| {
        let plural = path.rsplit('/').next().unwrap_or_default();
        let plural = plural.split('?').next().unwrap_or_default();
        (names.text(path), Json::Array(ours(names, plural, list)))
    });
    Json::Object(lists.collect())
}

/// A chapter, as it is compared.
struct Told {
    end: Json,
    /// By request: the answers in their order.
    whole: BTreeMap<String, Vec<Json>>,
    late: BTreeMap<String, BTreeSet<String>>,
    /// By path and object: what became of it, as long as somebody watched.
    watched: BTreeMap<String, Vec<&'static str>>,
    picture: Json,
}

impl Told {
    fn of(names: &Names, chapter: &Chapter) -> Self {
        let mut told = Self {
            end: end(names, chapter),
            whole: BTreeMap::new(),
            late: BTreeMap::new(),
            watched: BTreeMap::new(),
            picture: picture(names, &chapter.picture),
        };
        let mut is_at_work = false;
        for exchange in &chapter.exchanges {
            is_at_work |= is_work(exchange);
            // Nobody waited for it any more.
            let Some(answer) = &exchange.answer else { continue };
            if let Content::Events(events) = &answer.content {
                told.watch(names, exchange, events);
            } else if is_read(exchange) && is_at_work {
                told.late.entry(request(names, exchange)).or_default().insert(form(answer));
            } else if !is_renewal(exchange) {
                let plural = exchange.asked.plural().unwrap_or_default();
                told.whole.entry(request(names, exchange)).or_default().push(whole(names, plural, answer));
            }
        }
        told
    }

    fn watch(&mut self, names: &Names, exchange: &Exchange, events: &[Json]) {
        let collection = names.text(exchange.asked.path().split('?').next().unwrap_or_default());
        for event in events {
            let metadata = &event["object"]["metadata"];
            let what = match event["type"].as_str() {
                Some("ADDED") => "made",
                Some("MODIFIED") if metadata["deletionTimestamp"].is_string() => "going",
                Some("MODIFIED") => "changed",
                Some("DELETED") => "gone",
                Some("BOOKMARK") => continue,
                _ => "error",
            };
            let object = names.text(metadata["name"].as_str().unwrap_or_default());
            let course = self.watched.entry(format!("{collection}/{object}")).or_default();
            if course.last() != Some(&what) {
                course.push(what);
            }
        }
    }
}

/// How a verb ended, line by line. What happened last is told first, and what that was is chance.
fn end(names: &Names, chapter: &Chapter) -> Json {
    let mut lines: Vec<String> = names.text(&chapter.end).lines().map(str::to_owned).collect();
    lines.sort();
    lines.into()
}

/// A request, as it is compared.
fn request(names: &Names, exchange: &Exchange) -> String {
    let asked = &exchange.asked;
    let body = match asked.body() {
        Json::Null => String::new(),
        body => format!(" {}", plain(names, asked.plural().unwrap_or_default(), body)),
    };
    format!("{} {}{body}", asked.verb(), names.text(asked.path()))
}

/// An answer, as it is compared.
fn whole(names: &Names, plural: &str, answer: &Answer) -> Json {
    let content = match &answer.content {
        Content::Json(json) if json["kind"] == "APIGroupDiscoveryList" => served(json),
        // The rest is about how the server was built.
        Content::Json(json) if json["gitVersion"].is_string() => {
            json!([json["gitVersion"], json["major"], json["minor"]])
        }
        Content::Json(json) if json["items"].is_array() => {
            let mut list = json.clone();
            list["items"] = ours(names, plural, json).into();
            names.json(&list)
        }
        Content::Json(json) => plain(names, plural, json),
        Content::Text(text) => names.text(text).into(),
        Content::Events(_) => Json::Null,
    };
    json!({"code": answer.code, "warnings": answer.warnings, "content": content})
}

/// Kinds that the life has to do with.
const KINDS: [&str; 16] = [
    "ConfigMap",
    "CustomResourceDefinition",
    "Deployment",
    "Event",
    "Job",
    "Lease",
    "Life",
    "Namespace",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "ReplicaSet",
    "Secret",
    "Service",
    "StatefulSet",
    "StorageClass",
];

/// What is read of a list of kinds. Which others are served is the business of the script about discovery.
fn served(list: &Json) -> Json {
    let each = |json: &Json, field: &str| json[field].as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for group in each(list, "items") {
        for version in each(&group, "versions") {
            for resource in each(&version, "resources") {
                let kind = &resource["responseKind"]["kind"];
                if KINDS.iter().any(|known| kind == known) {
                    let name = &group["metadata"]["name"];
                    found.push(json!([name, version["version"], resource["resource"], kind, resource["scope"]]));
                }
            }
        }
    }
    found.sort_by_key(Json::to_string);
    found.into()
}

/// What of an answer does not depend on when it was given.
fn form(answer: &Answer) -> String {
    match &answer.content {
        Content::Json(json) => format!("{} {} {}", answer.code, json["apiVersion"], json["kind"]),
        _ => answer.code.to_string(),
    }
}

/// The objects of a list that have to do with the life.
fn ours(names: &Names, plural: &str, list: &Json) -> Vec<Json> {
    let ours = objects(list).into_iter().filter(|object| !names.is_others(plural, object));
    let mut ours: Vec<Json> = ours.map(|object| plain(names, plural, object)).collect();
    ours.sort_by_key(|item| (item["metadata"]["name"].to_string(), item.to_string()));
    ours
}

fn plain(names: &Names, plural: &str, object: &Json) -> Json {
    let mut object = object.clone();
    freed(plural, &mut object);
    names.json(&object)
}

fn is_read(exchange: &Exchange) -> bool {
    matches!(exchange.asked.verb(), "GET" | "METADATA")
}

/// Whether it changes something that others look at.
fn is_work(exchange: &Exchange) -> bool {
    !is_read(exchange)
        && !exchange.asked.path().contains("dryRun=")
        && !matches!(exchange.asked.plural(), Some("leases" | "selfsubjectaccessreviews"))
}

/// How often the lock is renewed depends on how long it is held.
fn is_renewal(exchange: &Exchange) -> bool {
    exchange.asked.plural() == Some("leases")
        && exchange.asked.body()["spec"]["renewTime"].is_string()
        && exchange.asked.verb() == "MERGE"
}

/// Each request was sent as often on both sides, and answered the same.
fn all_alike(one: &BTreeMap<String, Vec<Json>>, other: &BTreeMap<String, Vec<Json>>, found: &mut Vec<String>) {
    let none = Vec::new();
    for request in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
        let (ones, others) = (one.get(request).unwrap_or(&none), other.get(request).unwrap_or(&none));
        if ones.len() != others.len() {
            let counts = format!("sent {} times to the sandbox, {} times to the server", ones.len(), others.len());
            found.push(format!("{counts}: {request}"));
            continue;
        }
        for (answer, expected) in ones.iter().zip(others) {
            let mut here = Vec::new();
            differ("", Some(answer), Some(expected), &mut here);
            if !here.is_empty() {
                found.push(format!("{request}\n    {}", here.join("\n    ")));
            }
        }
    }
}

/// What was asked of both was answered in the same ways.
fn both_alike(
    one: &BTreeMap<String, BTreeSet<String>>,
    other: &BTreeMap<String, BTreeSet<String>>,
    found: &mut Vec<String>,
) {
    for (request, forms) in one {
        if let Some(expected) = other.get(request).filter(|expected| *expected != forms) {
            found.push(format!("{request}\n    the sandbox: {forms:?}\n    the server: {expected:?}"));
        }
    }
}

/// What was watched on both sides went the same way, from when to when each looked.
fn part_alike(
    one: &BTreeMap<String, Vec<&'static str>>,
    other: &BTreeMap<String, Vec<&'static str>>,
    found: &mut Vec<String>,
) {
    for (object, course) in one {
        let Some(expected) = other.get(object) else { continue };
        let (short, long) = if course.len() < expected.len() { (course, expected) } else { (expected, course) };
        if !long.windows(short.len().max(1)).any(|part| part == &short[..]) {
            found.push(format!("watch of {object}\n    the sandbox: {course:?}\n    the server: {expected:?}"));
        }
    }
}

/// Each leaf that is not the same.
fn differ(path: &str, one: Option<&Json>, other: Option<&Json>, found: &mut Vec<String>) {
    let below = |key: &str| format!("{path}/{key}");
    match (one, other) {
        (one, other) if one == other => {}
        (Some(Json::Object(one)), Some(Json::Object(other))) => {
            for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                differ(&below(key), one.get(key), other.get(key), found);
            }
        }
        (Some(Json::Array(one)), Some(Json::Array(other))) => {
            for at in 0..one.len().max(other.len()) {
                differ(&below(&at.to_string()), one.get(at), other.get(at), found);
            }
        }
        (one, other) => {
            let told = |value: Option<&Json>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            found.push(format!("{path}: the sandbox says {}, the server {}", told(one), told(other)));
        }
    }
}
