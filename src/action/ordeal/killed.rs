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

/// Cuts a removal off at every point, and installs the release again: what was kept is used, what is gone is made anew.
async fn installed_again_anywhere(verb: Verb) {
    let begin = World::small_installed().await;
    let (reference, faults) = (begin.copy(), Faults::none());
    reference.run(verb, &faults).await.expect("nobody cuts it off").unwrap();
    let purge = verb == Verb::Purge;
    for request in 1..=faults.requests() {
        let at = format!("{verb:?}, cut off after request {request}");
        let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, Fault::CutOffAfter)]));
        assert!(world.run(verb, &faults).await.is_none(), "{at}: it was not cut off");
        let between = world.kept();
        world.succeeds(Verb::Install, &at).await;
        world.check_kept(&between, purge, &at);
        world.check_reached(Verb::Install, &begin, &at).await;
        let between = world.kept();
        world.succeeds(verb, &at).await;
        world.check_kept(&between, purge, &at);
        world.check_reached(verb, &reference, &at).await;
    }
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

#[tokio::test]
async fn after_an_uninstall_that_is_killed_anywhere_the_release_can_be_installed_again() {
    installed_again_anywhere(Verb::Uninstall).await;
}

#[tokio::test]
async fn after_a_purge_that_is_killed_anywhere_the_release_can_be_installed_again() {
    installed_again_anywhere(Verb::Purge).await;
}

#[tokio::test]
async fn the_next_run_says_how_many_changes_an_uninstall_made_that_was_killed() {
    let begin = World::small_installed().await;
    let (whole, faults) = (begin.copy(), Faults::none());
    whole.run(Verb::Uninstall, &faults).await.expect("nobody cuts it off").unwrap();
    let mut told = Vec::new();
    for request in 1..=faults.requests() {
        let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, Fault::CutOffAfter)]));
        assert!(world.run(Verb::Uninstall, &faults).await.is_none(), "it was not cut off");
        if let Some(progress) = world.told_by_uninstall().await {
            assert_eq!(world.told_by_install().await, Some(progress), "cut off after request {request}");
            told.push(progress);
        }
    }
    let (first, last) = (told[0], told[told.len() - 1]);
    assert_eq!((first.made, last.made), (0, last.planned), "{told:?}");
    assert!(last.planned > 8 && told.iter().all(|it| it.planned == last.planned), "{told:?}");
    assert!(told.windows(2).all(|pair| pair[0].made <= pair[1].made), "{told:?}");
}
