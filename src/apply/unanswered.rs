//! Requests that have no answer when the time is up.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Failure};

/// No answer in time. `doing` names the request: "creating `Deployment/web`".
pub fn unanswered(doing: &str, time: Duration) -> Failure {
    let message = format!("the API server gave no answer within {}, while {doing}", words(time));
    Failure::failed(
        Diagnostic::error(message)
            .note("whether it was carried out is not known: the next run looks at what is there")
            .hint("is the API server overloaded? `kubectl get --raw /readyz` asks it; `--timeout` gives more time"),
    )
}

/// "5 min", "90 s".
pub(super) fn words(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds > 0 && seconds.is_multiple_of(60) { format!("{} min", seconds / 60) } else { format!("{seconds} s") }
}
