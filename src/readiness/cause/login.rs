//! Refused logins in what programs print: the mark of a credential that is not the one its volume was initialised with.

use super::finding::{Finding, Reason, Weight};

/// How programs say it. Sources: RabbitMQ's log and AMQP 0-9-1 close reason, PostgreSQL `auth.c`, MySQL
/// `ER_ACCESS_DENIED_ERROR`, MongoDB's log, `rabbitmqctl authenticate_user`.
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

/// What to do next.
const NEXT: &str = "compare the Secret with what the volume was initialised with: `kchart get credentials RELEASE`; give the old value, or destroy the data (`kchart uninstall RELEASE --purge-volumes`)";

/// A refused login among the last lines of a container; `mounts` says whether its Pod has claims, which may be older
/// than the Secret.
pub(super) fn finding(container: &str, lines: &[String], mounts: bool) -> Option<Finding> {
    let line = lines.iter().rev().find(|line| REFUSALS.iter().any(|words| line.contains(words)))?;
    let sentence = if mounts {
        format!(
            "container `{container}` refuses the login that it is probed with; its volume may be older than the Secret: `{line}`"
        )
    } else {
        format!("the login of container `{container}` is refused: `{line}`")
    };
    Some(Finding::new(Weight::Login, Reason::Login, sentence).next(NEXT))
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
                "Access denied for user 'app'@'localhost' (using password: YES)",
                false,
                "the login of container `c` is refused: `Access denied for user 'app'@'localhost' (using password: YES)`",
            ),
        ] {
            let lines = ["starting".to_owned(), line.to_owned(), "bye".to_owned()];
            assert_eq!(finding("c", &lines, mounts).map(|found| found.sentence).as_deref(), Some(expected));
        }
        assert_eq!(finding("c", &["all is well".to_owned()], true), None);
    }
}
