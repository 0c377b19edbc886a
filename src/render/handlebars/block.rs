//! Builds a template from its tags: block structure, partials, text between.

use super::expression::{Reader, symbol_length};
use super::functions;
use super::lines::{Lines, count};
use super::output::{CLOSE, OPEN};
use super::syntax::{
    Element, Expression, Hole, If, Inline, Merge, Name, Partial, PartialName, Raw, Scoped, Template, Term,
};
use super::tag::{Kind, Tag, Tags, scan};
use super::white;
use crate::diagnostic::{Diagnostic, SourceId, nearest};

/// Blocks nest no deeper than this: they are read and evaluated recursively.
const MAX_NESTING: usize = 100;

/// The block words of handlebars, and `merge`.
const BLOCKS: [&str; 5] = ["if", "unless", "each", "with", "merge"];

/// Reads a template.
pub(in crate::render) fn read(text: &str, source: SourceId) -> Result<Template, Diagnostic> {
    let mut lines = Lines::new(text, source);
    if let Some(at) = text.find([OPEN, CLOSE]) {
        return Err(Diagnostic::error("the characters U+E000 and U+E001 can't stand in a template").at(lines.place(at)));
    }
    let Tags { tags, escapes } = scan(text, &mut lines)?;
    let reader = Reader { text, lines: Lines::new(text, source) };
    let mut builder = Builder { text, tags, escapes, reader, next: 0, previous: None };
    let (body, stop) = builder.body(0)?;
    match stop {
        Stop::End => Ok(Template { source, body }),
        Stop::Close(tag) => {
            let name = &text[tag.inner.0..tag.inner.1];
            Err(Diagnostic::error(format!("`{{{{/{name}}}}}` closes nothing")).at(tag.span))
        }
        Stop::Else(tag) => Err(Diagnostic::error("`{{else}}` outside of a block").at(tag.span)),
    }
}

/// What ended a body.
#[derive(Clone, Copy)]
enum Stop {
    End,
    Else(Tag),
    Close(Tag),
}

struct Builder<'t> {
    text: &'t str,
    tags: Vec<Tag>,
    escapes: Vec<usize>,
    reader: Reader<'t>,
    /// The next tag.
    next: usize,
    /// The tag before it.
    previous: Option<Tag>,
}

impl Builder<'_> {
    /// Elements up to an `{{else}}`, a closing tag or the end.
    fn body(&mut self, depth: usize) -> Result<(Vec<Element>, Stop), Diagnostic> {
        let mut elements = Vec::new();
        loop {
            let tag = self.tags.get(self.next).copied();
            self.raw(tag, &mut elements);
            let Some(tag) = tag else { return Ok((elements, Stop::End)) };
            self.next += 1;
            self.previous = Some(tag);
            if depth >= MAX_NESTING && matches!(tag.kind, Kind::Open | Kind::OpenInline | Kind::OpenPartial) {
                return Err(Diagnostic::error(format!("blocks nest deeper than {MAX_NESTING}")).at(tag.span));
            }
            match tag.kind {
                Kind::Comment => {}
                Kind::Hole => {
                    let value = self.reader.hole(tag.inner.0, tag.inner.1)?;
                    elements.push(Element::Hole(Hole { span: tag.span, value }));
                }
                Kind::Open => elements.push(self.block(tag, tag, depth)?),
                Kind::OpenInline => elements.push(self.inline(tag, depth)?),
                Kind::OpenPartial => {
                    let mut partial = self.partial(tag)?;
                    let (block, stop) = self.body(depth + 1)?;
                    let (start, name) = self.word(tag);
                    self.close(tag, &self.text[start..name], "#>", &stop)?;
                    partial.block = Some(block);
                    elements.push(Element::Partial(partial));
                }
                Kind::Partial => elements.push(Element::Partial(self.partial(tag)?)),
                Kind::Else => return Ok((elements, Stop::Else(tag))),
                Kind::Close => return Ok((elements, Stop::Close(tag))),
            }
        }
    }

    /// The text up to `next` (or the end), less the white space that the tags on both sides take away.
    fn raw(&mut self, next: Option<Tag>, elements: &mut Vec<Element>) {
        let (mut start, end) = white::between(self.text, self.previous, next);
        // A backslash that kept `{{` from being a tag has done its work.
        let first = self.escapes.partition_point(|escape| *escape < start);
        let last = self.escapes.partition_point(|escape| *escape < end).max(first);
        for index in first..=last {
            let stop = if index == last { end } else { self.escapes[index] };
            if start < stop {
                let text = self.text[start..stop].to_owned();
                let span = self.reader.lines.place(start).span(count(&text));
                elements.push(Element::Raw(Raw { text, span }));
            }
            start = stop + 1;
        }
    }

    /// A block; `tag` is the opening tag or the `{{else if}}` that continues `opened`.
    fn block(&mut self, tag: Tag, opened: Tag, depth: usize) -> Result<Element, Diagnostic> {
        let (start, name_end) = self.word(tag);
        let name = &self.text[start..name_end];
        let Some(word) = BLOCKS.into_iter().find(|block| *block == name) else {
            return Err(unknown_block(tag, name));
        };
        let (names, end) = self.names(tag)?;
        let (arguments, options) = self.reader.arguments(name_end, end)?;
        if word == "merge" && options.is_empty() && names.is_empty() {
            let indent = white::indent(self.text, tag);
            let (body, stop) = self.body(depth + 1)?;
            self.close(opened, word, "#", &stop)?;
            return Ok(Element::Merge(Merge { span: tag.span, over: arguments, body, indent }));
        }
        let mut arguments = arguments.into_iter();
        let (Some(value), None) = (arguments.next(), arguments.next()) else {
            let error = Diagnostic::error(format!("`{{{{#{word}}}}}` takes one value")).at(tag.span);
            let named = self.text[name_end..end].split_whitespace().any(|word| word == "as");
            return Err(error.hint(if named {
                format!("names stand between bars: `{{{{#{word} … as |name|}}}}`")
            } else {
                format!("put a function with its arguments into parentheses: `{{{{#{word} (eq a b)}}}}`")
            }));
        };
        let mut include_zero = None;
        for (option, value) in options {
            if option.text != "includeZero" || !matches!(word, "if" | "unless") {
                return Err(
                    Diagnostic::error(format!("`{{{{#{word}}}}}` has no option `{}`", option.text)).at(option.span)
                );
            }
            include_zero = Some(value);
        }
        let most = match word {
            "each" => 2,
            "with" => 1,
            _ => 0,
        };
        if names.len() > most {
            return Err(
                Diagnostic::error(format!("`{{{{#{word}}}}}` names at most {most} values with `as |…|`")).at(tag.span)
            );
        }
        let (body, stop) = self.body(depth + 1)?;
        let otherwise = self.otherwise(stop, opened, depth + 1)?;
        Ok(match word {
            "if" | "unless" => {
                Element::If(If { test: value, negated: word == "unless", include_zero, then: body, otherwise })
            }
            _ => Element::Scoped(Scoped { span: tag.span, each: word == "each", value, names, body, otherwise }),
        })
    }

    /// What follows the first body of a block: nothing, `{{else}}`, or a chain of `{{else if}}`.
    fn otherwise(&mut self, stop: Stop, opened: Tag, depth: usize) -> Result<Vec<Element>, Diagnostic> {
        let (start, end) = self.word(opened);
        let name = self.text[start..end].to_owned();
        let Stop::Else(tag) = stop else { return self.close(opened, &name, "#", &stop).map(|()| Vec::new()) };
        if depth >= MAX_NESTING {
            return Err(Diagnostic::error(format!("blocks nest deeper than {MAX_NESTING}")).at(tag.span));
        }
        if tag.inner.0 < tag.inner.1 {
            return Ok(vec![self.block(tag, opened, depth)?]);
        }
        let (body, stop) = self.body(depth)?;
        if let Stop::Else(second) = stop {
            return Err(Diagnostic::error("second `{{else}}` in one block")
                .at(second.span)
                .note_at("the first is here", tag.span));
        }
        self.close(opened, &name, "#", &stop)?;
        Ok(body)
    }

    /// Checks that what ended a block is its own closing tag.
    fn close(&self, opened: Tag, name: &str, sigil: &str, stop: &Stop) -> Result<(), Diagnostic> {
        let what = format!("{{{{{sigil}{name}}}}}");
        match stop {
            Stop::Close(tag) => {
                let closing = &self.text[tag.inner.0..tag.inner.1];
                if closing == name || (closing.is_empty() && opened.kind != Kind::Open) {
                    return Ok(());
                }
                Err(Diagnostic::error(format!("`{{{{/{closing}}}}}` can't close `{what}`"))
                    .at(tag.span)
                    .note_at("opened here", opened.span)
                    .hint(format!("write `{{{{/{name}}}}}`")))
            }
            Stop::Else(tag) => Err(Diagnostic::error(format!("`{{{{else}}}}` has no meaning in `{what}`"))
                .at(tag.span)
                .note_at("opened here", opened.span)),
            Stop::End => Err(Diagnostic::error(format!("`{what}` is not closed"))
                .at(opened.span)
                .hint(format!("end it with `{{{{/{name}}}}}`"))),
        }
    }

    /// `{{#*inline "name"}}…{{/inline}}`
    fn inline(&mut self, tag: Tag, depth: usize) -> Result<Element, Diagnostic> {
        let (start, end) = self.word(tag);
        let name = self.text[start..end].to_owned();
        if name != "inline" {
            return Err(Diagnostic::error(format!("there is no decorator `{name}`"))
                .at(tag.span)
                .hint("the only one is `{{#*inline \"name\"}}`"));
        }
        let (arguments, options) = self.reader.arguments(end, tag.inner.1)?;
        let [Expression { term: Term::Literal(node), .. }] = arguments.as_slice() else {
            return Err(Diagnostic::error("an inline partial takes its name in quotes").at(tag.span));
        };
        let (Some(inline), true) = (node.as_str().map(str::to_owned), options.is_empty()) else {
            return Err(Diagnostic::error("an inline partial takes its name in quotes").at(tag.span));
        };
        let (body, stop) = self.body(depth + 1)?;
        self.close(tag, &name, "#*", &stop)?;
        Ok(Element::Inline(Inline { name: inline, body }))
    }

    /// `{{> name context key=value}}`
    fn partial(&mut self, tag: Tag) -> Result<Partial, Diagnostic> {
        let (start, end) = self.word(tag);
        let (name, context, arguments) = if start == end {
            let (given, arguments) = self.reader.arguments(start, tag.inner.1)?;
            let mut given = given.into_iter();
            let Some(name) = given.next() else {
                return Err(Diagnostic::error("a partial needs a name").at(tag.span));
            };
            (PartialName::Computed(name), given.collect::<Vec<_>>(), arguments)
        } else {
            let text = self.text[start..end].trim_matches(['"', '\'']).to_owned();
            let name = Name { text, span: self.reader.lines.span(start, end) };
            let (given, arguments) = self.reader.arguments(end, tag.inner.1)?;
            (PartialName::Static(name), given, arguments)
        };
        let mut context = context.into_iter();
        let (first, None) = (context.next(), context.next()) else {
            return Err(Diagnostic::error("a partial takes one context; name all other arguments")
                .at(tag.span)
                .hint("write `{{> name key=value other=value}}`"));
        };
        Ok(Partial {
            span: tag.span,
            name,
            context: first,
            arguments,
            indent: white::indent(self.text, tag),
            block: None,
        })
    }

    /// The first word in a tag; empty where an expression in parentheses stands for it.
    fn word(&self, tag: Tag) -> (usize, usize) {
        let (start, end) = tag.inner;
        let inner = &self.text[start..end];
        if inner.starts_with('(') {
            return (start, start);
        }
        (start, start + inner.find(char::is_whitespace).unwrap_or(inner.len()))
    }

    /// The names of `as |item key|`, and where the tag ends without them.
    fn names(&self, tag: Tag) -> Result<(Vec<String>, usize), Diagnostic> {
        let (start, end) = tag.inner;
        let inner = &self.text[start..end];
        let Some(body) = inner.strip_suffix('|') else { return Ok((Vec::new(), end)) };
        let malformed = || {
            Diagnostic::error("can't read the names between `|`")
                .at(tag.span)
                .hint("write `{{#each values.ports as |port index|}}`")
        };
        let bar = body.rfind('|').ok_or_else(malformed)?;
        let names: Vec<String> = body[bar + 1..].split_whitespace().map(str::to_owned).collect();
        let before = body[..bar].trim_end().strip_suffix("as").filter(|before| before.ends_with(char::is_whitespace));
        let before = before.ok_or_else(malformed)?;
        if names.is_empty() || names.iter().any(|name| symbol_length(name) < name.len()) {
            return Err(malformed());
        }
        Ok((names, start + before.trim_end().len()))
    }
}

/// What to write instead of a block that does not exist.
fn unknown_block(tag: Tag, name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(format!("there is no block `{name}`")).at(tag.span);
    if functions::find(name).is_some() {
        return diagnostic.hint(format!("`{name}` is a function: write `{{{{#if ({name} …)}}}}`"));
    }
    match nearest(name, BLOCKS) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic
            .hint(format!("blocks are `if`, `unless`, `each`, `with` and `merge`: write `{{{{#with {name}}}}}`")),
    }
}
