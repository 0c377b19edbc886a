//! What kchart says to a cluster, and what it is answered: the sandbox can't drift where nobody looks.
//!
//! A life with everything in it is played, and what goes through the client is heard. Each sort of request is sent by a
//! script of `tests/fixtures/conformance` too, which the sandbox and a real API server have to answer alike; a request of
//! a new sort fails the test, which names it and shows one, to be written into a script. And with `KCHART_REAL=KUBECONFIG`
//! (the story `conformance` of `tests/e2e/run`) the same life is played on a real cluster, and all that was answered, and
//! all that was there after each verb, is compared.

mod book;
mod compare;
mod free;
mod life;
mod names;
mod planted;
mod recorder;
mod sort;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cluster::{Access, Cluster};
use crate::sandbox::Sandbox;
use book::Book;
use sort::Asked;

/// What the scripts ask.
fn scripted() -> Vec<Asked> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/conformance");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    files.flat_map(|text| text.split("\n\n").filter_map(Asked::in_script).collect::<Vec<_>>()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_sort_of_request_is_in_a_script_that_a_real_server_answers_too() {
    let book = Box::pin(life::play(&Sandbox::deterministic().client(), Book::at_once("some-life"))).await;
    let mut sent: BTreeMap<String, Asked> = BTreeMap::new();
    for exchange in book.chapters.into_iter().flat_map(|chapter| chapter.exchanges) {
        sent.entry(exchange.asked.sort()).or_insert(exchange.asked);
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

/// A runtime of one thread; where its clock stands still but when all wait, minutes are over at once.
fn runtime(paused: bool) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(paused).build().unwrap()
}

#[test]
fn a_real_cluster_answers_a_whole_life_as_the_sandbox_does() {
    let Some(kubeconfig) = std::env::var_os("KCHART_REAL").map(PathBuf::from) else { return };
    let sandbox = runtime(true)
        .block_on(async { Box::pin(life::play(&Sandbox::deterministic().client(), Book::at_once("some-life"))).await });
    let server = runtime(false).block_on(async {
        let access = Access { kubeconfig: Some(kubeconfig), context: None };
        let cluster = Cluster::connect(&access).await.unwrap();
        let book = Book::after(&sandbox, &format!("real-life-{}", std::process::id()));
        Box::pin(life::play(&cluster.client, book)).await
    });
    let found = compare::differences([&sandbox, &server]);
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}
