//! A position in the argument of a flag.

use crate::diagnostic::{Diagnostic, Origin, Place, SourceId};

pub(super) struct Cursor<'a> {
    text: &'a str,
    /// Byte offset of the next character.
    at: usize,
    source: SourceId,
    /// Characters of the source before the argument.
    before: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, source: SourceId, before: usize) -> Self {
        Self { text, at: 0, source, before }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// What is left, not taken.
    pub(super) fn left(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// What is left, taken.
    pub(super) fn rest(&mut self) -> &'a str {
        let rest = self.left();
        self.at = self.text.len();
        rest
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let taken = self.left().starts_with(wanted);
        if taken {
            self.at += wanted.len_utf8();
        }
        taken
    }

    pub(super) fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.left().trim_start().len();
    }

    /// The text up to one of the stops or the end; the stop is taken. A backslash makes the next character mean itself.
    pub(super) fn until(&mut self, stops: &[char]) -> Result<(String, Option<char>), Diagnostic> {
        let mut out = String::new();
        while let Some(char) = self.left().chars().next() {
            self.at += char.len_utf8();
            if stops.contains(&char) {
                return Ok((out, Some(char)));
            }
            if char == '\\' {
                let Some(next) = self.left().chars().next() else {
                    return Err(self.error("expected a character after `\\`"));
                };
                self.at += next.len_utf8();
                out.push(next);
            } else {
                out.push(char);
            }
        }
        Ok((out, None))
    }

    /// The same where a backslash is a backslash.
    pub(super) fn until_verbatim(&mut self, stops: &[char]) -> (&'a str, Option<char>) {
        let left = self.left();
        match left.find(stops) {
            Some(end) => {
                let stop = left[end..].chars().next();
                self.at += end + stop.map_or(0, char::len_utf8);
                (&left[..end], stop)
            }
            None => (self.rest(), None),
        }
    }

    pub(super) fn expect_comma(&mut self) -> Result<(), Diagnostic> {
        if self.is_at_end() || self.take(',') { Ok(()) } else { Err(self.error("expected `,` or the end")) }
    }

    pub(super) fn expect_end(&mut self) -> Result<(), Diagnostic> {
        self.skip_blanks();
        if self.is_at_end() { Ok(()) } else { Err(self.error("expected the end")) }
    }

    /// The place of the next character.
    pub(super) fn place(&self) -> Place {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        let column = if line == 0 { column + self.before } else { column };
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place::new(self.source, number(line + 1), number(column + 1))
    }

    pub(super) fn origin(&self) -> Origin {
        Origin::value(self.place())
    }

    pub(super) fn error(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(message).at(self.place())
    }
}
