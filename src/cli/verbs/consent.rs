//! Asks before something that can't be taken back, where somebody can answer.

use std::io::{BufRead, BufReader, empty};

use crate::cli::session::Session;
use crate::diagnostic::{Class, Diagnostic, Failure};

/// Whether anybody can be asked: both ends of the conversation are a terminal.
pub(super) fn can_ask(session: &Session) -> bool {
    session.terminal.stdin && session.terminal.stderr
}

/// Asks, on a thread of its own: whoever would rather leave is heard meanwhile.
///
/// # Errors
/// The answer is not `yes`: nothing is done.
pub(super) async fn ask(question: &str, session: &mut Session) -> Result<(), Failure> {
    session.ask(&format!("{question} Type yes: "));
    let mut stdin = std::mem::replace(&mut session.stdin, Box::new(empty()));
    let reading = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        // What can't be read is no consent.
        let _ = BufReader::new(&mut stdin).read_line(&mut answer);
        (answer, stdin)
    });
    let mut answer = String::new();
    if let Ok((given, stdin)) = reading.await {
        (answer, session.stdin) = (given, stdin);
    }
    if answer.trim().eq_ignore_ascii_case("yes") {
        return Ok(());
    }
    let refused = Diagnostic::error("nothing was done: the answer was not `yes`");
    Err(Failure::new(Class::Failed, refused.hint("`--yes` does not ask")))
}
