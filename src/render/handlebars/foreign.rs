//! Recognises Helm's Go templates in handlebars files and says what to write instead.

use super::lines::Lines;
use super::tag::{Kind, Tag};
use crate::diagnostic::{Diagnostic, Span};

/// One sign of Go's template engine: what is wrong, where, and what to write instead.
struct Sign {
    message: String,
    span: Span,
    hint: String,
}

/// What is wrong with a tag that was written for Go's template engine.
pub(super) fn complaint(text: &str, tag: &Tag, lines: &mut Lines<'_>) -> Option<Diagnostic> {
    let inner = &text[tag.inner.0..tag.inner.1];
    // Most tags are one path: nothing of Go's engine looks like that.
    if !inner.starts_with('.') && !inner.contains(['|', '$', '-', '(']) && !inner.contains(char::is_whitespace) {
        return None;
    }
    let mut signs = Vec::new();
    let mut sign = |message: String, span: Span, hint: String| signs.push(Sign { message, span, hint });
    let before = inner.strip_prefix('-').filter(|rest| !rest.starts_with(|char: char| char.is_ascii_digit()));
    let body = before.unwrap_or(inner);
    let after = body.strip_suffix('-').filter(|rest| rest.ends_with([' ', '\t']) || rest.is_empty());
    let body = after.unwrap_or(body).trim();
    if tag.kind == Kind::Hole
        && let Some((word, hint)) = keyword(body, before.is_some())
    {
        sign(format!("`{{{{{word}}}}}` is not handlebars"), tag.span, hint);
    }
    if !inner.contains(" as |") {
        for (at, _) in words(inner).filter(|(_, word)| *word == "|").take(1) {
            let start = tag.inner.0 + at;
            sign("handlebars has no pipes".to_owned(), lines.span(start, start + 1), unpiped(body));
        }
    }
    for (at, word) in words(inner) {
        let Some(path) = word.trim_start_matches('(').strip_prefix('.') else { continue };
        let path = path.trim_end_matches(')');
        let start = tag.inner.0 + at + word.find('.').unwrap_or(0);
        if let Some(instead) = dotted(path) {
            let span = lines.span(start, start + 1 + path.len());
            sign(format!("`.{path}` is not handlebars"), span, format!("write `{instead}`"));
        }
    }
    if before.is_some() {
        let hint = "write `{{~` to remove the white space before a tag".to_owned();
        sign("`{{-` is not handlebars".to_owned(), tag.span, hint);
    }
    if after.is_some() {
        let hint = "write `~}}` to remove the white space after a tag".to_owned();
        sign("`-}}` is not handlebars".to_owned(), tag.span, hint);
    }
    let first = signs.first()?;
    let error = Diagnostic::error(first.message.as_str()).at(first.span);
    let error = error.note("this looks like a Go template; `.hbs` files are handlebars templates");
    // A pipe's hint already has the path without its dot.
    let hints = signs.iter().take(if first.message.contains("pipes") { 1 } else { 2 });
    Some(hints.fold(error, |error, sign| error.hint(sign.hint.as_str())))
}

/// The words of a tag that stand outside of strings.
fn words(inner: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut quote = None;
    let mut start = 0;
    let mut found = Vec::new();
    for (at, char) in inner.char_indices().chain([(inner.len(), ' ')]) {
        match quote {
            Some(open) => {
                if char == open {
                    quote = None;
                }
                start = at + char.len_utf8();
            }
            None if char == '"' || char == '\'' => quote = Some(char),
            None if char.is_whitespace() => {
                if start < at {
                    found.push((start, &inner[start..at]));
                }
                start = at + char.len_utf8();
            }
            None => {}
        }
    }
    found.into_iter()
}

/// `{{if x}}`, `{{- end}}` and the like: the word, and what to write instead.
fn keyword(body: &str, dashed: bool) -> Option<(&str, String)> {
    let (word, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
    let rest = rest.trim();
    let block = |name: &str| format!("write `{{{{#{name} …}}}}` and end the block with `{{{{/{name}}}}}`");
    let hint = match (word, rest.is_empty()) {
        ("if" | "with" | "unless" | "each", false) => block(word),
        ("range", false) if rest.starts_with(['.', '$']) => block("each"),
        ("end", true) if dashed => "end a block with its name: `{{/if}}`, `{{/each}}`".to_owned(),
        ("include" | "template", false) => "write `{{> name}}` to use the partial `templates/_name.hbs`".to_owned(),
        ("define" | "block", false) => "write a partial as a file of its own: `templates/_name.hbs`".to_owned(),
        _ if word.starts_with("$.") => format!("write `@root.{}`", dotted(&word[2..])?),
        _ if word.starts_with('$') => "use block parameters instead of variables: `{{#with … as |name|}}`".to_owned(),
        _ => return None,
    };
    Some((word, hint))
}

/// What to write instead of `.Values.x` (without its dot) and `.`; none if it is no such path.
fn dotted(path: &str) -> Option<String> {
    if path.starts_with(['.', '/']) {
        return None;
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let lower = |text: &str| {
        let mut chars = text.chars();
        chars.next().map(|first| first.to_lowercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    Some(match first {
        "" => "this".to_owned(),
        "Values" if rest.is_empty() => "values".to_owned(),
        "Values" => format!("values.{rest}"),
        "Release" | "Chart" | "Capabilities" | "Template" if !rest.is_empty() => {
            format!("{}.{}", lower(first), lower(rest))
        }
        _ => path.to_owned(),
    })
}

/// What to write instead of a pipe.
fn unpiped(body: &str) -> String {
    let mut steps = body.split('|').map(str::trim);
    let first = steps.next().unwrap_or_default();
    let value = first.strip_prefix('.').and_then(dotted).unwrap_or_else(|| first.to_owned());
    let simple = |text: &str| !text.is_empty() && !text.contains([' ', '"', '(']);
    match (steps.next(), steps.next()) {
        (Some("quote" | "squote" | "toYaml"), None) if simple(first) => {
            format!("write `{{{{{value}}}}}`: values are put in with their type, whatever they hold")
        }
        (Some(next), None) if simple(first) && simple(next) => format!("write `{{{{{next} {value}}}}}`"),
        _ => "call functions with arguments, nested in parentheses: `{{upper (default \"x\" values.name)}}`".to_owned(),
    }
}
