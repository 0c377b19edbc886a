//! 422 and 400: what the server finds wrong with the object, field by field, each at the lines that wrote it.

use kube::core::Status;

use super::{Doing, quoted, words};
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::object::FieldPath;

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
        diagnostics.extend(
            undeclared(&status.message)
                .map(|field| at_field(field, "there is no such field in this version of the API", doing)),
        );
    }
    if diagnostics.is_empty() {
        diagnostics.push(doing.cannot(&words(status, doing)));
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
            let place = if found && node.key.is_known() && why.starts_with("there is no such field") {
                node.key
            } else {
                node.origin.at
            };
            diagnostic.at(place).note_at("set here", node.origin.from)
        }
        None => diagnostic,
    }
}

/// Fields that strict validation does not know: `… .spec.replcas: field not declared in schema` of server-side apply,
/// `strict decoding error: unknown field "spec.replcas"` of other requests.
fn undeclared(message: &str) -> impl Iterator<Item = &str> {
    const APPLY: &str = ": field not declared in schema";
    const OTHER: &str = "unknown field \"";
    let applied = message.match_indices(APPLY).filter_map(|(end, _)| {
        let before = &message[..end];
        // Paths hold blanks only inside of quotes, which no undeclared field has.
        let start = before.rfind([' ', '\n']).map_or(0, |at| at + 1);
        before[start..].starts_with('.').then(|| &before[start..])
    });
    let others = message.match_indices(OTHER).filter_map(|(at, _)| message[at + OTHER.len()..].split('"').next());
    applied.chain(others)
}
