//! Every request fails once, in each way that a server and a connection have.

use std::io::Write;

use super::{Verb, World, is_full};
use crate::sandbox::{Fault, Faults, Rule};

/// Lets each request of a verb fail, in every way or (not full) every other one in one of them. What the run does not
/// get over itself, the next one does.
async fn faulted_anywhere(verb: Verb, begin: &World) {
    let ways = [Fault::Internal, Fault::Conflict, Fault::TooManyRequests(0), Fault::ClosedBefore, Fault::ClosedAfter];
    let (reference, faults) = (begin.copy(), Faults::none());
    reference.run(verb, &faults).await.expect("nobody cuts it off").unwrap();
    let (mut failed, mut gone_over, mut in_two) = (0, 0, 0);
    for request in 1..=faults.requests() {
        for (way, fault) in ways.iter().enumerate() {
            if !is_full() && (request % ways.len() != way || request % 2 == 0) {
                continue;
            }
            let at = format!("{verb:?}, {fault:?} at request {request}");
            let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, fault.clone())]));
            let done = world.run(verb, &faults).await.expect("nobody cuts it off");
            assert_eq!(faults.met(), 1, "{at}");
            failed += 1;
            world.check_kept(&begin.kept(), verb == Verb::Purge, &at);
            if done.is_ok() {
                gone_over += 1;
            } else {
                in_two += 1;
                let between = world.kept();
                world.succeeds(verb, &at).await;
                world.check_kept(&between, verb == Verb::Purge, &at);
            }
            world.check_reached(verb, &reference, &at).await;
        }
    }
    assert!(gone_over > failed / 2, "{verb:?}: most faults are tried again: {gone_over} of {failed}");
    report(verb, failed, gone_over, in_two);
}

/// Tells who runs the test.
fn report(verb: Verb, failed: usize, gone_over: usize, in_two: usize) {
    let _ = writeln!(
        std::io::stderr(),
        "{verb:?}: {failed} requests failed; {gone_over} runs got over it, {in_two} were finished by the next one"
    );
}

#[tokio::test]
async fn an_install_survives_every_fault() {
    faulted_anywhere(Verb::Install, &World::new()).await;
}

#[tokio::test]
async fn an_upgrade_survives_every_fault() {
    faulted_anywhere(Verb::Upgrade, &World::installed().await).await;
}

#[tokio::test]
async fn a_rollback_survives_every_fault() {
    faulted_anywhere(Verb::Rollback, &World::upgraded().await).await;
}

#[tokio::test]
async fn an_uninstall_survives_every_fault() {
    faulted_anywhere(Verb::Uninstall, &World::installed().await).await;
}

#[tokio::test]
async fn a_purge_survives_every_fault() {
    faulted_anywhere(Verb::Purge, &World::installed().await).await;
}
