//! Parser events to nodes: places, anchors, merge keys, duplicate keys, limits.
//!
//! What a scalar means is in `dialect` and `tag`, what a parser's error means in `syntax`.

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::anchors::{Anchors, Cost};
use super::dialect::Dialect;
use super::hook::{Chomp, Hook, Scalar, Style};
use super::{Map, Node, Value, limits, syntax, tag};
use crate::diagnostic::{Diagnostic, Origin, Place};

/// Reads one text; used up by [`Loader::documents`].
pub(super) struct Loader<'t, 'h> {
    parser: Parser<'t, StrInput<'t>>,
    text: &'t str,
    dialect: Dialect,
    /// What a place means for the origin: in values a thing comes from where it stands, in templates it does not.
    origin: fn(Place) -> Origin,
    hook: &'h mut dyn Hook,
    anchors: Anchors,
    /// Nodes that may still be made.
    budget: usize,
}

impl<'t, 'h> Loader<'t, 'h> {
    pub(super) fn new(text: &'t str, dialect: Dialect, origin: fn(Place) -> Origin, hook: &'h mut dyn Hook) -> Self {
        // The parser's own limits lie a little above ours, so that our messages are seen.
        let options = granit_parser::options! {
            emit_comments: false,
            flow_nesting_limit: limits::DEPTH + 2,
            block_nesting_limit: limits::DEPTH + 2,
        };
        let parser = Parser::new_from_str_with_options(text, options);
        Self { parser, text, dialect, origin, hook, anchors: Anchors::default(), budget: limits::NODES }
    }

    /// All documents; an empty one is null.
    pub(super) fn documents(mut self) -> Result<Vec<Node>, Diagnostic> {
        if self.text.len() > limits::TEXT_BYTES {
            let place = self.hook.place(1, 1);
            return Err(Diagnostic::error("the text is larger than 64 MiB").at(place));
        }
        let mut documents = Vec::new();
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(documents),
                Event::DocumentStart(..) => {
                    self.anchors = Anchors::default();
                    let (event, span) = self.next()?;
                    documents.push(self.node(event, span, 0)?);
                }
                Event::StreamStart | Event::DocumentEnd => {}
                _ => return Err(self.error("expected the start of a document", span)),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), Diagnostic> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(syntax::explain(&error, self.text, self.hook)),
            None => {
                let line = u32::try_from(self.text.lines().count()).unwrap_or(u32::MAX).max(1);
                Err(Diagnostic::error("the text ends too early").at(self.hook.place(line, 1)))
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        let place = self.place(span);
        self.spend(1, depth, place)?;
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => (self.scalar(&text, style, tag.as_deref(), span)?, anchor),
            Event::Alias(id) => return self.alias(id, depth, place),
            Event::SequenceStart(_, anchor, tag) => {
                tag::check_collection(self.dialect, tag.as_deref(), "seq").map_err(|error| error.at(place))?;
                (Node::with(self.list(depth)?, (self.origin)(place)), anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                tag::check_collection(self.dialect, tag.as_deref(), "map").map_err(|error| error.at(place))?;
                (Node::with(self.map(depth)?, (self.origin)(place)), anchor)
            }
            _ => return Err(self.error("expected a value", span)),
        };
        self.remember(anchor, &node, place)?;
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Diagnostic> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(items);
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Map, Diagnostic> {
        let mut map = Map::default();
        let mut merges = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            let merge = matches!(&event, Event::Scalar(key, ScalarStyle::Plain, _, None) if key == "<<");
            let key = if merge { String::new() } else { self.key(event, span)? };
            let key_place = self.place(span);
            let (event, value_span) = self.next()?;
            let mut value = self.node(event, value_span, depth + 1)?;
            value.key = key_place;
            match (merge, self.dialect) {
                (true, Dialect::Core12) => merges.push(value),
                (true, Dialect::Kubectl11) => merge_over(&mut map, value)?,
                (false, Dialect::Core12) => insert_once(&mut map, key, value)?,
                (false, Dialect::Kubectl11) => {
                    map.insert(key, value);
                }
            }
        }
        for merge in merges {
            merge_under(&mut map, merge)?;
        }
        Ok(map)
    }

    fn key(&mut self, event: Event<'t>, span: Span) -> Result<String, Diagnostic> {
        let place = self.place(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = self.scalar_of(&text, style, span);
                let key = match self.hook.key(&scalar)? {
                    Some(key) => key,
                    None if style == ScalarStyle::Plain && text == "~" && span.is_empty() => {
                        return Err(self.error("expected a key before `:`", span));
                    }
                    None => tag::key(self.dialect, &scalar, tag.as_deref()).map_err(|error| error.at(place))?,
                };
                self.remember(anchor, &Node::with(key.as_str(), (self.origin)(place)), place)?;
                Ok(key)
            }
            Event::Alias(id) => match self.anchors.get(id).map(|node| &node.value) {
                Some(Value::Text(text)) if text.known().is_some() => Ok(text.known().unwrap_or_default().to_owned()),
                Some(Value::Number(number)) => Ok(number.as_str().to_owned()),
                _ => Err(Diagnostic::error("a key must be a string").at(place)),
            },
            _ => Err(self.error("a key must be a string, not a list or a map", span)),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Result<Node, Diagnostic> {
        let scalar = self.scalar_of(text, style, span);
        if let Some(node) = self.hook.scalar(&scalar)? {
            return Ok(tag::retype(node, tag));
        }
        let value = tag::value(self.dialect, &scalar, tag).map_err(|error| {
            let width = u32::try_from(text.chars().count()).unwrap_or(1);
            error.at(scalar.place.span(width))
        })?;
        Ok(Node::with(value, (self.origin)(scalar.place)))
    }

    fn scalar_of<'s>(&mut self, text: &'s str, style: ScalarStyle, span: Span) -> Scalar<'s> {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let chomp = matches!(style, Style::Literal | Style::Folded).then(|| chomp(self.text, span));
        Scalar { text, style, place: self.place(span), chomp }
    }

    fn alias(&mut self, id: usize, depth: usize, place: Place) -> Result<Node, Diagnostic> {
        let Some((node, cost)) = self.anchors.copy(id) else {
            return Err(Diagnostic::error("an anchor can't contain itself").at(place));
        };
        self.spend(cost.nodes, depth + cost.height, place)?;
        Ok(Node { value: node.value, origin: (self.origin)(place), key: Place::NOWHERE })
    }

    fn remember(&mut self, anchor: usize, node: &Node, place: Place) -> Result<(), Diagnostic> {
        if anchor != 0 {
            let cost = Cost::of(node);
            self.spend(cost.nodes, 0, place)?;
            self.anchors.set(anchor, node, cost);
        }
        Ok(())
    }

    fn spend(&mut self, nodes: usize, depth: usize, place: Place) -> Result<(), Diagnostic> {
        if depth > limits::DEPTH {
            return Err(syntax::too_deep().at(place));
        }
        self.budget = self.budget.checked_sub(nodes).ok_or_else(|| {
            Diagnostic::error("the text has too many values, those that its aliases copy included")
                .at(place)
                .note(format!("at most {} are read", limits::NODES))
        })?;
        Ok(())
    }

    fn place(&mut self, span: Span) -> Place {
        let (line, column) = syntax::position(&span.start);
        self.hook.place(line, column)
    }

    fn error(&mut self, message: &str, span: Span) -> Diagnostic {
        syntax::structure(message, span, self.text, self.hook)
    }
}

/// Adds an entry; a second one of the same key is an error that names both places.
fn insert_once(map: &mut Map, key: String, value: Node) -> Result<(), Diagnostic> {
    if let Some(first) = map.get(&key) {
        let width = u32::try_from(key.chars().count()).unwrap_or(1);
        return Err(Diagnostic::error(format!("duplicate key `{key}`"))
            .at(value.key.span(width))
            .note_at("first set here", first.key.span(width)));
    }
    map.insert(key, value);
    Ok(())
}

/// YAML 1.1's merge key: what the map says itself wins, then the first map of the list.
fn merge_under(map: &mut Map, merge: Node) -> Result<(), Diagnostic> {
    for (key, value) in merged(merge)?.into_iter().flatten() {
        map.entry(key).or_insert(value);
    }
    Ok(())
}

/// The same as goyaml v2 does it: a merge replaces what stands above it.
fn merge_over(map: &mut Map, merge: Node) -> Result<(), Diagnostic> {
    for (key, value) in merged(merge)?.into_iter().rev().flatten() {
        map.insert(key, value);
    }
    Ok(())
}

fn merged(merge: Node) -> Result<Vec<Map>, Diagnostic> {
    let place = merge.origin.at;
    let maps = match merge.value {
        Value::List(items) => items,
        value => vec![Node::with(value, merge.origin)],
    };
    let maps = maps.into_iter().map(|node| match node.value {
        Value::Map(map) => Ok(map),
        _ => Err(Diagnostic::error("`<<` merges a map or a list of maps").at(place)),
    });
    maps.collect()
}

/// The indicator in a block's header, which is on the last line before the content that is not blank.
fn chomp(text: &str, span: Span) -> Chomp {
    let before = span.start.byte_offset().and_then(|offset| text.get(..offset)).unwrap_or_default();
    let header = before.trim_end().rsplit(['\n', '\r']).next().unwrap_or_default();
    let header = header.split(" #").next().unwrap_or_default().trim_end();
    let indicators = header.rsplit(['|', '>']).next().unwrap_or_default();
    match indicators.chars().find(|char| matches!(char, '+' | '-')) {
        Some('+') => Chomp::Keep,
        Some(_) => Chomp::Strip,
        None => Chomp::Clip,
    }
}
