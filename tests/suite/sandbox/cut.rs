//! A process that writes a sandbox file is cut off at every byte and between any two steps: the next one finds the
//! state from before or after a request, and never a half of it.

use std::fs;
use std::path::{Path, PathBuf};

use kchart::sandbox::Sandbox;
use serde_json::{Value, json};

use super::{api, apply, config_map, delete, deployment, names};
use crate::suite::kchart::Kchart;

/// A folder with a sandbox file in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("box.json")
    }

    fn beside(&self, extension: &str) -> PathBuf {
        self.0.path().join(format!("box.json.{extension}"))
    }

    /// Another folder with these files.
    fn of(file: &[u8], journal: &[u8]) -> Self {
        let folder = Self::new();
        fs::write(folder.file(), file).unwrap();
        fs::write(folder.beside("journal"), journal).unwrap();
        folder
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

const WHOLE: [&str; 3] = ["box.json", "box.json.journal", "box.json.lock"];

/// A file and its journal as a process that was killed left them, and after each request how long the journal was and
/// what there was.
struct Killed {
    file: Vec<u8>,
    journal: Vec<u8>,
    states: Vec<(usize, Vec<Value>)>,
}

async fn killed() -> Killed {
    let folder = Folder::new();
    let sandbox = Sandbox::open(&folder.file()).unwrap();
    let (maps, webs) = (api(&sandbox.client(), "v1", "ConfigMap"), api(&sandbox.client(), "apps/v1", "Deployment"));
    let length =
        || fs::metadata(folder.beside("journal")).map_or(0, |metadata| usize::try_from(metadata.len()).unwrap());
    let mut states = vec![(length(), sandbox.objects())];
    for request in 0..4 {
        match request {
            0 | 1 => drop(apply(&maps, &format!("m{request}"), config_map(&json!({"a": "1"}))).await.unwrap()),
            2 => delete(&maps, "m0").await,
            // With all that its controllers make.
            _ => drop(apply(&webs, "web", deployment("nginx:1")).await.unwrap()),
        }
        states.push((length(), sandbox.objects()));
    }
    // Never dropped, as little as a killed process does.
    std::mem::forget(sandbox);
    let read = |path: &Path| fs::read(path).unwrap();
    Killed { file: read(&folder.file()), journal: read(&folder.beside("journal")), states }
}

#[tokio::test]
async fn a_journal_that_ends_at_any_byte_shows_the_state_between_two_requests() {
    let Killed { file, journal, states } = killed().await;
    // Each byte of the first three requests, and some of the long last one.
    let small = states[3].0;
    assert!(small > 1000 && journal.len() > 2 * small);
    let cuts = (0..=small + 1).chain((small + 1..journal.len()).step_by(211)).chain([journal.len() - 1, journal.len()]);
    for cut in cuts {
        let folder = Folder::of(&file, &journal[..cut]);
        let sandbox = Sandbox::open(&folder.file()).unwrap_or_else(|failure| panic!("cut at {cut}: {failure}"));
        let (_, expected) = states.iter().rev().find(|(length, _)| *length <= cut).unwrap();
        assert!(sandbox.objects() == *expected, "cut at {cut} of {}", journal.len());
        // As little is written as a killed process would: closing is another test.
        std::mem::forget(sandbox);
    }
}

#[tokio::test]
async fn what_follows_a_line_that_was_cut_is_kept() {
    let Killed { file, journal, states } = killed().await;
    for cut in [states[1].0 + 1, states[2].0 - 1, states[2].0, states[4].0 - 2] {
        let folder = Folder::of(&file, &journal[..cut]);
        for (number, wanted) in ["n0", "n1"].into_iter().enumerate() {
            let sandbox = Sandbox::open(&folder.file()).unwrap();
            let maps = api(&sandbox.client(), "v1", "ConfigMap");
            assert_eq!(names(&maps).await.iter().filter(|name| name.starts_with('n')).count(), number);
            apply(&maps, wanted, config_map(&json!({}))).await.unwrap();
            std::mem::forget(sandbox);
        }
    }
}

#[tokio::test]
async fn a_process_that_ends_while_it_writes_the_whole_state_loses_nothing() {
    let Killed { file, journal, states } = killed().await;
    let (_, expected) = states.last().unwrap();
    let opened = |folder: &Folder| Sandbox::open(&folder.file()).unwrap();
    // What a process writes that closes the file.
    let closed = Folder::of(&file, &journal);
    drop(opened(&closed));
    let new = fs::read(closed.file()).unwrap();
    assert_ne!(new, file);
    assert_eq!(
        (fs::metadata(closed.beside("journal")).unwrap().len(), closed.files()),
        (0, WHOLE.map(str::to_owned).to_vec())
    );

    // While it writes, the new state lies beside the old one. Its bytes are nobody's to read.
    for cut in [0, 1, new.len() / 2, new.len()] {
        let folder = Folder::of(&file, &journal);
        fs::write(folder.beside("new"), &new[..cut]).unwrap();
        let sandbox = opened(&folder);
        assert!(sandbox.objects() == *expected, "{cut} bytes of {}", new.len());
        drop(sandbox);
        assert_eq!(folder.files(), WHOLE, "what was left over is gone");
        assert!(opened(&folder).objects() == *expected);
    }
    // After the rename, and after the journal was emptied.
    for left in [&journal[..], b""] {
        let folder = Folder::of(&new, left);
        assert!(opened(&folder).objects() == *expected);
        assert!(opened(&folder).objects() == *expected, "and once more, after it was closed");
    }
}

#[test]
fn a_first_file_that_was_never_finished_is_none() {
    let folder = Folder::new();
    fs::write(folder.beside("new"), "{\"format\":1,").unwrap();
    drop(Sandbox::open(&folder.file()).unwrap());
    assert!(!folder.beside("new").exists());
    assert!(!Sandbox::open(&folder.file()).unwrap().objects().is_empty());
}

/// Where a real process is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// When it has printed so many lines.
    Lines(usize),
    /// When its journal has so many bytes.
    Bytes(u64),
}

/// Installs in a process that is killed there; whether it was killed before it had ended.
fn install_and_kill(kchart: &Kchart, point: Point) -> bool {
    use std::io::{BufRead, BufReader};
    let mut child = kchart.start();
    match point {
        Point::Lines(wanted) => {
            let lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
            if lines.take(wanted).count() < wanted {
                assert!(child.wait().expect("it ends").success());
                return false;
            }
        }
        Point::Bytes(wanted) => {
            let journal = kchart.path("box.json.journal");
            while fs::metadata(&journal).map_or(0, |metadata| metadata.len()) < wanted {
                if let Some(status) = child.try_wait().expect("it can be asked") {
                    assert!(status.success());
                    return false;
                }
                std::thread::yield_now();
            }
        }
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    true
}

/// Takes the lock of the killed run away: it would hold up the next one for fifteen seconds.
fn unlock(file: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let sandbox = Sandbox::open(file).expect("the file is whole");
        let leases = api(&sandbox.client(), "coordination.k8s.io/v1", "Lease");
        for name in names(&leases).await {
            delete(&leases, &name).await;
        }
    });
}

#[test]
fn an_install_that_is_really_killed_is_finished_by_the_next_one() {
    let lines = (1..=12).map(Point::Lines);
    let bytes = (0..12).map(|step| Point::Bytes(1 + step * 2500));
    let mut killed = 0;
    for point in lines.chain(bytes) {
        let kchart = Kchart::new().chart("app").run("install app ./app --sandbox=box.json");
        if !install_and_kill(&kchart, point) {
            continue;
        }
        killed += 1;
        // It may have been killed before it made the file.
        if kchart.path("box.json").exists() {
            unlock(&kchart.path("box.json"));
        }
        let next = kchart.run("upgrade --install app ./app --sandbox=box.json");
        next.success();
        let diff = next.run("diff app ./app --sandbox=box.json --detailed-exitcode");
        diff.success();
        let sandbox = Sandbox::open(&diff.path("box.json")).unwrap();
        let web = sandbox.objects().into_iter().find(|object| object["kind"] == "Deployment").expect("it is there");
        assert_eq!(web["status"]["readyReplicas"], 1, "{point:?}");
        assert!(!diff.path("box.json.new").exists(), "{point:?}");
    }
    assert!(killed >= 8, "it was killed at {killed} points only");
}
