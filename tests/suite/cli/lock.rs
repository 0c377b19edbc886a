//! Two processes on one release, and signals, on one sandbox file.

use std::io::Read;
use std::process::{Child, Command};

use crate::suite::kchart::Kchart;

/// A call whose image can't be pulled, begun, and waiting for it.
fn waiting(kchart: &Kchart) -> Child {
    let mut child = kchart.start();
    let mut told = Vec::new();
    let mut byte = [0];
    let err = child.stderr.as_mut().expect("the messages are piped");
    while !String::from_utf8_lossy(&told).contains("waiting for Deployment/app") {
        assert_eq!(err.read(&mut byte).expect("readable"), 1, "it ended: {}", String::from_utf8_lossy(&told));
        told.push(byte[0]);
    }
    child
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill is there");
    assert!(sent.success());
}

fn locks(kchart: &Kchart) -> usize {
    // What a process that still runs wrote is in the journal.
    let texts =
        [kchart.read("box.json").expect("the sandbox is kept"), kchart.read("box.json.journal").unwrap_or_default()];
    texts.into_iter().map(|text| String::from_utf8(text).expect("JSON").matches("\"kchart-app\"").count()).sum()
}

const UNPULLABLE: &str = "install app ./app --sandbox=box.json --set image=registry.invalid/app:1";

#[test]
fn a_second_run_says_who_is_at_work_and_a_signal_stops_the_first_cleanly() {
    let first =
        Kchart::new().chart("app").env("CI_JOB_URL", "https://me:pw@ci.example.test/jobs/7?t=1").run(UNPULLABLE);
    let child = waiting(&first);
    let held_by = format!("process {}, run ", child.id());
    assert_ne!(locks(&first), 0);

    let second = first.run("upgrade --install app ./app --sandbox=box.json --lock-timeout 0s");
    let printed = second.failure(6);
    let line = printed.stderr.lines().find(|line| line.starts_with("error: ")).expect("an error");
    assert!(line.starts_with("error: release `app` is locked by `"), "{line}");
    assert!(line.contains(&held_by) && line.contains(", https://ci.example.test/jobs/7` since 2"), "{line}");
    assert!(!printed.stderr.contains("going on from"), "{}", printed.stderr);
    let third = second.run("uninstall app --sandbox=box.json --lock-timeout 0s");
    third.failure(6);

    signal(&child, "-TERM");
    let (code, printed) = third.ended(child);
    assert_eq!(code, Some(130), "{}", printed.stderr);
    assert!(printed.stderr.contains("stopping: interrupted by SIGTERM"), "{}", printed.stderr);
    assert!(printed.stderr.contains("error: interrupted by SIGTERM after "), "{}", printed.stderr);
    assert!(printed.stderr.contains("revision 1 of `app` is recorded as failed"), "{}", printed.stderr);
    assert!(printed.stderr.contains("run the same command again: it goes on from here"), "{}", printed.stderr);
    assert_eq!(locks(&third), 0, "the lock is given back");

    let history = third.run("history app --sandbox=box.json");
    let printed = history.success();
    assert!(printed.stdout.contains("interrupted by SIGTERM after "), "{}", printed.stdout);

    let last = history.run("install app ./app --sandbox=box.json");
    last.success();
    assert_eq!(locks(&last), 0);
    let gone = last.run("uninstall app --purge-volumes --yes --sandbox=box.json");
    gone.success();
    assert_eq!(locks(&gone), 0, "nothing is left behind");
}

#[test]
fn a_dry_run_takes_no_lock() {
    let first = Kchart::new().chart("app").run(&format!("{UNPULLABLE} -o json"));
    let child = waiting(&first);
    let dry = first.run("upgrade --install app ./app --sandbox=box.json --dry-run");
    dry.success();
    let dry = dry.run("uninstall app --sandbox=box.json --dry-run");
    dry.success();
    signal(&child, "-INT");
    let (code, printed) = dry.ended(child);
    assert_eq!(code, Some(130), "{}", printed.stderr);
    assert!(printed.stderr.contains("error: interrupted by SIGINT after "), "{}", printed.stderr);
    let document: serde_json::Value = serde_json::from_str(&printed.stdout).expect("it is one JSON document");
    assert_eq!((&document["status"], &document["failure"]["exitCode"]), (&"interrupted".into(), &130.into()));
}

#[test]
fn status_says_who_is_at_work() {
    let first = Kchart::new().chart("app").run(UNPULLABLE);
    let mut child = waiting(&first);
    let held_by = format!("process {}, run ", child.id());
    let kchart = first.run("status app --sandbox=box.json");
    let printed = kchart.success().stdout;
    assert!(printed.starts_with("app in namespace default: pending-install, revision 1"), "{printed}");
    assert!(printed.contains("the run of revision 1 did not end:") && printed.contains(&held_by), "{printed}");
    signal(&child, "-KILL");
    child.wait().expect("it ends");
    let kchart = kchart.run("status app --sandbox=box.json -o json");
    let status: serde_json::Value = serde_json::from_str(&kchart.success().stdout).expect("it is JSON");
    assert_eq!(status["unfinished"]["lock"], "held", "nobody took the lock since");
    let next = status["unfinished"]["next"][1].as_str().unwrap_or_default();
    assert!(next.starts_with("or take it away: `kchart --sandbox=box.json uninstall app -n default`"), "{next}");
}
