//! Recognises Helm's Go templates in handlebars files and says what to write instead.

use super::lines::Lines;
use super::tag::{Kind, Tag};
use crate::diagnostic::{Diagnostic, Span};

/// What is wrong with a tag that was written for Go's template engine.
pub(super) fn complaint(text: &str, tag: &Tag, lines: &mut Lines<'_>) -> Option<Diagnostic> {
    let inner = &text[tag.inner.0..tag.inner.1];
    let go = |message: &str| {
        Diagnostic::error(message)
            .at(tag.span)
            .note("this looks like a Go template; `.hbs` files are handlebars templates")
    };
    if inner.starts_with('-') && !inner[1..].starts_with(|char: char| char.is_ascii_digit()) {
        return Some(go("`{{-` is not handlebars").hint("write `{{~` to remove the white space before a tag"));
    }
    if inner.ends_with(" -") || inner.ends_with("\t-") {
        return Some(go("`-}}` is not handlebars").hint("write `~}}` to remove the white space after a tag"));
    }
    if tag.kind == Kind::Hole {
        if let Some(diagnostic) = keyword(inner, &go) {
            return Some(diagnostic);
        }
    }
    for (at, word) in words(inner) {
        let place = tag.inner.0 + at;
        if word == "|" && !inner[..at].trim_end().ends_with(" as") {
            return Some(
                Diagnostic::error("handlebars has no pipes")
                    .at(lines.span(place, place + 1))
                    .note("this looks like a Go template; `.hbs` files are handlebars templates")
                    .hint(unpiped(inner)),
            );
        }
        if let Some(path) = word.trim_start_matches('(').strip_prefix('.') {
            let start = place + word.len() - path.len() - 1;
            if let Some(diagnostic) = dotted(path, lines.span(start, start + 1 + path.trim_end_matches(')').len())) {
                return Some(diagnostic);
            }
        }
    }
    None
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

/// `{{if x}}`, `{{end}}` and the like.
fn keyword(inner: &str, go: &dyn Fn(&str) -> Diagnostic) -> Option<Diagnostic> {
    let (word, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let rest = rest.trim();
    let block = |name: &str| format!("write `{{{{#{name} …}}}}` and end the block with `{{{{/{name}}}}}`");
    let hint = match (word, rest.is_empty()) {
        ("if" | "with" | "unless" | "each", false) => block(word),
        ("range", false) if rest.starts_with(['.', '$']) => block("each"),
        ("end", true) => "end a block with its name: `{{/if}}`, `{{/each}}`".to_owned(),
        ("include" | "template", false) => "write `{{> name}}` to use the partial `templates/_name.hbs`".to_owned(),
        ("define" | "block", false) => "write a partial as a file of its own: `templates/_name.hbs`".to_owned(),
        _ if word.starts_with('$') => "use block parameters instead of variables: `{{#with … as |name|}}`".to_owned(),
        _ => return None,
    };
    Some(go(&format!("`{{{{{word}}}}}` is not handlebars")).hint(hint))
}

/// `.Values.x` and `.`.
fn dotted(path: &str, span: Span) -> Option<Diagnostic> {
    let path = path.trim_end_matches(')');
    if path.starts_with(['.', '/']) {
        return None;
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let lower = |text: &str| {
        let mut chars = text.chars();
        chars.next().map(|first| first.to_lowercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    let instead = match first {
        "" => "this".to_owned(),
        "Values" if rest.is_empty() => "values".to_owned(),
        "Values" => format!("values.{rest}"),
        "Release" | "Chart" | "Capabilities" | "Template" if !rest.is_empty() => {
            format!("{}.{}", lower(first), lower(rest))
        }
        _ => path.to_owned(),
    };
    Some(
        Diagnostic::error(format!("`.{path}` is not handlebars"))
            .at(span)
            .note("this looks like a Go template; `.hbs` files are handlebars templates")
            .hint(format!("write `{instead}`")),
    )
}

/// What to write instead of a pipe.
fn unpiped(inner: &str) -> String {
    let mut steps = inner.split('|').map(str::trim);
    let first = steps.next().unwrap_or_default();
    let simple = !first.contains([' ', '"', '(']) && !first.is_empty();
    match steps.next() {
        Some(next) if simple && steps.next().is_none() && !next.contains(' ') && !next.is_empty() => {
            let value = first.strip_prefix(".Values").map_or(first.to_owned(), |rest| format!("values{rest}"));
            match next {
                "quote" | "squote" | "toYaml" => {
                    format!("write `{{{{{value}}}}}`: values are put in with their type, whatever they hold")
                }
                _ => format!("write `{{{{{next} {value}}}}}`"),
            }
        }
        _ => "call functions with arguments, nested in parentheses: `{{upper (default values.name \"x\")}}`".to_owned(),
    }
}
