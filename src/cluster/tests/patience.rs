//! How long requests are tried again, on the runtime's paused clock.

use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::sandbox::{Faults, parse_faults};

/// Asks once through a client whose requests meet what a script says: the answer, how long it took, how many requests.
async fn asked(script: &str) -> (Result<bool, Failure>, Duration, usize) {
    let faults = Faults::new(parse_faults(script).unwrap());
    let cluster = Cluster::over(Sandbox::deterministic().client_with(&faults));
    let begun = Instant::now();
    let found = cluster.secret_data("default", "login").await.map(|found| found.is_some());
    (found, begun.elapsed(), faults.requests())
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_busy_for_two_seconds_is_asked_again_when_it_says() {
    let (found, took, requests) = asked("429 for two seconds").await;
    assert_eq!((found.unwrap(), requests), (false, 3));
    assert!(took >= Duration::from_secs(2) && took < Duration::from_millis(2010), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stays_broken_is_given_up_after_eight_tries_with_growing_pauses() {
    let (found, took, requests) = asked("500 for 600s").await;
    assert_eq!((found.unwrap_err().class, requests), (Class::Failed, 8));
    // Pauses of 0.2, 0.4, … 3.2, 5 and 5 s, each shortened by up to a half.
    assert!(took >= Duration::from_millis(8_100) && took < Duration::from_millis(16_210), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_once_is_made_again() {
    for script in ["drop the connection before sending request 1", "drop the connection after sending GET"] {
        let (found, took, requests) = asked(script).await;
        assert_eq!((found.unwrap(), requests), (false, 2), "{script}");
        assert!(took < Duration::from_millis(210), "{took:?}");
    }
}
