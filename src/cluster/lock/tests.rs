//! The lock on the sandbox: two runs, a dead holder, and a lock that is lost.

mod expiry;

use std::future::pending;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::*;
use crate::cluster::Cluster;
use crate::diagnostic::{Class, Failure};
use crate::plan::Expect;
use crate::release::Release;
use crate::sandbox::Sandbox;

const PATIENCE: Duration = Duration::from_secs(60);

/// Two runs on one cluster.
struct World {
    sandbox: Sandbox,
    one: Cluster,
    other: Cluster,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::deterministic();
        let one = Cluster::over_at_once(sandbox.client());
        let other = Cluster::over_at_once(sandbox.client());
        Self { sandbox, one, other }
    }

    fn leases(&self) -> Vec<Json> {
        self.sandbox.objects().into_iter().filter(|object| object["kind"] == "Lease").collect()
    }
}

fn release() -> Release {
    Release { namespace: "default".into(), name: "web".into() }
}

fn holder(run: u32) -> Holder {
    Holder::new("runner-1", 42, run, None)
}

async fn lock(cluster: &Cluster, run: u32, patience: Duration) -> (Result<Option<Held>, Failure>, Vec<String>) {
    let told = Mutex::new(Vec::new());
    let tell = |line: &str| told.lock().unwrap().push(line.to_owned());
    let held = cluster.lock(&release(), &holder(run), patience, pending(), &tell).await;
    (held, told.into_inner().unwrap())
}

#[test]
fn a_holder_is_named_without_credentials() {
    let job = |url| Holder::new("a", 1, 10, Some(url)).0;
    assert_eq!(
        job("https://me:pw@ci.example.test:8443/jobs/7?token=x#y"),
        "a, process 1, run 0000000a, https://ci.example.test:8443/jobs/7"
    );
    for url in ["ssh://x/y", "nothing", "https://", "https://a b/c", "https://u:p@/x"] {
        assert_eq!(job(url), "a, process 1, run 0000000a", "{url}");
    }
}

#[tokio::test]
async fn a_lock_is_a_lease_that_is_gone_afterwards() {
    let world = World::new();
    let held = lock(&world.one, 1, PATIENCE).await.0.unwrap().unwrap();
    let leases = world.leases();
    assert_eq!(leases.len(), 1);
    assert_eq!(leases[0]["metadata"]["name"], "kchart-web");
    assert_eq!(leases[0]["spec"]["holderIdentity"], "runner-1, process 42, run 00000001");
    assert_eq!(leases[0]["spec"]["leaseDurationSeconds"], 15);
    assert_eq!(held.check(), Ok(()));
    assert!(!held.waited);
    held.release().await;
    assert_eq!(world.leases(), Vec::<Json>::new());
}

#[tokio::test]
async fn a_second_run_hears_who_is_at_work() {
    let world = World::new();
    let held = lock(&world.one, 1, PATIENCE).await.0.unwrap().unwrap();
    let (refused, told) = lock(&world.other, 2, Duration::ZERO).await;
    let failure = refused.unwrap_err();
    assert_eq!(failure.class, Class::Locked);
    let words = failure.to_string();
    assert!(words.starts_with("release `web` is locked by `runner-1, process 42, run 00000001` since 20"), "{words}");
    assert_eq!(told, Vec::<String>::new(), "nothing was waited for");
    held.release().await;
    assert!(lock(&world.other, 2, Duration::ZERO).await.0.unwrap().is_some(), "it is free now");
}

#[tokio::test]
async fn a_lock_that_does_not_change_is_taken_over_aloud_and_its_holder_writes_no_more() {
    let world = World::new();
    let lost = lock(&world.one, 1, PATIENCE).await.0.unwrap().unwrap();
    let (taken, told) = lock(&world.other, 2, PATIENCE).await;
    let taken = taken.unwrap().unwrap();
    assert!(taken.waited);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("release `web` is locked by `runner-1, process 42, run 00000001`"), "{told:?}");
    assert!(
        told[1].starts_with("took over the lock of release `web`: `runner-1, process 42, run 00000001`"),
        "{told:?}"
    );
    assert_eq!(world.leases()[0]["spec"]["leaseTransitions"], 1);

    lost.renew_now().await;
    assert_eq!(lost.check().unwrap_err().class, Class::Locked);
    let why = lost.lost().await.to_string();
    assert!(why.contains("it was taken over by `runner-1, process 42, run 00000002`"), "{why}");
    let before = world.sandbox.requests().len();
    let refused = world.one.set_reclaim("x", crate::plan::Reclaim::Retain, None, &Expect::Nothing).await.unwrap_err();
    assert_eq!(refused.class, Class::Locked);
    lost.release().await;
    assert_eq!(world.sandbox.requests().len(), before, "nothing was sent");
    assert_eq!(taken.check(), Ok(()));
    taken.release().await;
    assert_eq!(world.leases(), Vec::<Json>::new());
}

#[tokio::test]
async fn a_renewal_whose_answer_was_lost_is_no_loss() {
    let world = World::new();
    let held = lock(&world.one, 1, PATIENCE).await.0.unwrap().unwrap();
    let patch = http::Request::patch("/apis/coordination.k8s.io/v1/namespaces/default/leases/kchart-web")
        .header(http::header::CONTENT_TYPE, "application/merge-patch+json")
        .body(json!({"spec": {"renewTime": "2026-01-01T00:00:00.000000Z"}}).to_string().into_bytes())
        .unwrap();
    world.other.client.request::<Json>(patch).await.unwrap();
    held.renew_now().await;
    assert_eq!(held.check(), Ok(()));
    assert_ne!(world.leases()[0]["spec"]["renewTime"], "2026-01-01T00:00:00.000000Z");
    held.release().await;
    assert_eq!(world.leases(), Vec::<Json>::new());
}

#[tokio::test]
async fn whoever_stops_waiting_gets_nothing() {
    let world = World::new();
    let _held = lock(&world.one, 1, PATIENCE).await.0.unwrap().unwrap();
    let mut other = world.other.clone();
    // Without the test's haste nothing expires meanwhile.
    other = Cluster::over(other.client);
    let stopped = other.lock(&release(), &holder(2), PATIENCE, std::future::ready(()), &|_| {}).await;
    assert!(stopped.unwrap().is_none());
    assert_eq!(world.leases()[0]["spec"]["holderIdentity"], "runner-1, process 42, run 00000001");
}
