//! Refused logins in what programs print: the mark of a credential that is not the one its volume was initialised with.

use super::finding::{Finding, Reason, Weight};

/// How programs say it. Sources: RabbitMQ's log and AMQP 0-9-1 close reason, `auth.c` of PostgreSQL,
/// `ER_ACCESS_DENIED_ERROR` of `MySQL`, the log of `MongoDB`, `rabbitmqctl authenticate_user`.
const REFUSALS: &[&str] = &[
    "PLAIN login refused",
    "AMQPLAIN login refused",
    "ACCESS_REFUSED",
    "password authentication failed",
    "Access denied for user",
    "authentication failed for user",
    "failed to authenticate user",
    "AuthenticationFailed",
    "WRONGPASS",
];

/// Of these, what only a client says: its own volume has nothing to do with it.
const OF_CLIENTS: &[&str] = &["ACCESS_REFUSED"];

/// A refused login among the last lines of a container; `mounts` says whether its Pod has claims, which may be older
/// than the Secret; `release` is how commands name the release: `web -n shop`.
pub(super) fn finding(container: &str, lines: &[String], mounts: bool, release: &str) -> Option<Finding> {
    let has = |line: &str, words: &[&str]| words.iter().any(|words| line.contains(words));
    let line = lines.iter().rev().find(|line| has(line, REFUSALS))?;
    let may_be_old = mounts && !has(line, OF_CLIENTS);
    let sentence = if may_be_old {
        format!(
            "container `{container}` refuses the login that it is probed with; its volume may be older than the Secret: `{line}`"
        )
    } else {
        format!("the login of container `{container}` is refused: `{line}`")
    };
    let found = Finding::new(Weight::Login, Reason::Login, sentence)
        .next(format!("compare with what opens the volumes: `kchart get credentials {release}`"));
    // Nothing is destroyed on a guess.
    Some(if may_be_old {
        found.next(format!(
            "give the value that the volume was initialised with, or destroy the data: `kchart uninstall {release} --purge-volumes`"
        ))
    } else {
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_understood() {
        for (line, mounts, expected) in [
            (
                "PLAIN login refused: user 'app' - invalid credentials",
                true,
                "container `c` refuses the login that it is probed with; its volume may be older than the Secret: `PLAIN login refused: user 'app' - invalid credentials`",
            ),
            (
                "FATAL:  password authentication failed for user \"app\"",
                false,
                "the login of container `c` is refused: `FATAL:  password authentication failed for user \"app\"`",
            ),
            (
                "ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - Login was refused'",
                true,
                "the login of container `c` is refused: `ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - Login was refused'`",
            ),
            (
                "Access denied for user 'app'@'localhost' (using password: YES)",
                false,
                "the login of container `c` is refused: `Access denied for user 'app'@'localhost' (using password: YES)`",
            ),
        ] {
            let lines = ["starting".to_owned(), line.to_owned(), "bye".to_owned()];
            assert_eq!(
                finding("c", &lines, mounts, "web -n shop").map(|found| found.sentence).as_deref(),
                Some(expected)
            );
        }
        let hints =
            |line: &str, mounts| finding("c", &[line.to_owned()], mounts, "web -n shop").unwrap().next.join("\n");
        assert!(hints("PLAIN login refused", true).contains("--purge-volumes"));
        for (line, mounts) in [("PLAIN login refused", false), ("ACCESS_REFUSED", true)] {
            assert!(!hints(line, mounts).contains("--purge-volumes"), "nothing is destroyed on a guess");
        }
        assert_eq!(finding("c", &["all is well".to_owned()], true, "web -n shop"), None);
    }
}
