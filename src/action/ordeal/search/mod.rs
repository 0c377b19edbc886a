//! An adversary: random lives of two releases that share a namespace, with people who delete things and processes that
//! die. Whatever happens: data go only when a purge or a person took them, and while a volume has data, be its claim gone,
//! what opens it is in the cluster, unless a person took it; then nothing but that very value is put beside it.
//!
//! `cargo test --lib ordeal::search` plays a tenth of all; with `KCHART_TEST_FULL` all. A life that fails is told with
//! its seed and cut down to what matters; `KCHART_TEST_SEED=N` plays it alone.

mod chart;
mod laws;
mod life;
mod operation;
mod runs;
mod truth;

use std::cell::Cell;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use super::is_full;
use life::Life;
use operation::{Operation, operations};

/// How long a life is.
const OPERATIONS: usize = 12;

/// How the uninstall of a life goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Uninstaller {
    /// As it is.
    Ours,
    /// With a planted bug: in a purge the Secrets do not wait for the volumes that they open.
    SecretsFirst,
}

/// Plays one life, and cuts it down when it fails.
fn play(seed: u64, uninstaller: Uninstaller, done: &Cell<usize>) -> Result<(), String> {
    let config = Config {
        cases: 1,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let played = TestRunner::new(config)
        .run(&operations(OPERATIONS), |operations| live(&operations, uninstaller, done).map_err(TestCaseError::fail));
    played.map_err(|error| match error {
        TestError::Fail(why, operations) => {
            let lines: Vec<String> = operations.iter().map(|operation| format!("  {operation:?}")).collect();
            format!("{why}\nseed {seed}, cut down to:\n{}", lines.join("\n"))
        }
        TestError::Abort(why) => format!("seed {seed}: {why}"),
    })
}

fn live(operations: &[Operation], uninstaller: Uninstaller, done: &Cell<usize>) -> Result<(), String> {
    // The clock of the runtime stands still but when all wait: a timeout of minutes is over at once.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime can be made").block_on(async {
        let mut life = Life::new(uninstaller);
        for operation in operations {
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
                    if let Err(why) = play(seed, Uninstaller::Ours, &done) {
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

#[test]
fn a_purge_that_takes_the_secrets_first_is_found_out() {
    let done = Cell::new(0);
    let found = (0..1_000).find_map(|seed| play(seed, Uninstaller::SecretsFirst, &done).err());
    let why = found.expect("the planted bug is found");
    assert!(why.contains("nothing in the cluster opens"), "{why}");
}
