//! Where strings and other literals within a tag end, and numbers with the digits they were written with.

use crate::yaml::{Spelled, Value};

/// The end of the string that begins at `start` with a quote; none if it is not closed.
pub(super) fn string_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.get(start)?;
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            _ if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// The end of a list or map literal that begins at `start`; none if there is none. `depth` bounds its nesting.
pub(super) fn collection_end(text: &str, start: usize, depth: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (close, map) = match bytes.get(start)? {
        b'[' => (b']', false),
        b'{' => (b'}', true),
        _ => return None,
    };
    let mut at = blank_end(text, start + 1);
    while *bytes.get(at)? != close {
        if map {
            at = blank_end(text, string_end(text, at).filter(|_| matches!(bytes[at], b'"' | b'\''))?);
            if *bytes.get(at)? != b':' {
                return None;
            }
            at = blank_end(text, at + 1);
        }
        at = blank_end(text, literal_end(text, at, depth.checked_sub(1)?)?);
        match *bytes.get(at)? {
            b',' => at = blank_end(text, at + 1),
            byte if byte == close => {}
            _ => return None,
        }
    }
    Some(at + 1)
}

fn literal_end(text: &str, start: usize, depth: usize) -> Option<usize> {
    match text.as_bytes().get(start)? {
        b'"' | b'\'' => string_end(text, start),
        b'[' | b'{' => collection_end(text, start, depth),
        _ => {
            let word = text[start..].find(|char: char| !(char.is_ascii_alphanumeric() || "+-.".contains(char)))?;
            (word > 0).then_some(start + word)
        }
    }
}

/// The first offset from `start` that is no white space.
pub(super) fn blank_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    start + (rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len())
}

/// The number that `text` spells, if it fits 64 bits.
pub(super) fn number(text: &str) -> Option<Value> {
    if let Ok(value) = text.parse::<i64>() {
        return Some(Spelled::signed(text, value).into());
    }
    if let Ok(value) = text.parse::<u64>() {
        return Some(Spelled::unsigned(text, value).into());
    }
    let whole = text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit());
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite() && !whole)?;
    Some(Spelled::float(text, value).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_end_where_json_ends() {
        let table = [
            (r#""a\"b" x"#, Some(6)),
            (r"'it''", Some(4)),
            (r#""open"#, None),
            (r#"["a]b", [1, {"x": null}]] z"#, Some(25)),
            ("[]", Some(2)),
            ("[a.b/c]", None),
            (r#"{"a": {"b": 1}}}}"#, Some(15)),
            ("{a: 1}", None),
        ];
        for (text, end) in table {
            let found = if text.starts_with(['"', '\'']) { string_end(text, 0) } else { collection_end(text, 0, 9) };
            assert_eq!(found, end, "{text}");
        }
        assert_eq!(collection_end(&"[".repeat(100_000), 0, 50), None, "hostile nesting ends");
    }

    #[test]
    fn numbers_keep_their_digits_or_are_refused() {
        let spelling = |text| match number(text) {
            Some(Value::Number(number)) => Some(number.as_str().to_owned()),
            _ => None,
        };
        assert_eq!(spelling("1.10").as_deref(), Some("1.10"));
        assert_eq!(spelling("18446744073709551615").as_deref(), Some("18446744073709551615"));
        assert_eq!(spelling("18446744073709551616"), None);
        assert_eq!(spelling("1E400"), None);
    }
}
