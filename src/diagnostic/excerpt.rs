//! One line of a source as it is painted: concealed, masked, tabs and control characters made visible, cut to a width.

use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

use super::conceal::{CONCEALED, concealed, flag_values};
use super::{Source, SourceKind, Span};

/// Cells of a line that are shown at most.
const WIDEST: usize = 160;
/// Cells that are kept before the place when a line must be cut.
const BEFORE: usize = 60;

/// A line and the cells to underline.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    /// Cells before the underlined ones.
    pub(super) before: usize,
    /// Underlined cells, at least one.
    pub(super) width: usize,
}

/// The line of a span, if the source has it.
pub(super) fn excerpt(source: &Source, span: Span, mask: &dyn Fn(&str) -> String) -> Option<Excerpt> {
    let line = source.text.lines().nth((span.place.line as usize).checked_sub(1)?)?;
    let byte = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let column = (span.place.column as usize).saturating_sub(1);
    let mut hidden = match source.kind {
        SourceKind::Values if source.is_flag() => flag_values(line),
        SourceKind::Values => concealed(&source.text, span.place.line, false),
        SourceKind::Manifest => concealed(&source.text, span.place.line, true),
        SourceKind::Template | SourceKind::Metadata => Vec::new(),
    };
    if span.hidden {
        let from = byte(column);
        // What is hidden anyway and reaches into the rest is hidden with it.
        let from = hidden.iter().find(|range| range.contains(&from)).map_or(from, |range| range.start);
        hidden.retain(|range| range.end <= from);
        hidden.push(from..line.len());
    }
    let (start, end) = (byte(column), byte(column + (span.width as usize).max(1)));
    // What is underlined may lie within what is hidden: then the replacement is underlined.
    let start = hidden.iter().find(|range| range.contains(&start)).map_or(start, |range| range.start);
    let end = hidden.iter().find(|range| range.start < end && end < range.end).map_or(end, |range| range.end);

    let cells = |from: usize, to: usize| width(&mask(&visible(line, from..to, &hidden)));
    let text = mask(&visible(line, 0..line.len(), &hidden));
    let before = cells(0, start);
    let underlined = cells(0, end).saturating_sub(before).max(1);
    Some(cut(&text, before, underlined))
}

/// A range of the line with hidden parts replaced.
fn visible(line: &str, range: Range<usize>, hidden: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut from = range.start;
    for hide in hidden.iter().filter(|hide| hide.start >= range.start && hide.start < range.end) {
        plain(&line[from..hide.start], &mut out);
        out.push_str(CONCEALED);
        from = hide.end.min(range.end);
    }
    plain(&line[from..range.end], &mut out);
    out
}

fn plain(text: &str, out: &mut String) {
    for char in text.chars() {
        if char == '\t' { out.push_str("    ") } else { out.push(harmless(char)) }
    }
}

/// A character that can't move the cursor, colour the terminal or turn the direction of reading.
pub(super) fn harmless(char: char) -> char {
    let turns = matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if char.is_control() || turns { '\u{fffd}' } else { char }
}

fn width(text: &str) -> usize {
    text.chars().map(|char| char.width().unwrap_or(1)).sum()
}

/// A window of a long line around the underlined cells.
fn cut(text: &str, before: usize, underlined: usize) -> Excerpt {
    if width(text) <= WIDEST {
        return Excerpt { text: text.trim_end().to_owned(), before, width: underlined };
    }
    let skip = before.saturating_sub(BEFORE);
    let mut out = String::new();
    let (mut at, mut shown, mut skipped) = (0, 0, 0);
    for char in text.chars() {
        let cells = char.width().unwrap_or(1);
        if at < skip {
            skipped += cells;
        } else if shown + cells < WIDEST {
            out.push(char);
            shown += cells;
        } else {
            out.push('…');
            break;
        }
        at += cells;
    }
    let lead = if skipped > 0 { "…" } else { "" };
    let before = before - skipped + lead.chars().count();
    let left = (WIDEST + 1).saturating_sub(before).max(1);
    Excerpt { text: format!("{lead}{out}"), before, width: underlined.min(left) }
}
