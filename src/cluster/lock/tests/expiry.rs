//! When a lock ends and when waiting for one ends, on the runtime's paused clock: minutes pass at once, and every
//! bound is exact.

use tokio::time::{Instant, sleep, sleep_until};

use super::*;
use crate::sandbox::{Faults, parse_faults};

/// Times of the clock are whole milliseconds.
const TICK: Duration = Duration::from_millis(2);

#[track_caller]
fn assert_passed(since: Instant, expected: Duration) {
    let passed = since.elapsed();
    assert!(passed >= expected && passed < expected + TICK, "{passed:?} passed, not {expected:?}");
}

/// A run with the times of a real one; its requests meet what a script says.
fn run(world: &World, script: &str) -> Cluster {
    Cluster::over(world.sandbox.client_with(&Faults::new(parse_faults(script).unwrap())))
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A second run that waits for the lock.
async fn waits(world: &World, patience: Duration) -> (Result<Option<Held>, Failure>, Vec<String>) {
    lock(&run(world, ""), 2, patience).await
}

#[tokio::test(start_paused = true)]
async fn a_holder_whose_renewals_fail_loses_the_lock_at_its_deadline_and_not_before() {
    let (world, begun) = (World::new(), Instant::now());
    let cluster = run(&world, "500 for 600s from PATCH Lease");
    let held = lock(&cluster, 1, PATIENCE).await.0.unwrap().unwrap();
    sleep_until(begun + Duration::from_millis(12_999)).await;
    assert_eq!(held.check(), Ok(()));
    let lost = held.lost().await;
    assert_passed(begun, seconds(13));
    assert_eq!(lost.class, Class::Locked);
    let why = lost.to_string();
    assert!(why.starts_with("the lock of release `web` was lost: it could not be renewed for 13 s"), "{why}");
    let refused = cluster.set_reclaim("x", crate::plan::Reclaim::Retain, None, &Expect::Nothing).await.unwrap_err();
    assert_eq!(refused.class, Class::Locked);
    assert!(world.sandbox.requests().iter().all(|request| request.kind == "Lease"), "nothing was sent");
}

#[tokio::test(start_paused = true)]
async fn renewals_that_fail_for_a_while_cost_nothing() {
    let world = World::new();
    let held = lock(&run(&world, "500 for 5s from PATCH Lease"), 1, PATIENCE).await.0.unwrap().unwrap();
    let looking = async {
        for _ in 0..60 {
            sleep(seconds(1)).await;
            assert_eq!(held.check(), Ok(()));
        }
    };
    let ((refused, _), ()) = tokio::join!(waits(&world, PATIENCE), looking);
    assert_eq!(refused.unwrap_err().class, Class::Locked, "it was never taken over");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_holder_that_lives_ends_with_the_patience() {
    for patience in [seconds(60), seconds(600)] {
        let world = World::new();
        let held = lock(&run(&world, ""), 1, PATIENCE).await.0.unwrap().unwrap();
        let begun = Instant::now();
        let (refused, told) = waits(&world, patience).await;
        assert_passed(begun, patience);
        let failure = refused.unwrap_err();
        assert_eq!((failure.class, told.len()), (Class::Locked, 1), "{told:?}");
        let note = format!("it was waited for {} s; nothing was changed", patience.as_secs());
        assert_eq!(failure.diagnostics[0].notes[0].text, note);
        assert_eq!(held.check(), Ok(()));
        held.release().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_taken_over_when_it_did_not_change_for_fifteen_seconds() {
    let world = World::new();
    let held = lock(&run(&world, ""), 1, PATIENCE).await.0.unwrap().unwrap();
    sleep(Duration::from_millis(500)).await;
    let begun = Instant::now();
    // It is renewed once, 4.5 s after the other began to look; that is seen at the next look, after 5 s.
    let dying = async {
        sleep(seconds(7)).await;
        drop(held);
    };
    let ((taken, told), ()) = tokio::join!(waits(&world, PATIENCE), dying);
    assert_passed(begun, seconds(5 + 15));
    assert!(taken.unwrap().unwrap().waited);
    assert!(told[1].starts_with("took over the lock of release `web`"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_given_back_is_had_at_the_next_look() {
    let world = World::new();
    let held = lock(&run(&world, ""), 1, PATIENCE).await.0.unwrap().unwrap();
    let begun = Instant::now();
    let ending = async {
        sleep(Duration::from_millis(7500)).await;
        held.release().await;
    };
    let ((taken, _), ()) = tokio::join!(waits(&world, PATIENCE), ending);
    assert!(taken.unwrap().is_some());
    assert_passed(begun, seconds(8));
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_less_than_a_lock_lasts_does_not_take_it_over() {
    let world = World::new();
    drop(lock(&run(&world, ""), 1, PATIENCE).await.0.unwrap().unwrap());
    let begun = Instant::now();
    assert_eq!(waits(&world, seconds(14)).await.0.unwrap_err().class, Class::Locked);
    assert_passed(begun, seconds(14));
    // A look of before is none of this run: it waits the whole time itself.
    assert!(waits(&world, seconds(15)).await.0.unwrap().is_some());
    assert_passed(begun, seconds(14 + 15));
}
