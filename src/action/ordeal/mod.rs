//! What a release survives: runs that are cut off before and after every request, and requests that each fail once in
//! each way. The next run makes of it what was wanted, with no volume and no Secret lost (DESIGN laws 2 to 4).

mod chart;
mod checks;
mod faulted;
mod killed;
mod one_after_another;
mod regrets;
mod rights;
mod rotation;
mod search;
mod stopped;
mod switched;
mod undone;
mod volumes;
mod world;

use world::{Verb, World};

/// With this variable (set by `.ci/run --full`) nothing is left out.
fn is_full() -> bool {
    std::env::var_os("KCHART_TEST_FULL").is_some()
}
