//! Paths into the context: `values.image.tag`, `../name`, `@root.release`, `[a.b/c]`, `@index`.
//!
//! The handlebars crate checks their grammar but keeps the kinds of their segments private, so they are taken apart
//! here from their text.

/// A path as it was written, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// As it was written.
    pub(super) text: String,
    pub(super) start: Start,
    pub(super) segments: Vec<String>,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// A block parameter of that name, else the context: `name`.
    Name,
    /// The context, so many blocks further out: `this`, `./name` (0), `../name` (1).
    Context(usize),
    /// The whole context of the chart: `@root`.
    Root,
    /// A variable of the loop, so many loops further out: `@index` (0), `@../index` (1).
    Loop(usize),
}

impl Path {
    /// Takes a path apart that the handlebars crate has accepted.
    pub(super) fn read(text: &str) -> Self {
        let mut rest = text;
        let mut start = Start::Name;
        if let Some(after) = rest.strip_prefix("./") {
            (start, rest) = (Start::Context(0), after);
        } else if let Some(after) = rest.strip_prefix("this").filter(|after| after.is_empty() || begins_step(after)) {
            (start, rest) = (Start::Context(0), after.trim_start_matches(['.', '/']));
        }
        if let Some(after) = rest.strip_prefix("@root").filter(|after| after.is_empty() || begins_step(after)) {
            (start, rest) = (Start::Root, after.trim_start_matches(['.', '/']));
        } else if let Some(after) = rest.strip_prefix('@') {
            let ups = parents(after);
            (start, rest) = (Start::Loop(ups), &after[3 * ups..]);
        } else {
            let ups = parents(rest);
            if ups > 0 {
                (start, rest) = (Start::Context(ups), &rest[3 * ups..]);
            }
        }
        Self { text: text.to_owned(), start, segments: segments(rest) }
    }

    /// A path of plain names joined by dots, which needs no parser; none if it is anything else.
    pub(super) fn plain(text: &str) -> Option<Self> {
        let word = |name: &str| {
            name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && !matches!(name, "this" | "true" | "false" | "null" | "as")
                && !name.starts_with("else")
        };
        text.split('.').all(word).then(|| Self {
            text: text.to_owned(),
            start: Start::Name,
            segments: text.split('.').map(str::to_owned).collect(),
        })
    }
}

/// The rest after `this` or `@root` goes on with another step.
fn begins_step(rest: &str) -> bool {
    rest.starts_with(['.', '/'])
}

/// How many `../` (or `...`) come first.
fn parents(mut rest: &str) -> usize {
    let mut count = 0;
    while let Some(after) = rest.strip_prefix("..").filter(|after| begins_step(after)) {
        count += 1;
        rest = &after[1..];
    }
    count
}

fn segments(mut rest: &str) -> Vec<String> {
    let mut segments = Vec::new();
    while !rest.is_empty() {
        let end;
        if let Some(raw) = rest.strip_prefix('[') {
            let length = raw.find(']').unwrap_or(raw.len());
            segments.push(raw[..length].to_owned());
            end = (length + 2).min(rest.len());
        } else {
            end = rest.find(['.', '/']).unwrap_or(rest.len());
            // `this` in the middle of a path stands for nothing: `../this` is `..`.
            if !matches!(&rest[..end], "" | "this") {
                segments.push(rest[..end].to_owned());
            }
        }
        rest = rest[end..].strip_prefix(['.', '/']).unwrap_or(&rest[end..]);
    }
    segments
}

#[cfg(test)]
mod tests {
    use handlebars::template::Parameter;

    use super::*;

    fn read(text: &str) -> (Start, Vec<String>) {
        let path = Path::read(text);
        (path.start, path.segments)
    }

    #[test]
    fn paths_are_taken_apart() {
        let table: [(&str, Start, &[&str]); 16] = [
            ("values.a.b", Start::Name, &["values", "a", "b"]),
            ("values/a", Start::Name, &["values", "a"]),
            ("this", Start::Context(0), &[]),
            ("this.x", Start::Context(0), &["x"]),
            ("./x", Start::Context(0), &["x"]),
            ("thisx", Start::Name, &["thisx"]),
            ("../x", Start::Context(1), &["x"]),
            ("../../x.y", Start::Context(2), &["x", "y"]),
            ("../this", Start::Context(1), &[]),
            ("@root", Start::Root, &[]),
            ("@root.values.x", Start::Root, &["values", "x"]),
            ("@index", Start::Loop(0), &["index"]),
            ("@../key", Start::Loop(1), &["key"]),
            ("a.[b.c/d].e", Start::Name, &["a", "b.c/d", "e"]),
            ("[x y]", Start::Name, &["x y"]),
            ("list.0.name", Start::Name, &["list", "0", "name"]),
        ];
        for (text, start, segments) in table {
            assert!(Parameter::parse(text).is_ok(), "handlebars knows {text}");
            assert_eq!(read(text), (start, segments.iter().map(|name| (*name).to_owned()).collect()), "{text}");
        }
    }

    #[test]
    fn the_short_cut_agrees_with_the_parser() {
        for text in ["a", "values.image.tag", "x1.y_2", "this", "a.this", "a-b", "a..b", "1", "true", "a.1", "", "else"]
        {
            let Some(path) = Path::plain(text) else { continue };
            assert!(matches!(Parameter::parse(text), Ok(Parameter::Path(_))), "{text}");
            assert_eq!(path, Path::read(text), "{text}");
        }
        assert!(Path::plain("values.image.tag").is_some());
        assert!(Path::plain("a.this").is_none());
    }
}
