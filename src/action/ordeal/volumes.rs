//! Volumes that are destroyed or brought back by name, by runs that die before and after every single request.

use super::World;
use super::world::{EXECUTION, Verb};
use crate::action::ordinary::locking;
use crate::action::volumes::{adopt, purge};
use crate::action::{Place, Reading, Target};
use crate::apply::Stop;
use crate::cluster::Cluster;
use crate::diagnostic::{Class, Failure};
use crate::object::ObjectId;
use crate::plan::volumes::{GivenCredential, Name};
use crate::plan::{Deletion, Expect};
use crate::sandbox::{Fault, Faults, Rule};
use tokio::sync::mpsc::unbounded_channel;

/// The claim of the broker's first Pod, whose volume stays when it goes.
const CLAIM: &str = "data-mq-0";

/// What is done by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByName {
    Purge,
    Adopt,
}

/// The release was uninstalled; its claims and Secrets are kept.
async fn uninstalled() -> World {
    let world = World::installed().await;
    world.succeeds(Verb::Uninstall, "at first").await;
    world
}

/// And somebody deleted a claim of it.
async fn orphaned() -> World {
    let world = uninstalled().await;
    let cluster = Cluster::over_at_once(world.sandbox.client());
    let claim = ObjectId::claim("default", CLAIM);
    cluster.delete(&claim, "v1", Deletion::Background, &Expect::Nothing).await.unwrap();
    world
}

async fn run(world: &World, what: ByName, faults: &Faults) -> Option<Result<(), Failure>> {
    let cluster = Cluster::over_at_once(world.sandbox.client_with(faults));
    let target = Target { place: Place::Ready(cluster), concurrency: EXECUTION.concurrency };
    let run = async {
        match what {
            ByName::Purge => Box::pin(purge_it(CLAIM, &target)).await,
            ByName::Adopt => Box::pin(adopt_it(&target)).await,
        }
    };
    tokio::select! {
        done = Box::pin(run) => Some(done),
        () = faults.cut_off() => None,
    }
}

/// Purges a claim by its name, in a process of its own; none if the process died.
pub(super) async fn purges(world: &World, claim: &str, faults: &Faults) -> Option<Result<(), Failure>> {
    let cluster = Cluster::over_at_once(world.sandbox.client_with(faults));
    let target = Target { place: Place::Ready(cluster), concurrency: EXECUTION.concurrency };
    tokio::select! {
        done = Box::pin(purge_it(claim, &target)) => Some(done),
        () = faults.cut_off() => None,
    }
}

async fn purge_it(claim: &str, target: &Target) -> Result<(), Failure> {
    let request = purge::Request { names: vec![Name::parse(claim).unwrap()], namespace: None };
    for prepared in purge::prepare(&request, target, &mut Reading::default()).await? {
        let prepared = prepared.lock(&locking(&Stop::never())).await?;
        let (events, _heard) = unbounded_channel();
        prepared.carry_out(&EXECUTION, &events, &Stop::never()).await?;
    }
    Ok(())
}

async fn adopt_it(target: &Target) -> Result<(), Failure> {
    let given = GivenCredential { secret: "mq".into(), key: "password".into(), value: None };
    let request = adopt::Request {
        name: Name::parse(CLAIM).unwrap(),
        namespace: None,
        release: Some("mq".into()),
        claim: None,
        credentials: vec![given],
        without_credential: false,
    };
    let prepared =
        Box::pin(adopt::prepare(request, target, &mut Reading::default()).await?.lock(&locking(&Stop::never())))
            .await?;
    let (events, _heard) = unbounded_channel();
    prepared.carry_out(&EXECUTION, &events, &Stop::never()).await?;
    Ok(())
}

/// Each world that a run leaves which dies, once.
async fn killed_anywhere(begin: &World, what: ByName) -> Vec<(World, String)> {
    let faults = Faults::none();
    run(&begin.copy(), what, &faults).await.expect("nobody cuts it off").unwrap();
    let mut worlds: Vec<(World, String)> = Vec::new();
    for request in 1..=faults.requests() {
        let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, Fault::CutOffAfter)]));
        let at = format!("{what:?}, cut off after request {request}");
        assert!(run(&world, what, &faults).await.is_none(), "{at}: it was not cut off");
        if worlds.iter().all(|(other, _)| other.sandbox.revision() != world.sandbox.revision()) {
            worlds.push((world, at));
        }
    }
    assert!(worlds.len() > 4, "{what:?} writes several times: {}", worlds.len());
    worlds
}

#[tokio::test]
async fn a_purge_by_name_that_is_killed_anywhere_is_finished_by_the_next_one() {
    let begin = uninstalled().await;
    let before = begin.kept();
    for (world, at) in killed_anywhere(&begin, ByName::Purge).await {
        match run(&world, ByName::Purge, &Faults::none()).await.expect("nobody cuts it off") {
            Ok(()) => {}
            // It was cut off after its last write.
            Err(failure) => assert!(failure.to_string().starts_with("there is no claim"), "{at}: {failure}"),
        }
        let now = world.kept();
        assert!(!now.claims.contains_key(CLAIM), "{at}: the claim is still there");
        assert_eq!(now.claims.len(), before.claims.len() - 1, "{at}: another claim went");
        assert_eq!(now.disks.len(), before.disks.len() - 1, "{at}: its data alone goes");
        assert_eq!(now.secrets, before.secrets, "{at}: what opens the other claim stays");
        // What is left is a release's data as before.
        world.succeeds(Verb::Install, &at).await;
    }
}

#[tokio::test]
async fn an_adoption_that_is_killed_anywhere_is_finished_by_the_next_one() {
    let begin = orphaned().await;
    let before = begin.kept();
    for (world, at) in killed_anywhere(&begin, ByName::Adopt).await {
        let done = run(&world, ByName::Adopt, &Faults::none()).await.expect("nobody cuts it off");
        done.unwrap_or_else(|failure| panic!("{at}: {failure} {:?}", failure.diagnostics));
        let adopted = world.kept();
        assert!(adopted.claims.contains_key(CLAIM), "{at}: there is no claim");
        assert_eq!((&adopted.disks, &adopted.secrets), (&before.disks, &before.secrets), "{at}");
        // The broker can log in: else the install would not get ready.
        world.succeeds(Verb::Install, &at).await;
        assert_eq!(world.kept().claims, adopted.claims, "{at}: the install took another claim");
        assert_eq!(world.kept().disks, before.disks, "{at}: the install did not find the data");
    }
}

#[tokio::test]
async fn volumes_that_may_not_be_read_are_said_to_be_unknown_and_not_purged_blindly() {
    let begin = orphaned().await;
    let refused = super::rights::without(&begin.sandbox, "persistentvolumes");
    let target = Target { place: Place::Ready(Cluster::over_at_once(refused)), concurrency: 4 };
    let failure = Box::pin(purge_it(CLAIM, &target)).await.unwrap_err();
    assert_eq!(failure.class, Class::Failed);
    assert!(failure.to_string().contains("PersistentVolumes may not be read"), "{failure}");
}
