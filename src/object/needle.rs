//! The forms in which a secret value may stand in foreign text.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// Matches shorter than this count only as a whole word.
const WORD: usize = 4;
/// Pieces of base64 shorter than this are left: they stand in any text.
const BASE64: usize = 6;

/// What Go's `net/url` keeps in the password of a URL.
const USERINFO: &str = "$&+,;=";
/// What RFC 3986 allows there, and JavaScript's `encodeURI` keeps.
const SUB_DELIMITERS: &str = "!$&'()*+,;=";

/// A string to search for. Ordered, so that masks are deterministic. Without `Debug`: it is a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Needle(String);

impl Needle {
    /// Where it stands in a text.
    pub(super) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let short = self.0.chars().count() < WORD;
        text.match_indices(&self.0)
            .map(|(start, found)| start..start + found.len())
            .filter(move |range| !short || is_word(text, range))
    }
}

fn is_word(text: &str, range: &Range<usize>) -> bool {
    let ends = |char: Option<char>| char.is_none_or(|char| !char.is_alphanumeric());
    ends(text[..range.start].chars().next_back()) && ends(text[range.end..].chars().next())
}

/// All forms of a value; `value` is not empty.
pub(super) fn forms(value: &str) -> Vec<Needle> {
    let mut forms = vec![value.to_owned()];
    for kept in ["", USERINFO, SUB_DELIMITERS] {
        let spellings = [("%20", true), ("%20", false), ("+", true), ("+", false)];
        forms.extend(spellings.map(|(blank, upper)| url(value, kept, blank, upper)));
    }
    let json = serde_json::Value::from(value).to_string();
    forms.extend(json.get(1..json.len() - 1).map(str::to_owned));
    for engine in [&STANDARD, &URL_SAFE] {
        forms.push(engine.encode(value));
        forms.extend((0..3).filter_map(|before| inner_base64(engine, value, before)));
    }
    forms.into_iter().filter(|form| !form.is_empty()).map(Needle).collect()
}

/// Values inside of a value: its lines, the strings of a JSON document (`.dockerconfigjson`), the password of a URL.
pub(super) fn parts(value: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let lines: Vec<_> = value.lines().map(str::trim).collect();
    if lines.len() > 1 {
        parts.extend(lines.into_iter().map(str::to_owned));
    }
    if value.trim_start().starts_with(['{', '['])
        && let Ok(json) = serde_json::from_str(value)
    {
        strings(&json, &mut parts);
    }
    if let Some((_, rest)) = value.split_once("://")
        && let Some((login, _)) = rest.split(['/', '?', '#']).next().unwrap_or_default().rsplit_once('@')
        && let Some((_, password)) = login.split_once(':')
    {
        parts.push(password.to_owned());
    }
    parts
}

fn strings(json: &serde_json::Value, out: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) => out.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        serde_json::Value::Object(map) => map.values().for_each(|item| strings(item, out)),
        _ => {}
    }
}

/// The characters of base64 that say nothing of what stands before and after the value, when `before` more bytes
/// (modulo 3) precede it.
fn inner_base64(engine: &impl base64::Engine, value: &str, before: usize) -> Option<String> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(value.as_bytes());
    let encoded = engine.encode(&bytes);
    let inner = encoded.get((before * 8).div_ceil(6)..bytes.len() * 8 / 6)?;
    (inner.len() >= BASE64).then(|| inner.to_owned())
}

/// RFC 3986's encoding of all but unreserved characters and those that the program at hand keeps, with the two
/// spellings of a blank and of hexadecimal digits.
fn url(value: &str, kept: &str, blank: &str, upper: bool) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ if kept.as_bytes().contains(&byte) => encoded.push(char::from(byte)),
            b' ' => encoded.push_str(blank),
            _ if upper => encoded.extend(escaped(byte).map(|digit| digit.to_ascii_uppercase())),
            _ => encoded.extend(escaped(byte)),
        }
    }
    encoded
}

fn escaped(byte: u8) -> [char; 3] {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    ['%', digit(byte >> 4), digit(byte & 15)]
}
