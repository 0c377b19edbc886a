//! Byte offsets of a text as lines and columns.

use crate::diagnostic::{Place, SourceId, Span};

/// Finds places in one text. Asking in ascending order costs as much as reading the text once.
pub(super) struct Lines<'t> {
    text: &'t str,
    source: SourceId,
    /// The last offset asked for, its line (from 1), where that line begins, and its column (from 1).
    last: (usize, u32, usize, u32),
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, source: SourceId) -> Self {
        Self { text, source, last: (0, 1, 0, 1) }
    }

    /// The place of a byte offset, which must be a character boundary.
    pub(super) fn place(&mut self, offset: usize) -> Place {
        if offset < self.last.2 {
            self.last = (0, 1, 0, 1);
        } else if offset < self.last.0 {
            self.last = (self.last.2, self.last.1, self.last.2, 1);
        }
        let (from, mut line, mut start, mut column) = self.last;
        let passed = &self.text[from..offset];
        match passed.rfind('\n') {
            None => column += count(passed),
            Some(newline) => {
                line += u32::try_from(passed.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX);
                start = from + newline + 1;
                column = 1 + count(&self.text[start..offset]);
            }
        }
        self.last = (offset, line, start, column);
        Place::new(self.source, line, column)
    }

    /// The place of a range, as wide as its first line.
    pub(super) fn span(&mut self, start: usize, end: usize) -> Span {
        let first = self.text[start..end].split('\n').next().unwrap_or_default();
        self.place(start).span(count(first).max(1))
    }
}

/// Characters of a text.
pub(super) fn count(text: &str) -> u32 {
    let characters = if text.is_ascii() { text.len() } else { text.chars().count() };
    u32::try_from(characters).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns_in_any_order() {
        let mut lines = Lines::new("ab\nçd\n\nx", SourceId::NONE);
        let place = |line, column| Place::new(SourceId::NONE, line, column);
        assert_eq!(lines.place(1), place(1, 2));
        assert_eq!(lines.place(5), place(2, 2), "columns count characters");
        assert_eq!(lines.place(8), place(4, 1));
        assert_eq!(lines.place(0), place(1, 1), "backwards too");
        assert_eq!(lines.span(3, 8).width, 2, "a span ends with its first line");
    }
}
