//! Runs that are asked to stop while a read request has no answer: they end at once, have changed nothing, and give the
//! lock back.

use tokio::sync::watch;

use super::{Verb, World};
use crate::apply::Stop;
use crate::diagnostic::Class;
use crate::sandbox::{Fault, Faults, Rule};

/// The requests that a verb sends until its first write of a record, by their numbers; those that read.
async fn first_reads(verb: Verb, begin: &World) -> Vec<usize> {
    let (world, faults) = (begin.copy(), Faults::none());
    let before = world.sandbox.requests().len();
    world.run(verb, &faults).await.expect("nobody cuts it off").unwrap();
    let requests = world.sandbox.requests();
    let sent = requests.iter().skip(before).enumerate();
    let first = sent.take_while(|(_, request)| request.method == "GET" || request.kind == "Lease");
    first.filter(|(_, request)| request.method == "GET").map(|(at, _)| at + 1).collect()
}

async fn stops_at_once(verb: Verb, begin: &World) {
    let reads = first_reads(verb, begin).await;
    assert!(reads.len() > 5, "{verb:?}: {reads:?}");
    for request in reads {
        let at = format!("{verb:?}, no answer to request {request}");
        let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, Fault::Hangs)]));
        let before = world.sandbox.objects();
        let (asking, asked) = watch::channel(None);
        let stopping = async {
            faults.hung().await;
            asking.send_replace(Some("SIGINT"));
            std::future::pending::<()>().await;
        };
        let stop = Stop::new(asked);
        let done = tokio::select! {
            done = Box::pin(world.run_until(verb, &faults, &stop)) => done.expect("nobody cuts it off"),
            () = stopping => unreachable!(),
        };
        let failure = done.expect_err(&at);
        let told = (failure.class, failure.to_string());
        assert_eq!(told, (Class::Interrupted, "interrupted by SIGINT: nothing was changed".to_owned()), "{at}");
        assert_eq!(world.sandbox.objects(), before, "{at}");
    }
}

#[tokio::test]
async fn an_install_stops_at_once_while_it_reads() {
    stops_at_once(Verb::Install, &World::new()).await;
}

#[tokio::test]
async fn an_upgrade_stops_at_once_while_it_reads() {
    stops_at_once(Verb::Upgrade, &World::installed().await).await;
}

#[tokio::test]
async fn a_rollback_stops_at_once_while_it_reads() {
    stops_at_once(Verb::Rollback, &World::upgraded().await).await;
}
