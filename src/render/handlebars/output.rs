//! The rendered text with tokens in place of values, and the map from its lines back to the templates.

use super::lines::count;
use crate::diagnostic::Place;

/// Begins a token: `U+E000 index U+E001`. Templates that contain one of these are refused.
pub(super) const OPEN: char = '\u{E000}';
/// Ends a token.
pub(super) const CLOSE: char = '\u{E001}';

/// A stretch of the text that came from one place on.
#[derive(Clone, Copy, Debug)]
struct Segment {
    line: u32,
    column: u32,
    place: Place,
    frame: u32,
    /// A hole: all of it is at `place`.
    hole: bool,
}

/// What a partial's caller wrote with.
#[derive(Debug)]
pub(super) struct Outside {
    frame: u32,
    indent: usize,
    begun: usize,
}

/// A text being written.
#[derive(Debug)]
pub(super) struct Output {
    text: String,
    line: u32,
    column: u32,
    segments: Vec<Segment>,
    /// Which call of a partial writes now (see `frames`).
    frame: u32,
    /// What each line of the partials under way is indented by.
    indent: String,
}

impl Output {
    /// An empty text, written by the call of a partial with that number.
    pub(super) fn new(frame: u32) -> Self {
        Self { text: String::new(), line: 1, column: 1, segments: Vec::new(), frame, indent: String::new() }
    }

    /// The text written so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Writes text of a template that stands at `place`.
    pub(super) fn raw(&mut self, text: &str, place: Place) {
        if self.indent.is_empty() {
            self.segment(place, false);
            self.write(text);
            return;
        }
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if line != "\n" && line != "\r\n" {
                self.begin_line();
            }
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let at = if number == 0 { place } else { Place::new(place.source, place.line + number, 1) };
            self.segment(at, false);
            self.write(line);
        }
    }

    /// Writes the token of hole number `index`, whose tag is at `place`.
    pub(super) fn token(&mut self, index: usize, place: Place) {
        self.begin_line();
        self.segment(place, true);
        self.write(&format!("{OPEN}{index}{CLOSE}"));
    }

    /// Begins a partial (or something like it) whose lines are indented by `indent` more; returns what
    /// [`Self::leave`] wants back.
    pub(super) fn enter(&mut self, frame: u32, indent: &str) -> Outside {
        let outside = Outside { frame: self.frame, indent: self.indent.len(), begun: self.text.len() };
        self.indent.push_str(indent);
        self.frame = frame;
        outside
    }

    /// Ends it. What stood alone on its line ends its own last line; within a line the line break at its end goes.
    pub(super) fn leave(&mut self, outside: &Outside, alone: bool) {
        let wrote = self.text.len() > outside.begun;
        if wrote && alone && !self.text.ends_with('\n') {
            self.write("\n");
        } else if wrote && !alone && self.text.ends_with('\n') {
            self.text.pop();
            self.line -= 1;
            let begin = self.text.rfind('\n').map_or(0, |newline| newline + 1);
            self.column = 1 + count(&self.text[begin..]);
        }
        self.frame = outside.frame;
        self.indent.truncate(outside.indent);
    }

    /// The template's place behind a line and column of the text, and the calls that led there.
    pub(super) fn place(&self, line: u32, column: u32) -> (Place, u32) {
        let after = self.segments.partition_point(|segment| (segment.line, segment.column) <= (line, column));
        let Some(segment) = after.checked_sub(1).and_then(|index| self.segments.get(index)) else {
            return (Place::NOWHERE, 0);
        };
        let mut place = segment.place;
        if !segment.hole {
            if line == segment.line {
                place.column += column - segment.column;
            } else {
                place.line += line - segment.line;
                place.column = column;
            }
        }
        (place, segment.frame)
    }

    fn begin_line(&mut self) {
        if self.column == 1 && !self.indent.is_empty() {
            self.text.push_str(&self.indent);
            self.column += count(&self.indent);
        }
    }

    fn segment(&mut self, place: Place, hole: bool) {
        self.segments.push(Segment { line: self.line, column: self.column, place, frame: self.frame, hole });
    }

    fn write(&mut self, text: &str) {
        self.text.push_str(text);
        match text.rfind('\n') {
            None => self.column += count(text),
            Some(newline) => {
                let lines = text.bytes().filter(|byte| *byte == b'\n').count();
                self.line += u32::try_from(lines).unwrap_or(u32::MAX);
                self.column = 1 + count(&text[newline + 1..]);
            }
        }
    }
}
