//! An adversary: random lives of two releases that share their namespaces, with Secrets, keys, images and mounts that change,
//! people who delete, restore and overwrite things, and processes that die. Whatever happens: data go only when a purge or a person took them, and while a volume has data, be its claim gone,
//! what opens it is in the cluster, unless a person took it; then nothing but that very value is put beside it.
//!
//! `cargo test --lib ordeal::search` plays a tenth of all; with `KCHART_TEST_FULL` all. A life that fails is told with
//! its seed and cut down to what matters; `KCHART_TEST_SEED=N` plays it alone.

mod chart;
mod laws;
mod life;
mod operation;
mod program;
mod runs;
mod truth;

use std::cell::Cell;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use super::is_full;
use life::Life;
use operation::{Lot, lots};

/// How long a life is.
const OPERATIONS: usize = 12;

/// A bug that is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    None,
    /// In a purge the Secrets do not wait for the volumes that they open.
    SecretsFirst,
    /// A deployment takes away what is no longer wanted and opens a claim that stays.
    PrunesWhatOpens,
}

/// Plays one life, and cuts it down when it fails.
fn play(seed: u64, bug: Bug, done: &Cell<usize>) -> Result<(), String> {
    let config = Config {
        cases: 1,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 100,
        ..Config::default()
    };
    let played =
        TestRunner::new(config).run(&lots(OPERATIONS), |lot| live(&lot, bug, done).map_err(TestCaseError::fail));
    played.map_err(|error| match error {
        TestError::Fail(_, lot) => {
            let (why, Lot { program, operations }) = cut_down(lot, bug, done);
            let lines: Vec<String> = operations.iter().map(|operation| format!("  {operation:?}")).collect();
            format!("{why}\nseed {seed}, {program:?}, cut down to:\n{}", lines.join("\n"))
        }
        TestError::Abort(why) => format!("seed {seed}: {why}"),
    })
}

/// Leaves out whatever is not needed for a life to fail. Why it fails, and what is left.
fn cut_down(mut lot: Lot, bug: Bug, done: &Cell<usize>) -> (String, Lot) {
    let mut why = live(&lot, bug, done).expect_err("it failed before");
    for at in (0..lot.operations.len()).rev() {
        let mut shorter = lot.clone();
        shorter.operations.remove(at);
        if let Err(still) = live(&shorter, bug, done) {
            (why, lot) = (still, shorter);
        }
    }
    (why, lot)
}

fn live(lot: &Lot, bug: Bug, done: &Cell<usize>) -> Result<(), String> {
    // The clock of the runtime stands still but when all wait: a timeout of minutes is over at once.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime can be made").block_on(async {
        let mut life = Life::new(lot.program, bug).await;
        for operation in &lot.operations {
            life.meet(operation).await.map_err(|why| format!("{operation:?}: {why}"))?;
            done.set(done.get() + 1);
        }
        life.end().await
    })
}

#[test]
fn while_a_volume_has_data_what_opens_it_is_there_whatever_happens() {
    let seeds = match std::env::var("KCHART_TEST_SEED") {
        Ok(seed) => {
            let seed = seed.parse().expect("a number");
            seed..seed + 1
        }
        Err(_) => 0..if is_full() { 10_000 } else { 1_000 },
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let failed = AtomicBool::new(false);
    let counts = std::thread::scope(|scope| {
        let part = |first| {
            let seeds = seeds.clone().skip(first).step_by(threads);
            let failed = &failed;
            scope.spawn(move || {
                let done = Cell::new(0);
                for seed in seeds.take_while(|_| !failed.load(Ordering::Relaxed)) {
                    if let Err(why) = play(seed, Bug::None, &done) {
                        failed.store(true, Ordering::Relaxed);
                        panic!("{why}");
                    }
                }
                done.get()
            })
        };
        let parts: Vec<_> = (0..threads).map(part).collect();
        parts.into_iter().map(|part| part.join().expect("no life fails")).collect::<Vec<usize>>()
    });
    let (lives, operations) = (seeds.end - seeds.start, counts.iter().sum::<usize>());
    let _ = writeln!(std::io::stderr(), "{lives} lives, {operations} operations: nothing was lost");
}

/// What the search says of the first life in which a bug does harm.
fn found(bug: Bug) -> String {
    let done = Cell::new(0);
    let why = (0..1_000).find_map(|seed| play(seed, bug, &done).err());
    why.expect("the planted bug is found")
}

#[test]
fn a_purge_that_takes_the_secrets_first_is_found_out() {
    let why = found(Bug::SecretsFirst);
    assert!(why.contains("nothing in the cluster opens"), "{why}");
}

#[test]
fn a_deployment_that_prunes_what_opens_a_claim_is_found_out() {
    let why = found(Bug::PrunesWhatOpens);
    assert!(why.contains("nothing in the cluster opens"), "{why}");
}
