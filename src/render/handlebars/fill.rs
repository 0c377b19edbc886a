//! Values into the holes of the text, while it is parsed.

use std::collections::HashMap;

use super::held::Held;
use super::output::{CLOSE, OPEN, Output};
use super::place::put;
use crate::diagnostic::{Diagnostic, Origin, Place, Span};
use crate::yaml::{Chomp, Hook, Node, Part, Scalar, Spelled, Style, Text, Value};

/// What is in a hole.
#[derive(Clone, Debug)]
pub(super) struct Filling<'v> {
    pub(super) value: Held<'v>,
    /// The tag.
    pub(super) span: Span,
    /// `{{quote x}}`: a string by itself, in double quotes within a longer text.
    pub(super) quoted: bool,
}

/// Fills the holes of one text.
pub(super) struct Filler<'f, 'v> {
    output: &'f Output,
    holes: &'f [Filling<'v>],
    /// Which call of a partial led to a place that the parser asked for.
    pub(super) frames: HashMap<Place, u32>,
}

/// A text between holes, or a hole.
enum Piece<'t, 'f, 'v> {
    Text(&'t str),
    Hole(&'f Filling<'v>),
}

impl<'f, 'v> Filler<'f, 'v> {
    /// Fills `holes` into the text of `output`.
    pub(super) fn new(output: &'f Output, holes: &'f [Filling<'v>]) -> Self {
        Self { output, holes, frames: HashMap::new() }
    }

    /// Takes a text apart at its tokens.
    fn pieces<'t>(&self, text: &'t str) -> Vec<Piece<'t, 'f, 'v>> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPEN) {
            let Some((index, after)) = after.split_once(CLOSE) else { break };
            if !before.is_empty() {
                pieces.push(Piece::Text(before));
            }
            if let Some(hole) = index.parse::<usize>().ok().and_then(|index| self.holes.get(index)) {
                pieces.push(Piece::Hole(hole));
            }
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        pieces
    }

    /// The string that a text with tokens becomes, and where it came from: of the places that set its holes the first one
    /// in the layer that was read last, as that is what somebody wrote to change it.
    pub(super) fn text(&self, text: &str) -> Result<(Text, Place), Diagnostic> {
        let mut whole = Text::default();
        let mut from = Place::NOWHERE;
        for piece in self.pieces(text) {
            match piece {
                Piece::Text(text) => whole.push_str(text),
                Piece::Hole(hole) => {
                    let node = hole.value.node();
                    let set = node.origin.from;
                    if set.is_known() && (!from.is_known() || set.source > from.source) {
                        from = set;
                    }
                    let text = spelling(node).map_err(|what| in_text(hole, what))?;
                    if hole.quoted { whole.push(&in_quotes(&text)) } else { whole.push(&text) }
                }
            }
        }
        Ok((whole, from))
    }

    /// A message of the parser with the tags in place of the tokens.
    pub(super) fn untoken(&self, text: &str, tag: impl Fn(Span) -> String) -> String {
        let mut message = String::new();
        for piece in self.pieces(text) {
            match piece {
                Piece::Text(text) => message.push_str(text),
                Piece::Hole(hole) => message.push_str(&tag(hole.span)),
            }
        }
        message
    }
}

impl Hook for Filler<'_, '_> {
    fn place(&mut self, line: u32, column: u32) -> Place {
        let (place, frame) = self.output.place(line, column);
        if frame != 0 {
            self.frames.insert(place, frame);
        }
        place
    }

    fn scalar(&mut self, scalar: &Scalar<'_>) -> Result<Option<Node>, Diagnostic> {
        if !scalar.text.contains(OPEN) {
            return Ok(None);
        }
        let pieces = self.pieces(scalar.text);
        if let (Style::Plain, [Piece::Hole(hole)]) = (scalar.style, pieces.as_slice()) {
            let node = if hole.quoted { string(hole.value.node()) } else { hole.value.node().clone() };
            return Ok(Some(put(node, hole.span.place)));
        }
        let ends_with_hole = |text: &str| text.trim_end_matches('\n').ends_with(CLOSE);
        let (mut text, from) = self.text(scalar.text)?;
        if let (Some(chomp), true) = (scalar.chomp, ends_with_hole(scalar.text)) {
            text = chomped(&text, chomp);
        }
        Ok(Some(Node::with(text, Origin { at: scalar.place, from })))
    }

    fn key(&mut self, scalar: &Scalar<'_>) -> Result<Option<String>, Diagnostic> {
        if !scalar.text.contains(OPEN) {
            return Ok(None);
        }
        let (text, _) = self.text(scalar.text)?;
        match text.known() {
            Some(known) => Ok(Some(known.to_owned())),
            None => Err(Diagnostic::error("a generated value can't be a key").at(scalar.place)),
        }
    }
}

/// The string that a scalar gives in a text.
pub(super) fn spelling(node: &Node) -> Result<Text, &'static str> {
    match &node.value {
        Value::Bool(value) => Ok(Text::from(if *value { "true" } else { "false" })),
        Value::Number(number) => Ok(Text::from(Spelled::as_str(number))),
        Value::Text(text) => Ok(text.clone()),
        Value::Null | Value::List(_) | Value::Map(_) => Err(node.kind()),
    }
}

fn string(node: &Node) -> Node {
    match spelling(node) {
        Ok(text) => Node { value: Value::Text(text), ..node.clone() },
        Err(_) => node.clone(),
    }
}

fn in_text(hole: &Filling<'_>, what: &str) -> Diagnostic {
    let node = hole.value.node();
    let error = Diagnostic::error(format!("{what} can't be part of a string")).at(hole.span);
    let error = error.note_at("set here", node.origin.from);
    match &node.value {
        Value::Null => error.hint("give it a value, or a fallback: `{{default \"…\" …}}`"),
        Value::List(_) => {
            error.hint("join its items (`{{join \", \" …}}`), or let the hole be the whole value, without quotes")
        }
        _ => error.hint("take one of its keys, or let the hole be the whole value, without quotes"),
    }
}

/// A string in double quotes, as JSON and most configuration files write it.
pub(super) fn in_quotes(text: &Text) -> Text {
    if let Some(known) = text.known() {
        return Text::from(serde_json::Value::from(known).to_string());
    }
    let mut quoted = Text::from("\"");
    quoted.push(text);
    quoted.push_str("\"");
    quoted
}

/// A block's text whose end came from a hole, chomped as the block says.
fn chomped(text: &Text, chomp: Chomp) -> Text {
    if chomp == Chomp::Keep {
        return text.clone();
    }
    let mut trimmed = Text::default();
    let last = text.parts().len().saturating_sub(1);
    for (index, part) in text.parts().iter().enumerate() {
        match part {
            Part::Known(known) if index == last => trimmed.push_str(known.trim_end_matches('\n')),
            Part::Known(known) => trimmed.push_str(known),
            Part::Generated(key) => trimmed.push(&Text::generated(key.clone())),
        }
    }
    if chomp == Chomp::Clip && !trimmed.parts().is_empty() {
        trimmed.push_str("\n");
    }
    trimmed
}
