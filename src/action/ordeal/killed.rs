//! Runs whose process dies before and after every single request.

use std::collections::BTreeSet;
use std::io::Write;

use super::{Verb, World, is_full};
use crate::sandbox::{Fault, Faults, Rule};

/// Cuts a verb off at every point, and runs it again. What is cut off after a request leaves the cluster as what is cut
/// off before the next one, so that only the full test plays both.
async fn killed_anywhere(verb: Verb, begin: &World) {
    let (reference, faults) = (begin.copy(), Faults::none());
    reference.run(verb, &faults).await.expect("nobody cuts it off").unwrap();
    let requests = faults.requests();
    let purge = verb == Verb::Purge;
    let (mut points, mut states) = (0, BTreeSet::new());
    for request in 1..=requests {
        for fault in [Fault::CutOffBefore, Fault::CutOffAfter] {
            if !is_full() && fault == Fault::CutOffBefore && request > 1 {
                continue;
            }
            let at = format!("{verb:?}, {fault:?} request {request} of {requests}");
            let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, fault)]));
            assert!(world.run(verb, &faults).await.is_none(), "{at}: it was not cut off");
            points += 1;
            world.check_kept(&begin.kept(), purge, &at);
            // All that the next run knows is the cluster: one that it has gone on from already it need not see again.
            if states.insert(world.sandbox.revision()) {
                let between = world.kept();
                world.succeeds(verb, &at).await;
                world.check_kept(&between, purge, &at);
                world.check_reached(verb, &reference, &at).await;
            }
        }
    }
    assert!(states.len() > 15, "{verb:?}: thirty objects are many changes: {}", states.len());
    report(verb, points, states.len());
}

/// Tells who runs the test.
fn report(verb: Verb, points: usize, states: usize) {
    let _ = writeln!(
        std::io::stderr(),
        "{verb:?}: cut off at {points} points, which left {states} different states; converged from each"
    );
}

#[tokio::test]
async fn an_install_that_is_killed_anywhere_is_finished_by_the_next_one() {
    killed_anywhere(Verb::Install, &World::new()).await;
}

#[tokio::test]
async fn an_upgrade_that_is_killed_anywhere_is_finished_by_the_next_one() {
    killed_anywhere(Verb::Upgrade, &World::installed().await).await;
}

#[tokio::test]
async fn a_rollback_that_is_killed_anywhere_is_finished_by_the_next_one() {
    killed_anywhere(Verb::Rollback, &World::upgraded().await).await;
}

#[tokio::test]
async fn an_uninstall_that_is_killed_anywhere_is_finished_by_the_next_one() {
    killed_anywhere(Verb::Uninstall, &World::installed().await).await;
}

#[tokio::test]
async fn a_purge_that_is_killed_anywhere_is_finished_by_the_next_one() {
    killed_anywhere(Verb::Purge, &World::installed().await).await;
}
