//! The sandbox and a real API server are asked the same, and answer the same.
//!
//! Each file of `tests/fixtures/conformance` is about one rule of the API: requests, each with what a real API server
//! answered. Here they are sent to the sandbox. With `KCHART_REAL=KUBECONFIG` they are sent to that cluster too (the
//! story `conformance` of `tests/e2e/run` does that on a control plane of its own), so that neither side can drift.
//! Only a real server may say what the answers are: `SNAPSHOTS=overwrite` rewrites them together with `KCHART_REAL`.

mod masks;
mod play;
mod script;
mod shown;

use std::path::{Path, PathBuf};

use kchart::sandbox::Sandbox;

use crate::suite::kchart::repository;
use play::Player;
use script::Script;

/// All scripts, in order of their names.
fn scripts() -> Vec<PathBuf> {
    let folder = repository().join("tests/fixtures/conformance");
    let entries = std::fs::read_dir(&folder).expect("the folder can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the entry can be read").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no scripts below {}", folder.display());
    paths
}

fn read(path: &Path) -> (String, Script) {
    let text = std::fs::read_to_string(path).expect("the script can be read");
    let script = Script::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (text, script)
}

/// Notes what was answered otherwise than a script says; the whole answer is left in a file.
fn compare(who: &str, path: &Path, expected: &str, actual: &str, differences: &mut Vec<String>) {
    if expected == actual {
        return;
    }
    let name = path.file_name().unwrap_or_default();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance").join(who);
    let answered = folder.join(name);
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&answered, actual)).expect("it can be written");
    let title = format!("{}, answered by the {who}: {}", name.display(), answered.display());
    let compared = snapbox::Assert::new().try_eq(Some(&title), actual.to_owned().into(), expected.to_owned().into());
    differences.push(compared.map_or_else(|difference| difference.to_string(), |()| title));
}

#[tokio::test]
async fn the_sandbox_answers_as_a_real_server_did() {
    let mut differences = Vec::new();
    for path in scripts() {
        let (text, script) = read(&path);
        let mut answered = script.clone();
        for case in &mut answered.cases {
            Player::sandbox(&Sandbox::in_memory()).play(case).await;
        }
        compare("sandbox", &path, &text, &answered.to_string(), &mut differences);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn a_real_server_still_answers_so() {
    let Some(kubeconfig) = std::env::var_os("KCHART_REAL") else { return };
    let rewrite = std::env::var("SNAPSHOTS").is_ok_and(|action| action == "overwrite");
    let client = play::real(Path::new(&kubeconfig)).await;
    let mut differences = Vec::new();
    let mut cases = 0;
    for path in scripts() {
        let (text, mut script) = read(&path);
        for case in &mut script.cases {
            cases += 1;
            Player::real(&client, cases).play(case).await;
        }
        let answered = script.to_string();
        if rewrite {
            std::fs::write(&path, &answered).expect("the script can be written");
        } else {
            compare("server", &path, &text, &answered, &mut differences);
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
