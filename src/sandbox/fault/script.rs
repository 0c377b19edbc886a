//! The text form of a script, rules apart by `;`:
//!
//! ```text
//! fail request 17 with 500           500, 409 or 429; nothing was done
//! fail PATCH Secret with 409         the first one of this method, and of this kind if one is named
//! fail request 3 for 2s with 429     each one from that one on, for so long
//! deny PATCH Deployment              as an admission webhook does
//! close before request 5             the connection breaks; `after`: the request was carried out
//! cut off after request 9            the process ends: nothing more of it executes
//! ```

use std::time::Duration;

use super::{Fault, Rule, When};
use crate::diagnostic::Diagnostic;

/// The forms, for those who wrote something else.
const FORMS: &str = "rules are `fail WHICH [for 2s] with 500|409|429`, `deny WHICH`, `close before|after WHICH` and \
                     `cut off before|after WHICH`, apart by `;`; WHICH is `request 17` or `PATCH [Secret]`";

/// HTTP methods that a client of Kubernetes sends.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Reads a script.
///
/// # Errors
/// Which rule is none, and the forms of rules.
pub fn parse(text: &str) -> Result<Vec<Rule>, Diagnostic> {
    text.split(';').map(str::trim).filter(|rule| !rule.is_empty()).map(one).collect()
}

fn one(text: &str) -> Result<Rule, Diagnostic> {
    let words: Vec<&str> = text.split_whitespace().collect();
    rule(&words).ok_or_else(|| Diagnostic::error(format!("`{text}` is no rule for a fault")).hint(FORMS))
}

fn rule(words: &[&str]) -> Option<Rule> {
    match words {
        ["fail", which @ .., "for", time, "with", code] => {
            Some(Rule { when: when(which)?, fault: status(code)?, lasting: Some(seconds(time)?) })
        }
        ["fail", which @ .., "with", code] => Some(Rule { when: when(which)?, fault: status(code)?, lasting: None }),
        ["deny", which @ ..] => {
            let fault = Fault::Denied { webhook: "sandbox.kchart.dev".into(), why: "denied on purpose".into() };
            Some(Rule { when: when(which)?, fault, lasting: None })
        }
        ["close", moment, which @ ..] => Some(Rule {
            when: when(which)?,
            fault: at(moment, Fault::ClosedBefore, Fault::ClosedAfter)?,
            lasting: None,
        }),
        ["cut", "off", moment, which @ ..] => Some(Rule {
            when: when(which)?,
            fault: at(moment, Fault::CutOffBefore, Fault::CutOffAfter)?,
            lasting: None,
        }),
        _ => None,
    }
}

fn when(words: &[&str]) -> Option<When> {
    match words {
        ["request", number] => number.parse().ok().filter(|number| *number > 0).map(When::Request),
        [method, kind @ ..] if METHODS.contains(method) && kind.len() < 2 => {
            Some(When::First { method: (*method).to_owned(), kind: kind.first().map(|kind| (*kind).to_owned()) })
        }
        _ => None,
    }
}

fn at(moment: &str, before: Fault, after: Fault) -> Option<Fault> {
    match moment {
        "before" => Some(before),
        "after" => Some(after),
        _ => None,
    }
}

fn status(code: &str) -> Option<Fault> {
    match code {
        "500" => Some(Fault::Internal),
        "409" => Some(Fault::Conflict),
        "429" => Some(Fault::TooManyRequests(1)),
        _ => None,
    }
}

fn seconds(text: &str) -> Option<Duration> {
    text.strip_suffix('s')?.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let first =
            |method: &str, kind: Option<&str>| When::First { method: method.to_owned(), kind: kind.map(str::to_owned) };
        let rules = parse(
            "fail request 17 with 500; fail PATCH Secret with 409;fail request 3 for 2s with 429; close before POST; \
             close after request 5; cut off before request 1; cut off after DELETE ConfigMap;",
        )
        .unwrap();
        let once = |when, fault| Rule { when, fault, lasting: None };
        assert_eq!(
            rules,
            [
                once(When::Request(17), Fault::Internal),
                once(first("PATCH", Some("Secret")), Fault::Conflict),
                Rule { lasting: Some(Duration::from_secs(2)), ..Rule::at(3, Fault::TooManyRequests(1)) },
                once(first("POST", None), Fault::ClosedBefore),
                Rule::at(5, Fault::ClosedAfter),
                Rule::at(1, Fault::CutOffBefore),
                once(first("DELETE", Some("ConfigMap")), Fault::CutOffAfter),
            ]
        );
        assert!(matches!(parse("deny PATCH Deployment").unwrap()[0].fault, Fault::Denied { .. }));
        assert_eq!(parse(" ; ").unwrap(), []);
    }

    #[test]
    fn what_is_no_rule_is_named() {
        for text in
            ["fail", "fail request 0 with 500", "fail request 1 with 404", "fail patch with 500", "close request 1"]
        {
            let error = parse(&format!("deny GET; {text}")).unwrap_err();
            assert_eq!(error.message, format!("`{text}` is no rule for a fault"));
            assert!(error.hints[0].contains("fail WHICH"), "{error:?}");
        }
    }
}
