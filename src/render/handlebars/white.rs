//! White space around tags, as handlebars treats it: a tag that is alone on its line leaves no line behind, `~` takes
//! all white space on its side.

use super::tag::{Kind, Tag};

const BLANK: [char; 2] = [' ', '\t'];

/// The text between two tags (or the ends of the template) that is written.
pub(super) fn between(text: &str, previous: Option<Tag>, next: Option<Tag>) -> (usize, usize) {
    let mut start = previous.map_or(0, |tag| tag.end);
    let mut end = next.map_or(text.len(), |tag| tag.start);
    if let Some(previous) = previous {
        let gap = &text[start..end];
        if previous.trims_after {
            start = end - gap.trim_start().len();
        } else if stands_alone(text, &previous) {
            let rest = gap.trim_start_matches(BLANK);
            start = end - rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest).len();
        }
    }
    if let Some(next) = next {
        let gap = &text[start..end];
        if next.trims_before {
            end = start + gap.trim_end().len();
        } else if stands_alone(text, &next) {
            end = start + gap.trim_end_matches(BLANK).len();
        }
    }
    (start, end)
}

/// What stands before a tag that is alone on its line; none if it is not.
pub(super) fn indent(text: &str, tag: Tag) -> Option<String> {
    let before = &text[..tag.start];
    let indent = &before[before.trim_end_matches(BLANK).len()..];
    (stands_alone(text, &tag) && !tag.trims_before).then(|| indent.to_owned())
}

/// Whether a tag is all there is on its line (or lines). A hole never is: its value stands there.
fn stands_alone(text: &str, tag: &Tag) -> bool {
    let before = text[..tag.start].trim_end_matches(BLANK);
    let after = text[tag.end..].trim_start_matches(BLANK);
    tag.kind != Kind::Hole
        && (before.is_empty() || before.ends_with('\n'))
        && (after.is_empty() || after.starts_with('\n') || after.starts_with("\r\n"))
}
