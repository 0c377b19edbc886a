//! 422 and 400: what the server finds wrong with the object, field by field, each at the lines that wrote it.

use kube::core::Status;

use super::{Doing, quoted, words};
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::object::FieldPath;

/// What is said of a field that strict validation does not know.
const UNDECLARED: &str = "there is no such field in this version of the API";

pub(super) fn failure(status: &Status, doing: &Doing<'_>) -> Failure {
    let causes = status.details.iter().flat_map(|details| &details.causes).filter(|cause| !cause.field.is_empty());
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for cause in causes {
        let text = quoted::cause(&cause.message, &cause.field, doing.sent);
        let diagnostic = at_field(&cause.field, &text, doing);
        // The server names a field once for each rule that it breaks, at times twice for the same one.
        if !diagnostics.contains(&diagnostic) {
            diagnostics.push(diagnostic);
        }
    }
    if diagnostics.is_empty() {
        diagnostics.extend(spoken(&status.message).iter().map(|(field, why)| at_field(field, why, doing)));
    }
    if diagnostics.is_empty() {
        let words = words(status, doing);
        // `failed to convert new object (…) to proper version: …: error decoding from json: illegal base64 data …`
        let end = words.split("error decoding from json: ").last().unwrap_or(&words);
        diagnostics.push(doing.cannot(end));
    }
    Failure { class: Class::Failed, diagnostics }
}

fn at_field(field: &str, why: &str, doing: &Doing<'_>) -> Diagnostic {
    let path = FieldPath::parse(field);
    let name = path.as_ref().map_or(field.to_owned(), ToString::to_string);
    let diagnostic = doing.cannot(&format!("`{name}`: {why}"));
    match path.zip(doing.sent) {
        Some((path, object)) => {
            let node = path.find_nearest(&object.body);
            let found = path.find(&object.body).is_some();
            // A key that is not wanted is shown at the key; a value that is wrong at the value.
            let place = if found && node.key.is_known() && why == UNDECLARED { node.key } else { node.origin.at };
            diagnostic.at(place).note_at("set here", node.origin.from)
        }
        None => diagnostic,
    }
}

/// What is said of fields in the sentence itself, with each field: `… .spec.replcas: field not declared in schema` of
/// server-side apply, `strict decoding error: unknown field "spec.replcas"` of other requests.
fn spoken(message: &str) -> Vec<(&str, String)> {
    const UNKNOWN: &str = "unknown field \"";
    // The fields come behind the kind, in one line or in several.
    let listed = message.split_once("): ").map_or(message, |(_, listed)| listed).lines();
    let applied = listed.filter_map(|line| {
        let line = line.trim();
        let (field, why) = line.split_at(end_of_path(line)?);
        let why = why.trim_start_matches(": ");
        // `expected list, got &{x}` quotes the value.
        let why = why.split(", got ").next().unwrap_or(why);
        Some((field, if why == "field not declared in schema" { UNDECLARED.to_owned() } else { why.to_owned() }))
    });
    let pieces = message.match_indices(UNKNOWN).filter_map(|(at, _)| message[at + UNKNOWN.len()..].split('"').next());
    applied.chain(pieces.map(|field| (field, UNDECLARED.to_owned()))).collect()
}

/// Where a path like `.spec.containers[name="a: b"].image` ends; none if the line does not begin with one.
fn end_of_path(line: &str) -> Option<usize> {
    let mut quoted = false;
    line.starts_with('.').then_some(())?;
    line.char_indices().find_map(|(at, char)| {
        quoted ^= char == '"';
        (char == ':' && !quoted && line[at..].starts_with(": ")).then_some(at)
    })
}
