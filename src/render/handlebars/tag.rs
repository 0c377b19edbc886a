//! Finds the tags of a template: what the handlebars grammar calls a tag, with exact places.
//!
//! Expressions within tags are read by the handlebars crate (`expression`). That it is handed one expression at a time
//! and never a whole template has two reasons (docs/decisions/0001): its time grows with the square of a template's
//! length, and its tree lacks the places of arguments.

use super::foreign;
use super::lines::Lines;
use super::literal::{blank_end, collection_end, string_end};
use crate::diagnostic::{Diagnostic, Span};

/// Brackets nest no deeper than this within one tag: the crate's parser recurses.
const MAX_BRACKETS: usize = 50;

/// One tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub(super) kind: Kind,
    /// Where the braces begin and end.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What stands between them, without sigil, `~` and white space.
    pub(super) inner: (usize, usize),
    pub(super) span: Span,
    /// `{{~`: white space before it goes.
    pub(super) trims_before: bool,
    /// `~}}`: white space after it goes.
    pub(super) trims_after: bool,
}

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `{{! … }}`
    Comment,
    /// `{{x}}`, `{{{x}}}`, `{{&x}}`: the same here, nothing is escaped.
    Hole,
    /// `{{#x}}`
    Open,
    /// `{{#> x}}`
    OpenPartial,
    /// `{{#*x}}`
    OpenInline,
    /// `{{/x}}`
    Close,
    /// `{{else}}`, `{{else if x}}`
    Else,
    /// `{{> x}}`
    Partial,
}

/// The tags of a text in order, and the offsets of the backslashes that keep a `{{` from being one.
#[derive(Debug, Default)]
pub(super) struct Tags {
    pub(super) tags: Vec<Tag>,
    pub(super) escapes: Vec<usize>,
}

/// Finds all tags.
pub(super) fn scan(text: &str, lines: &mut Lines<'_>) -> Result<Tags, Diagnostic> {
    let mut found = Tags::default();
    let mut from = 0;
    while let Some(offset) = text[from..].find("{{") {
        let start = from + offset;
        let backslashes = text[from..start].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if backslashes > 0 {
            found.escapes.push(start - 1);
        }
        if backslashes == 1 {
            from = start + 2 + usize::from(text[start + 2..].starts_with('{'));
            continue;
        }
        let tag = tag(text, start, lines)?;
        from = tag.end;
        found.tags.push(tag);
    }
    Ok(found)
}

fn tag(text: &str, start: usize, lines: &mut Lines<'_>) -> Result<Tag, Diagnostic> {
    let rest = &text[start..];
    if rest.starts_with("{{!") {
        return comment(text, start, lines);
    }
    if rest.starts_with("{{{{") {
        return Err(Diagnostic::error("raw blocks are not supported")
            .at(lines.place(start).span(4))
            .hint("write `\\{{` for braces that are text"));
    }
    let mut at = start + 2;
    let trims_before = text[at..].starts_with('~');
    at += usize::from(trims_before);
    let triple = text[at..].starts_with('{');
    let (kind, sigil) = match &text.as_bytes()[at..] {
        [b'#', b'>', ..] => (Kind::OpenPartial, 2),
        [b'#', b'*', ..] => (Kind::OpenInline, 2),
        [b'#', ..] => (Kind::Open, 1),
        [b'/', ..] => (Kind::Close, 1),
        [b'>', ..] => (Kind::Partial, 1),
        [b'^', ..] => (Kind::Else, 1),
        [b'{' | b'&', ..] => (Kind::Hole, 1),
        _ => (Kind::Hole, 0),
    };
    let body = blank_end(text, at + sigil);
    let (close, end) = inner_end(text, start, body, triple, lines)?;
    let trims_after = if triple { text[close..end].contains('~') } else { text[body..close].ends_with('~') };
    let stop = if triple { close } else { close - usize::from(trims_after) };
    let stop = body + text[body..stop.max(body)].trim_end().len();
    let mut tag =
        Tag { kind, start, end, inner: (body, stop), span: lines.span(start, end), trims_before, trims_after };
    let inner = &text[body..stop];
    if let (Kind::Hole, 0, Some(after)) = (kind, sigil, inner.strip_prefix("else")) {
        if after.is_empty() || after.starts_with(char::is_whitespace) {
            tag.kind = Kind::Else;
            tag.inner.0 = blank_end(text, body + 4).min(stop);
        } else if after.starts_with(|char: char| char.is_alphanumeric() || "-_$:".contains(char)) {
            let error = format!("`{inner}` begins with `else`, which handlebars takes for `{{{{else}}}}`");
            return Err(Diagnostic::error(error).at(tag.span).hint(format!("write `{{{{this.{inner}}}}}`")));
        }
    }
    if let Some(diagnostic) = foreign::complaint(text, &tag, lines) {
        return Err(diagnostic);
    }
    if inner.is_empty() && !matches!(tag.kind, Kind::Else | Kind::Close) {
        return Err(Diagnostic::error("empty tag").at(tag.span).hint("write `\\{{` for braces that are text"));
    }
    Ok(tag)
}

/// `{{! … }}` ends at the first `}}`, `{{!-- … --}}` at the first `--}}`.
fn comment(text: &str, start: usize, lines: &mut Lines<'_>) -> Result<Tag, Diagnostic> {
    let rest = &text[start..];
    let (close, from) = if rest.starts_with("{{!--") { ("--}}", 5) } else { ("}}", 3) };
    // As in handlebars, `{{!--` without `--}}` is a plain comment.
    let end = rest.get(from..).and_then(|body| body.find(close)).map(|end| from + end + close.len());
    let Some(end) = end.or_else(|| rest.find("}}").map(|end| end + 2)) else {
        let error = Diagnostic::error("comment is not closed").at(lines.place(start).span(3));
        return Err(error.hint("end it with `}}`"));
    };
    if close == "}}" && rest[3..end].contains("{{") {
        return Err(Diagnostic::error("this comment ends at the first `}}`")
            .at(lines.span(start, start + end))
            .hint("write `{{!-- … --}}` around text with tags"));
    }
    Ok(Tag {
        kind: Kind::Comment,
        start,
        end: start + end,
        inner: (start + 3, start + 3),
        span: lines.span(start, start + end),
        trims_before: false,
        trims_after: false,
    })
}

/// Where the inside of a tag ends, and where its closing braces do.
fn inner_end(
    text: &str,
    start: usize,
    body: usize,
    triple: bool,
    lines: &mut Lines<'_>,
) -> Result<(usize, usize), Diagnostic> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = body;
    let unclosed = |lines: &mut Lines<'_>| {
        let open = lines.place(start);
        Err(if triple {
            let error = Diagnostic::error("`{{{` is not closed").at(open.span(3)).hint("end the tag with `}}}`");
            error.hint("put a space after a brace that is text: `{ {{`")
        } else {
            let error = Diagnostic::error("`{{` is not closed").at(open.span(2)).hint("end the tag with `}}`");
            error.hint("write `\\{{` for braces that are text")
        })
    };
    while let Some(&byte) = bytes.get(at) {
        let begins = at == body || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r' | b'(' | b'=');
        match byte {
            b'"' | b'\'' => match string_end(text, at) {
                Some(end) if !text[at..end].contains('\n') || string_is_meant(&text[at..end]) => at = end,
                _ => {
                    return Err(Diagnostic::error("string is not closed")
                        .at(lines.place(at))
                        .hint(format!("end it with `{}`", char::from(byte))));
                }
            },
            b'(' => {
                depth += 1;
                if depth > MAX_BRACKETS {
                    return Err(
                        Diagnostic::error(format!("parentheses nest deeper than {MAX_BRACKETS}")).at(lines.place(at))
                    );
                }
                at += 1;
            }
            b')' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'[' | b'{' if begins && collection_end(text, at, MAX_BRACKETS).is_some() => {
                at = collection_end(text, at, MAX_BRACKETS).unwrap_or(at + 1);
            }
            b'[' => match text[at..].find(['\n', ']']) {
                Some(end) if bytes[at + end] == b']' => at += end + 1,
                _ => return Err(Diagnostic::error("`[` is not closed").at(lines.place(at))),
            },
            b'{' if bytes.get(at + 1) == Some(&b'{') => return unclosed(lines),
            b'}' if triple => {
                let close = text[at..].strip_prefix("}}}").or_else(|| text[at..].strip_prefix("}~}}"));
                if let Some(after) = close {
                    return Ok((at, text.len() - after.len()));
                }
                at += 1;
            }
            b'}' if bytes.get(at + 1) == Some(&b'}') => return Ok((at, at + 2)),
            _ => at += 1,
        }
    }
    unclosed(lines)
}

/// A string over several lines is more often one whose end was forgotten: it must not hold the end of the tag.
fn string_is_meant(string: &str) -> bool {
    !string.contains("}}")
}
