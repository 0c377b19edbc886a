//! The text form of a script, rules apart by `;`:
//!
//! ```text
//! fail request 17 with 500                           500, 409 or 429; nothing was done
//! 429 for two seconds from request 3                 each request from that one on, for so long
//! the webhook refuses PATCH Deployment               an admission webhook says no
//! drop the connection before sending request 5       nothing was done
//! drop the connection after sending PATCH Secret     it was carried out, its answer is lost
//! hang at request 5                                  no answer ever comes; nothing was done
//! kill before request 9, kill after step 3           the process ends: nothing more of it executes
//! ```
//!
//! Which request it is: `request 17`; `step 3`, the third that changes an object of a chart; `PATCH` or `PATCH Secret`,
//! the first one of this method and kind. Where none is named it is the first step, for a status the first request.

use std::time::Duration;

use super::{Fault, Rule, When};
use crate::diagnostic::Diagnostic;

/// The forms, for those who wrote something else.
const FORMS: &str = "rules are `fail WHICH with CODE`, `CODE for 2s [from WHICH]`, `the webhook refuses [WHICH]`, `drop \
                     the connection before|after sending [WHICH]`, `hang at WHICH` and `kill before|after WHICH`, apart \
                     by `;`; WHICH is `request 17`, `step 3` or `PATCH [Secret]`, CODE is 500, 409 or 429";

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
    let once = |when, fault| Some(Rule { when, fault, lasting: None });
    match words {
        ["fail", which @ .., "with", code] => once(when(which)?, status(code)?),
        [code, "for", rest @ ..] => {
            let (time, from) = match rest.iter().position(|word| *word == "from") {
                Some(at) => (&rest[..at], when(&rest[at + 1..])?),
                None => (rest, When::Request(1)),
            };
            Some(Rule { when: from, fault: status(code)?, lasting: Some(seconds(time)?) })
        }
        ["the", "webhook", "refuses", which @ ..] => {
            let fault = Fault::Denied { webhook: "sandbox.kchart.dev".into(), why: "denied on purpose".into() };
            once(when_or_first_step(which)?, fault)
        }
        ["drop", "the", "connection", moment, "sending", which @ ..] => {
            once(when_or_first_step(which)?, at(moment, Fault::ClosedBefore, Fault::ClosedAfter)?)
        }
        ["hang", "at", which @ ..] => once(when(which)?, Fault::Hangs),
        ["kill", moment, which @ ..] => once(when(which)?, at(moment, Fault::CutOffBefore, Fault::CutOffAfter)?),
        _ => None,
    }
}

fn when_or_first_step(words: &[&str]) -> Option<When> {
    if words.is_empty() { Some(When::Step(1)) } else { when(words) }
}

fn when(words: &[&str]) -> Option<When> {
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
    match words {
        ["request", text] => number(text).map(When::Request),
        ["step", text] => number(text).map(When::Step),
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

/// `2s`, `2 seconds`, `two seconds`.
fn seconds(words: &[&str]) -> Option<Duration> {
    const SPELT: [&str; 6] = ["zero", "one", "two", "three", "four", "five"];
    let number = match words {
        [short] => short.strip_suffix('s')?,
        [number, "second" | "seconds"] => number,
        _ => return None,
    };
    let spelt = || SPELT.iter().position(|word| *word == number).and_then(|at| u64::try_from(at).ok());
    number.parse().ok().or_else(spelt).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let first =
            |method: &str, kind: Option<&str>| When::First { method: method.to_owned(), kind: kind.map(str::to_owned) };
        let once = |when, fault| Rule { when, fault, lasting: None };
        let denied = || Fault::Denied { webhook: "sandbox.kchart.dev".into(), why: "denied on purpose".into() };
        let busy =
            |when, time| Rule { lasting: Some(Duration::from_secs(time)), ..once(when, Fault::TooManyRequests(1)) };
        for (text, expected) in [
            ("fail request 17 with 500", Rule::at(17, Fault::Internal)),
            ("fail PATCH Secret with 409", once(first("PATCH", Some("Secret")), Fault::Conflict)),
            ("429 for two seconds", busy(When::Request(1), 2)),
            ("429 for 1 second from request 3", busy(When::Request(3), 1)),
            ("429 for 7s from step 2", busy(When::Step(2), 7)),
            ("the webhook refuses", once(When::Step(1), denied())),
            ("the webhook refuses PATCH Deployment", once(first("PATCH", Some("Deployment")), denied())),
            ("drop the connection after sending", once(When::Step(1), Fault::ClosedAfter)),
            ("drop the connection after sending request 5", Rule::at(5, Fault::ClosedAfter)),
            ("drop the connection before sending POST", once(first("POST", None), Fault::ClosedBefore)),
            ("hang at request 5", Rule::at(5, Fault::Hangs)),
            ("kill before request 1", Rule::at(1, Fault::CutOffBefore)),
            ("kill after step 3", once(When::Step(3), Fault::CutOffAfter)),
        ] {
            assert_eq!(parse(text).unwrap(), [expected], "{text}");
        }
        assert_eq!(parse("kill after step 3; fail GET with 500;").unwrap().len(), 2);
        assert_eq!(parse(" ; ").unwrap(), []);
    }

    #[test]
    fn what_is_no_rule_is_named() {
        for text in [
            "fail",
            "fail request 0 with 500",
            "fail request 1 with 404",
            "fail patch with 500",
            "drop the connection request 1",
            "hang request 5",
            "kill after",
            "429 for many seconds",
            "429 for 2s from",
        ] {
            let error = parse(&format!("the webhook refuses GET; {text}")).unwrap_err();
            assert_eq!(error.message, format!("`{text}` is no rule for a fault"));
            assert!(error.hints[0].contains("fail WHICH"), "{error:?}");
        }
    }
}
