//! How a string is written: plain where no reader can take it for something else, as a block where it has lines that
//! survive there, else in double quotes.

use std::fmt::Write as _;

/// Keys of more bytes than this need the `? ` form.
pub(super) const LONGEST_KEY: usize = 1000;

/// Writes a string that is a value; lines of a block are indented by `indent`.
pub(super) fn value(text: &str, indent: usize, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
    } else if is_block(text) {
        block(text, indent, out);
    } else {
        quoted(text, out);
    }
}

/// Writes a string that is a key.
pub(super) fn key(text: &str, out: &mut String) {
    if is_plain(text) { out.push_str(text) } else { quoted(text, out) }
}

fn is_plain(text: &str) -> bool {
    let Some(first) = text.bytes().next() else { return false };
    (first.is_ascii_alphanumeric() || b"/._$(".contains(&first))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._$()=+~@%*?;<>|^!&\\-: ,".contains(&byte))
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !text.starts_with("...")
        && !is_ambiguous(text)
}

/// Whether some reader may take it for a null, a boolean, a number or a date.
fn is_ambiguous(text: &str) -> bool {
    const WORDS: [&str; 11] = ["~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "<<"];
    if WORDS.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return true;
    }
    // What begins like a number is safe only with a character that no number, date or time can have.
    let first = text.bytes().next().unwrap_or(b'.');
    let numeric = |byte: u8| byte.is_ascii_hexdigit() || b"+-._: ".contains(&byte) || b"xotzinXOTZIN".contains(&byte);
    (first.is_ascii_digit() || first == b'.') && text.bytes().all(numeric)
}

/// Whether a literal block gives the same string to every reader without an indentation indicator.
fn is_block(text: &str) -> bool {
    let blank = |line: &str| !line.is_empty() && line.bytes().all(|byte| byte == b' ' || byte == b'\t');
    text.contains('\n')
        && !text.starts_with(['\n', ' ', '\t'])
        && !text.split('\n').any(blank)
        && text.chars().all(|char| char == '\n' || char == '\t' || !needs_escape(char))
}

fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    let breaks = text.len() - body.len();
    out.push_str(match breaks {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
    }
    out.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1)));
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if needs_escape(char) => {
                // Writing to a string can't fail.
                let _ = match u32::from(char) {
                    code @ 0..=0xff => write!(out, "\\x{code:02x}"),
                    code @ 0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    code => write!(out, "\\U{code:08x}"),
                };
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

/// Control characters, line breaks that only some readers know, and what YAML does not count as printable.
fn needs_escape(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
