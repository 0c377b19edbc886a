//! Each sort of request that kchart sends in the life of a release is sent by a script of `tests/fixtures/conformance`
//! too, which the sandbox and a real API server have to answer alike: so the sandbox can't drift where nobody looks.
//!
//! What kchart sends is heard, not listed by hand: a life with everything in it is played on the sandbox. A request of a
//! new sort fails the test, which names it and shows one, to be written into a script.

mod life;
mod recorder;
mod sort;

use std::collections::BTreeMap;
use std::path::Path;

use crate::sandbox::Sandbox;
use recorder::Recorder;
use sort::Asked;

/// What the scripts ask.
fn scripted() -> Vec<Asked> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/conformance");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    files.flat_map(|text| text.split("\n\n").filter_map(Asked::in_script).collect::<Vec<_>>()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_sort_of_request_is_in_a_script_that_a_real_server_answers_too() {
    let (sandbox, recorder) = (Sandbox::deterministic(), Recorder::default());
    Box::pin(life::play(&sandbox.client(), &recorder)).await;
    let mut sent: BTreeMap<String, Asked> = BTreeMap::new();
    for asked in recorder.heard() {
        sent.entry(asked.sort()).or_insert(asked);
    }
    assert!(sent.len() > 25, "a life is more than {} sorts of requests", sent.len());
    for asked in scripted() {
        sent.remove(&asked.sort());
    }
    let missing: Vec<_> = sent.iter().map(|(sort, asked)| format!("{sort}\n    {asked}\n")).collect();
    assert!(
        missing.is_empty(),
        "kchart sends requests of sorts that no script of tests/fixtures/conformance sends; write steps for:\n{}",
        missing.concat()
    );
}
