//! `Warning:` headers (RFC 7234, section 5.5): deprecated API versions, Pod Security, unknown fields. kube reads none.

use http::HeaderMap;
use http::header::WARNING;

/// The texts of all warnings in a response, as fragments of one line.
pub(super) fn texts(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(WARNING).iter().filter_map(|value| value.to_str().ok()).flat_map(parse).collect()
}

/// The texts in one header value: `299 - "text"`, several of them behind commas.
fn parse(value: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = value;
    while let Some(start) = rest.find('"') {
        let mut text = String::new();
        let mut escaped = false;
        let mut end = rest.len();
        for (at, char) in rest.char_indices().skip_while(|(at, _)| *at <= start) {
            match char {
                _ if escaped => {
                    escaped = false;
                    text.push(char);
                }
                '\\' => escaped = true,
                '"' => {
                    end = at + 1;
                    break;
                }
                _ if char.is_control() => text.push(' '),
                _ => text.push(char),
            }
        }
        if !text.trim().is_empty() {
            texts.push(text.trim().to_owned());
        }
        // A date may follow in quotes; the API server writes none, so only further warnings are looked for.
        rest = rest.get(end..).and_then(|rest| rest.split_once(',')).map_or("", |(_, next)| next);
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_unquoted() {
        for (value, expected) in [
            (r#"299 - "batch/v1beta1 CronJob is deprecated""#, vec!["batch/v1beta1 CronJob is deprecated"]),
            (
                r#"299 - "unknown field \"spec.x\"", 299 - "two, three""#,
                vec![r#"unknown field "spec.x""#, "two, three"],
            ),
            ("299 -", vec![]),
            (r#"299 - "open"#, vec!["open"]),
        ] {
            assert_eq!(parse(value), expected, "{value}");
        }
    }
}
