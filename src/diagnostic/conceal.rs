//! Which characters of a text may be a credential, so that they are not painted.
//!
//! The text may be broken YAML: it is read line by line, by indentation and quotes, and a doubt conceals. A name is
//! always shown; what stands behind it, on its line, on the lines below and in the rest of an open quote, is not.

use std::ops::Range;

use super::credential::{is_credential_name, is_harmless_name};

/// What is painted instead.
pub(super) const CONCEALED: &str = "•••";

/// The concealed characters of one line (from 1) of a text, as byte ranges of that line, in order, disjoint.
pub(super) fn concealed(text: &str, line: u32, manifest: bool) -> Vec<Range<usize>> {
    let mut reader = Reader { manifest, ..Reader::default() };
    let mut lines = text.lines().peekable();
    for number in 1.. {
        let Some(content) = lines.next() else { return Vec::new() };
        let ranges = reader.line(content, lines.peek().copied());
        if number == line {
            return merge(ranges);
        }
    }
    Vec::new()
}

/// A flag as it may be shown: `--set auth.password=•••`.
pub fn conceal_flag(flag: &str) -> String {
    cut(flag, &flag_values(flag))
}

/// The text with ranges replaced.
fn cut(text: &str, ranges: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut from = 0;
    for range in ranges {
        out.push_str(&text[from..range.start]);
        out.push_str(CONCEALED);
        from = range.end;
    }
    out.push_str(&text[from..]);
    out
}

/// Values of `--set a.password=x,b=y`: from the first credential's `=` on, all is concealed.
pub(super) fn flag_values(flag: &str) -> Vec<Range<usize>> {
    let mut ranges = behind_names(flag, true);
    if let Some(equals) = flag.find('=') {
        let path = flag[..equals].rsplit(' ').next().unwrap_or_default();
        let mut names = path.split(['.', '[']);
        let is_harmless = names.clone().next_back().is_some_and(is_harmless_name);
        if !is_harmless && names.any(is_credential_name) {
            ranges.push(equals + 1..flag.len());
        }
    }
    merge(ranges)
}

/// Joins what overlaps, and drops what is empty.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// A key that is still open: lines indented deeper belong to it.
struct Level {
    indent: usize,
    secret: bool,
    /// It has a scalar on its line: deeper lines go on with it, whatever they look like.
    complete: bool,
    /// Children name things (`secretKeyRef`): their `key` is no credential.
    reference: bool,
}

/// What goes over the end of a line.
enum Open {
    /// A quote.
    Quote { quote: char, secret: bool },
    /// A block scalar below a key at this indentation.
    Block { indent: usize, secret: bool },
}

#[derive(Default)]
struct Reader {
    manifest: bool,
    levels: Vec<Level>,
    open: Option<Open>,
    /// The last `name:` and its indentation, for the `value:` beside it.
    name: Option<(usize, bool)>,
}

impl Reader {
    fn line(&mut self, line: &str, next: Option<&str>) -> Vec<Range<usize>> {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let whole = indent..line.len();
        let mut ranges = behind_names(line, self.open.is_some());
        match self.open.take() {
            Some(Open::Block { indent: above, secret }) if line.trim().is_empty() || indent > above => {
                self.open = Some(Open::Block { indent: above, secret });
                if secret {
                    ranges.push(whole);
                }
                return ranges;
            }
            Some(Open::Quote { quote, secret }) => {
                if !closes(line, quote) {
                    self.open = Some(Open::Quote { quote, secret });
                }
                if secret {
                    ranges.push(whole);
                }
                return ranges;
            }
            _ => {}
        }
        let content = line.trim_start_matches(' ');
        if content.trim().is_empty() || content.starts_with('#') {
            return ranges;
        }
        if content.starts_with("---") && indent == 0 {
            self.levels.clear();
            return ranges;
        }
        let item = content == "-" || content.starts_with("- ");
        while self.levels.last().is_some_and(|level| level.indent > indent || (level.indent == indent && !item)) {
            self.levels.pop();
        }
        self.entry(line, indent, next, &mut ranges);
        ranges
    }

    /// A line that begins a key or an item, or goes on with a plain scalar.
    fn entry(&mut self, line: &str, mut indent: usize, next: Option<&str>, ranges: &mut Vec<Range<usize>>) {
        let above = self.levels.last();
        let inherited = above.is_some_and(|level| level.secret);
        let reference = above.is_some_and(|level| level.reference);
        if above.is_some_and(|level| level.complete && level.indent < indent) {
            if inherited {
                ranges.push(indent..line.len());
            }
            return;
        }
        while let Some(rest) = line[indent..].strip_prefix("- ") {
            indent += 2 + rest.len() - rest.trim_start_matches(' ').len();
        }
        let Some((key, value_at)) = key(&line[indent..]) else {
            if inherited {
                ranges.push(indent..line.len());
            }
            self.open_value(line[indent..].trim(), indent, inherited);
            return;
        };
        let value_at = indent + value_at;
        let value = line[value_at..].trim();
        let beside = self.name.filter(|(at, _)| *at == indent).is_some_and(|(_, secret)| secret)
            || next.is_some_and(|next| names_a_credential(next, indent));
        let secret = (inherited && !is_harmless_name(key))
            || (is_credential_name(key) && !reference)
            || (key == "value" && beside)
            || (self.manifest && matches!(key, "data" | "stringData" | "binaryData"));
        if key == "name" {
            self.name = Some((indent, is_credential_name(value.trim_matches(['"', '\'']))));
        }
        if secret && !value.is_empty() && !is_block_header(value) {
            ranges.push(value_at..line.len());
        }
        let scalar = !value.is_empty() && !value.starts_with(['&', '!', '#', '|', '>', '{', '[']);
        let reference = key.ends_with("Ref");
        self.levels.push(Level { indent, secret, complete: scalar, reference });
        self.open_value(value, indent, secret);
    }

    fn open_value(&mut self, value: &str, indent: usize, secret: bool) {
        if is_block_header(value) {
            self.open = Some(Open::Block { indent, secret });
        } else if let Some(quote) = value.chars().next().filter(|char| matches!(char, '"' | '\''))
            && !closes(&value[1..], quote)
        {
            self.open = Some(Open::Quote { quote, secret });
        }
    }
}

/// The key that a line begins with, and where its value begins.
fn key(content: &str) -> Option<(&str, usize)> {
    let (key, end) = match content.chars().next()? {
        quote @ ('"' | '\'') => {
            let end = content[1..].find(quote)? + 1;
            (&content[1..end], end + 1)
        }
        '{' | '[' | '#' | '|' | '>' => return None,
        _ => {
            let end = content.match_indices(':').map(|(at, _)| at).find(|at| {
                let rest = &content[at + 1..];
                rest.is_empty() || rest.starts_with([' ', '\t'])
            })?;
            (content[..end].trim(), end)
        }
    };
    let rest = content[end..].trim_start();
    let value = rest.strip_prefix(':')?;
    let value = value.trim_start();
    Some((key, content.len() - value.len()))
}

/// Whether a line says `name: DB_PASSWORD` at this indentation.
fn names_a_credential(line: &str, indent: usize) -> bool {
    let at = line.len() - line.trim_start_matches([' ', '-']).len();
    at == indent
        && key(&line[at..]).is_some_and(|(key, value)| {
            key == "name" && is_credential_name(line[at + value..].trim().trim_matches(['"', '\'']))
        })
}

fn is_block_header(value: &str) -> bool {
    let value = value.split(" #").next().unwrap_or_default().trim();
    let value = value.rsplit(' ').next().unwrap_or_default();
    value.strip_prefix(['|', '>']).is_some_and(|rest| rest.chars().all(|char| matches!(char, '0'..='9' | '+' | '-')))
}

/// Whether an open quote ends in this text.
fn closes(text: &str, quote: char) -> bool {
    let mut escaped = false;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            '\'' if quote == '\'' && chars.peek() == Some(&'\'') => {
                chars.next();
            }
            _ if char == quote => return true,
            _ => {}
        }
    }
    false
}

/// Wherever a credential's name is followed by `:` or `=`, in flow maps, JSON in strings, comments, flags: the rest of
/// the line. The same for what stands before the `@` of an address. The key that a line begins with counts only
/// within an `open` text; elsewhere the reader knows more about it.
fn behind_names(line: &str, open: bool) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (at, char) in line.char_indices() {
        if !matches!(char, ':' | '=') {
            continue;
        }
        if let Some(rest) = line[at..].strip_prefix("://") {
            let authority = rest.split(['/', ' ', '"', '\'']).next().unwrap_or_default();
            if let Some(end) = authority.rfind('@') {
                ranges.push(at + 3..at + 3 + end);
            }
            continue;
        }
        let before = line[..at].trim_end().trim_end_matches(['"', '\'', '\\']);
        let name_at = before
            .rfind(|char: char| !char.is_alphanumeric() && !matches!(char, '_' | '-' | '.'))
            .map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
        let name = &before[name_at..];
        let begins = before[..name_at].trim_start_matches([' ', '-', '"', '\'']).is_empty() && char == ':';
        let value = line.len() - line[at + 1..].trim_start().len();
        let is_harmless = name.rsplit('.').next().is_some_and(is_harmless_name);
        if (open || !begins) && is_credential_name(name) && !is_harmless && value < line.len() {
            ranges.push(value..line.len());
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole text as it would be painted.
    fn painted(text: &str, manifest: bool) -> String {
        let lines = (1..).zip(text.lines()).map(|(number, line)| cut(line, &concealed(text, number, manifest)));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_stands_behind_a_credential_is_concealed_and_nothing_else() {
        for (text, expected) in [
            ("user: x\npassword: y", "user: x\npassword: •••"),
            ("auth:\n  user: x\n  enabled: yes\nb: x", "auth:\n  user: •••\n  enabled: yes\nb: x"),
            ("tokens:\n- x\n- a: y\nb: x", "tokens:\n- •••\n- a: •••\nb: x"),
            ("- password: x\n  user: y", "- password: •••\n  user: y"),
            ("key: |\n  x: y\n\n  z\nb: x", "key: |\n  •••\n\n  •••\nb: x"),
            ("password: x\n  my: y\nb: x", "password: •••\n  •••\nb: x"),
            ("password: \"x\ny: z\nb: x", "password: •••\n•••\n•••"),
            ("password: 'it''s\n  y'\nb: x", "password: •••\n  •••\nb: x"),
            ("text: |\n  hello: x\n  password: y", "text: |\n  hello: x\n  password: •••"),
            ("a: {user: x, password: y, b: z}", "a: {user: x, password: •••"),
            ("{\"a\": {\"password\": \"y\"}}", "{\"a\": {\"password\": •••"),
            ("a: 'x;password=y'", "a: 'x;password=•••"),
            ("# password: x", "# password: •••"),
            ("url: amqp://u:p@host/x", "url: amqp://•••@host/x"),
            (
                "- name: DB_PASSWORD\n  value: x\n- name: HOST\n  value: y",
                "- name: DB_PASSWORD\n  value: •••\n- name: HOST\n  value: y",
            ),
            ("- value: x\n  name: DB_PASSWORD", "- value: •••\n  name: DB_PASSWORD"),
            ("secretKeyRef:\n  name: x\n  key: y", "secretKeyRef:\n  name: x\n  key: y"),
            ("existingSecret: x\nsecretName: y", "existingSecret: x\nsecretName: y"),
            ("\"password\": x", "\"password\": •••"),
            ("data:\n  a: b", "data:\n  a: b"),
        ] {
            assert_eq!(painted(text, false), expected, "{text}");
        }
        assert_eq!(painted("data:\n  a: b\nkind: Secret", true), "data:\n  a: •••\nkind: Secret");
    }

    #[test]
    fn flags_show_their_path_and_no_credential() {
        for (flag, expected) in [
            ("--set image.tag=1", "--set image.tag=1"),
            ("--set a.password=x,b=y", "--set a.password=•••"),
            ("--set b=y,a.password=x", "--set b=y,a.password=•••"),
            ("--set auth.user=x", "--set auth.user=•••"),
            ("--set auth.existingSecret=x", "--set auth.existingSecret=x"),
            ("--set auth.existingSecret=x,auth.password=y", "--set auth.existingSecret=x,auth.password=•••"),
            ("--set-json a={\"password\":\"x\"}", "--set-json a={\"password\":•••"),
            ("--set tokens[0]=x", "--set tokens[0]=•••"),
        ] {
            assert_eq!(conceal_flag(flag), expected);
        }
    }
}
