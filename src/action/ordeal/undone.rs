//! Going back: asked for, and after a failure, cut off at every point.

use super::{Verb, World};
use crate::diagnostic::Class;
use crate::release::Status;
use crate::sandbox::{Fault, Faults, Rule};

#[tokio::test]
async fn a_rollback_restores_the_manifest() {
    let world = World::small_installed().await;
    let (first, installed, kept) = (world.broker_spec(), world.copy(), world.kept());
    world.succeeds(Verb::Upgrade, "then").await;
    assert_ne!(world.broker_spec(), first);
    world.rolls_back(1, "at last").await;
    assert_eq!(world.broker_spec(), first);
    world.check_reached(Verb::Rollback, &installed, "after the rollback").await;
    world.check_kept(&kept, false, "after the rollback");
    let newest = world.headers().await.len();
    world.rolls_back(3, "to what is in force").await;
    assert_eq!(world.headers().await.len(), newest, "what is in force already makes no revision");
}

#[tokio::test]
async fn a_broken_upgrade_goes_back_and_one_that_is_killed_meanwhile_is_gone_on_with() {
    let begin = World::small_installed().await;
    let (first, second) = (["rabbitmq:4.2", "1Gi"], ["rabbitmq:4.2", "2Gi"]);
    let (world, faults) = (begin.copy(), Faults::none());
    let failure = world.run_broken("memory=2Gi", &faults).await.expect("nobody cuts it off").unwrap_err();
    let notes: Vec<&str> = failure.diagnostics[0].notes.iter().map(|note| note.text.as_str()).collect();
    assert!(notes.contains(&"it was rolled back to revision 1, as revision 3"), "{notes:?}");
    assert_eq!(world.container(), first);
    world.check_kept(&begin.kept(), false, "after the way back");
    for request in 1..=faults.requests() {
        let at = format!("cut off after request {request}");
        let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, Fault::CutOffAfter)]));
        assert!(world.run_broken("memory=2Gi", &faults).await.is_none(), "{at}: it was not cut off");
        world.check_kept(&begin.kept(), false, &at);
        if request % 2 == 0 {
            // Whoever comes next may also want no more than what worked.
            let headers = world.headers().await;
            let good = headers.iter().rev().find(|header| header.status == Status::Deployed).unwrap().revision;
            world.rolls_back(good, &at).await;
            assert_eq!(world.container(), first, "{at}");
        }
        world.succeeds(Verb::Upgrade, &at).await;
        assert_eq!(world.container(), second, "{at}");
        world.check_kept(&begin.kept(), false, &at);
    }
}

#[tokio::test]
async fn a_broken_first_install_is_taken_away_and_its_password_opens_the_retry_wherever_it_is_killed() {
    let begin = World::small();
    let (world, faults) = (begin.copy(), Faults::none());
    let failure = world.run_broken("memory=1Gi", &faults).await.expect("nobody cuts it off").unwrap_err();
    assert_eq!(failure.class, Class::NotReady);
    assert_eq!(world.broker(), None);
    let kept = world.kept();
    assert!(kept.claims.contains_key("data-mq-0") && kept.secrets.contains_key("mq"), "claim and password stay");
    for request in 1..=faults.requests() {
        let at = format!("cut off after request {request}");
        let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, Fault::CutOffAfter)]));
        assert!(world.run_broken("memory=1Gi", &faults).await.is_none(), "{at}: it was not cut off");
        let between = world.kept();
        world.succeeds(Verb::Install, &at).await;
        world.check_kept(&between, false, &at);
        assert_eq!(world.container(), ["rabbitmq:4.2", "1Gi"], "{at}");
    }
}
