//! Checks of templates before they are evaluated: every value that a template reads, in a branch that is not taken too,
//! must be declared. A typing mistake in `{{#if}}` must not lose a volume.

use super::declared;
use super::handlebars::{Reads, Step};
use super::root::NAMES;
use super::unit::Unit;
use crate::diagnostic::{Diagnostic, nearest};

/// Errors for reads of undeclared values and of names that nothing has.
pub(super) fn undeclared(unit: &Unit<'_>, reads: &Reads) -> Vec<Diagnostic> {
    let mut errors: Vec<Diagnostic> = Vec::new();
    for read in &reads.reads {
        let Err(undeclared) = declared::check(unit.chart, &read.path) else { continue };
        let upto = |last: &str| {
            let before = read.path[..undeclared.index].iter().map(|step| match step {
                Step::Key(key) => key.as_str(),
                Step::Item => "*",
            });
            let path: Vec<&str> = std::iter::once("values").chain(before).chain([last]).collect();
            path.join(".")
        };
        let key = match &read.path[undeclared.index] {
            Step::Key(key) => key.as_str(),
            Step::Item => "*",
        };
        let error = Diagnostic::error(format!("`{}` is not declared", upto(key))).at(read.span);
        let error = match &undeclared.near {
            Some((near, place)) => error
                .note_at(
                    format!("`{near}` is declared here"),
                    place.span(u32::try_from(near.chars().count()).unwrap_or(1)),
                )
                .hint(format!("did you mean `{}`?", upto(near))),
            None => error.hint("declare it in values.yaml (`null` if it has no default) or in values.schema.json"),
        };
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    for (name, span) in &reads.unknown {
        let error = Diagnostic::error(format!("`{name}` is not known here")).at(*span);
        let error = match nearest(name, NAMES) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("templates see `values`, `release`, `chart`, `capabilities` and `template`"),
        };
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    errors
}
