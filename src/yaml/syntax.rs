//! What is wrong with a text that is no YAML, in the words of the person who wrote it.
//!
//! The parser says which rule of the grammar it was in; here the lines around the place are looked at, to say what
//! was expected. No message repeats a value: it may be a secret.

use granit_parser::{ErrorKind, Marker, ScanError, Span};

use super::hook::Hook;
use super::limits;
use crate::diagnostic::Diagnostic;

const QUOTE: &str = "put the whole value into quotes";

/// Line and column from 1.
pub(super) fn position(marker: &Marker) -> (u32, u32) {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (number(marker.line()).max(1), number(marker.col()).saturating_add(1))
}

pub(super) fn too_deep() -> Diagnostic {
    Diagnostic::error(format!("the text is nested deeper than {} levels", limits::DEPTH))
}

/// An error of the parser.
pub(super) fn explain(error: &ScanError, text: &str, hook: &mut dyn Hook) -> Diagnostic {
    let (line, column) = position(error.marker());
    let lines = Lines(text);
    if let Some(column) = lines.template(line) {
        return template_expression().at(hook.place(line, column).span(2));
    }
    let (diagnostic, line, column) = diagnose(error, lines, line, column);
    diagnostic.at(hook.place(line, column))
}

/// An error of the loader: well-formed YAML that can't be a value.
pub(super) fn structure(message: &str, span: Span, text: &str, hook: &mut dyn Hook) -> Diagnostic {
    let (line, column) = position(&span.start);
    match Lines(text).template(line) {
        Some(column) => template_expression().at(hook.place(line, column).span(2)),
        None => Diagnostic::error(message).at(hook.place(line, column)),
    }
}

fn template_expression() -> Diagnostic {
    Diagnostic::error("expected a value, found a template expression `{{`")
        .hint("render the text before it is read, or put the value into quotes if the braces belong to it")
}

fn diagnose(error: &ScanError, lines: Lines<'_>, line: u32, column: u32) -> (Diagnostic, u32, u32) {
    use ErrorKind as Kind;
    let here = |diagnostic: Diagnostic| (diagnostic, line, column);
    let say = |message: &str| here(Diagnostic::error(message));
    let with = |message: &str, hint: &str| here(Diagnostic::error(message).hint(hint));
    match error.kind() {
        Kind::TabNotAllowed
        | Kind::TabInBlockIndentation
        | Kind::TabInIndentation
        | Kind::TabInPlainScalar
        | Kind::TabAtBlockScalarStart => {
            let (line, column) = lines.tab(line).unwrap_or((line, column));
            (Diagnostic::error("a tab can't be used for indentation").hint("indent with spaces"), line, column)
        }
        Kind::MappingValueNotAllowed => mapping_value(lines, line, column),
        Kind::ExpectedBlockMappingKey => expected_key(lines, line, column),
        Kind::ExpectedBlockSequenceEntry => with(
            "expected `- ` for the next item of the list above",
            "indent the line as the key that it belongs beside",
        ),
        Kind::BlockSequenceEntryNotAllowed => {
            with("a list can't begin here", "write the list on the lines below its key, one `- ` per item")
        }
        Kind::BlockEntryInFlowCollection => with("`- ` can't stand inside brackets", "separate items by commas"),
        Kind::UnclosedQuotedScalar => say("the quote is never closed"),
        Kind::DocumentIndicatorInQuotedScalar => say("the document ends before the quote is closed"),
        Kind::InvalidTrailingSingleQuotedScalar => with(
            "expected the end of the value after the closing `'`",
            "write a quote inside single quotes twice: `''`",
        ),
        Kind::InvalidTrailingDoubleQuotedScalar => {
            with("expected the end of the value after the closing `\"`", "write a quote inside double quotes as `\\\"`")
        }
        Kind::UnknownQuotedScalarEscape => with(
            "a backslash in this double-quoted string begins an escape that YAML does not know",
            "use single quotes, where a backslash is a backslash",
        ),
        Kind::InvalidQuotedScalarHexEscape
        | Kind::InvalidLowSurrogateHexEscape
        | Kind::InvalidLowSurrogate
        | Kind::MissingLowSurrogate
        | Kind::UnpairedLowSurrogate
        | Kind::InvalidUnicodeEscape => say("an escape in this double-quoted string is no character"),
        Kind::UnclosedFlowCollection { open } => say(&format!("`{open}` is never closed")),
        Kind::UnexpectedEofFlowSequence => say("the text ends before `[` is closed"),
        Kind::UnexpectedEofFlowMapping | Kind::UnexpectedEofImplicitFlowMapping => {
            say("the text ends before `{` is closed")
        }
        Kind::MismatchedFlowCollectionEnd { open, close } => say(&format!("`{open}` is closed by `{close}`")),
        Kind::MisplacedFlowCollectionEnd => with("the bracket closes nothing", QUOTE),
        Kind::ExpectedFlowMappingSeparator => say("expected `,` or `}`"),
        Kind::ExpectedFlowSequenceSeparator => say("expected `,` or `]`"),
        Kind::InvalidColonPlacement => say("expected `,` or a closing bracket before this `:`"),
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => say("expected `: ` after the key"),
        Kind::UnknownAnchor => with("the alias names no anchor above it", "put it into quotes if `*` belongs to it"),
        Kind::MissingAnchorOrAliasName => with("expected a name after `&` or `*`", QUOTE),
        Kind::UnexpectedCharacter { character: character @ ('@' | '`' | '%') } => {
            with(&format!("a value without quotes can't begin with `{character}`"), QUOTE)
        }
        Kind::UnexpectedCharacter { character } if character.is_control() => with(
            &format!("the control character U+{:04X} can't stand in YAML", u32::from(*character)),
            "write it as an escape in a double-quoted string",
        ),
        Kind::InvalidBlockScalarIndent | Kind::InvalidIndentation | Kind::InvalidQuotedScalarIndent => {
            say("the line is indented less than the text that it belongs to")
        }
        Kind::ExpectedNodeContent => say("expected a value"),
        Kind::ExpectedDocumentStart => with("expected the end of the document", "separate documents by a line `---`"),
        Kind::RecursionLimitExceeded => here(too_deep()),
        _ => say(&format!("not valid YAML: {}", error.info())),
    }
}

/// A `: ` where no key can be: a second one in a line, a line that is indented too deep, or one above without `: `.
fn mapping_value(lines: Lines<'_>, line: u32, column: u32) -> (Diagnostic, u32, u32) {
    let text = lines.get(line);
    let before: String = text.chars().take(column.saturating_sub(1) as usize).collect();
    if before.contains(": ") {
        let diagnostic = Diagnostic::error("a second `: ` in one line").hint(QUOTE);
        return (diagnostic, line, column);
    }
    let Some((above, above_text)) = lines.above(line) else {
        return (Diagnostic::error("a key can't stand here"), line, column);
    };
    if indentation(text) > indentation(above_text) {
        let diagnostic =
            Diagnostic::error("the line is indented deeper than the one above, whose value is already complete")
                .hint("indent it as the line above, or take the value above away if this belongs below its key");
        return (diagnostic, line, indentation(text) + 1);
    }
    let diagnostic = Diagnostic::error("expected `key: value`, found a line without `: `");
    (diagnostic, above, indentation(above_text) + 1)
}

fn expected_key(lines: Lines<'_>, line: u32, column: u32) -> (Diagnostic, u32, u32) {
    let text = lines.get(line);
    let diagnostic = if text.trim_start().starts_with("- ") {
        Diagnostic::error("expected `key: value`, found an item of a list")
            .hint("a list stands alone below its key, it can't be mixed with keys")
    } else if lines.above(line).is_some_and(|(_, above)| indentation(text) < indentation(above)) {
        Diagnostic::error("the line is indented like none of the keys above")
            .hint("indent it as the keys that it belongs beside")
    } else {
        Diagnostic::error("expected `key: value`")
    };
    (diagnostic, line, column.min(indentation(text) + 1))
}

/// Lines by number, from 1. Looked up one at a time: only a text with an error pays for it.
#[derive(Clone, Copy)]
struct Lines<'t>(&'t str);

impl<'t> Lines<'t> {
    fn get(self, line: u32) -> &'t str {
        self.0.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default()
    }

    /// The nearest line above that is neither blank nor a comment.
    fn above(self, line: u32) -> Option<(u32, &'t str)> {
        (1..line).zip(self.0.lines()).filter(|(_, text)| !matches!(text.trim().as_bytes(), [] | [b'#', ..])).last()
    }

    /// The first line from here on with a tab in its indentation.
    fn tab(self, from: u32) -> Option<(u32, u32)> {
        (1..).zip(self.0.lines()).skip(from.saturating_sub(1) as usize).find_map(|(line, text)| {
            let blank: String = text.chars().take_while(|char| char.is_whitespace()).collect();
            let column = blank.chars().position(|char| char == '\t')?;
            (blank.len() < text.len()).then(|| (line, u32::try_from(column + 1).unwrap_or(u32::MAX)))
        })
    }

    /// The column of a `{{` where a value or a key begins.
    fn template(self, line: u32) -> Option<u32> {
        let text = self.get(line);
        let at = text.find("{{")?;
        let before = text[..at].trim_end();
        let begins = before.is_empty() || before.ends_with(':') || before.ends_with('-');
        begins.then(|| u32::try_from(text[..at].chars().count() + 1).unwrap_or(u32::MAX))
    }
}

fn indentation(text: &str) -> u32 {
    u32::try_from(text.chars().take_while(|char| *char == ' ').count()).unwrap_or(u32::MAX)
}
