//! What programs read of a verb that failed: one document with the shape of success, and why.

use serde_json::{Value as Json, json};

use crate::suite::kchart::Kchart;

/// Runs, expects the exit code, and reads the one document.
fn document(kchart: &Kchart, code: u8) -> Json {
    let printed = kchart.failure(code);
    assert!(printed.stderr.contains("error: "), "people are told as before: {}", printed.stderr);
    assert!(!printed.stdout.contains("change-me-please"), "nothing secret is in it");
    serde_json::from_str(&printed.stdout).unwrap_or_else(|error| panic!("{error}: {}", printed.stdout))
}

#[test]
fn an_install_that_does_not_get_ready_tells_the_root_cause_and_what_is_left() {
    let line = "install web ./web --sandbox=box.json --set image=registry.invalid/app:1 --timeout 1s -o json";
    let failed = document(&Kchart::new().chart("web").run(line), 4);
    let head = ["name", "namespace", "revision", "status", "outcome"].map(|field| failed[field].clone());
    assert_eq!(json!(head), json!(["web", "default", 1, "failed", "failed"]));
    let why = &failed["failure"];
    assert_eq!(why["exitCode"], 4);
    assert_eq!(why["meaning"], "not ready, or a volume not gone, in time");
    let sentence = why["sentence"].as_str().unwrap_or_default();
    assert!(sentence.starts_with("`Deployment/web` is not ready: "), "{sentence}");
    assert_eq!(why["causes"][0]["sentence"], why["sentence"]);
    assert_eq!(why["causes"][0]["object"]["kind"], "Deployment");
    let steps = &why["steps"];
    let left = steps["left"].as_array().expect("it is a list");
    assert_eq!(json!(left.len()), json!(steps["planned"].as_u64().unwrap() - steps["done"].as_u64().unwrap()));
    assert!(left.iter().any(|step| step["act"] == "await-ready" && step["object"]["name"] == "web"), "{left:?}");
    let hints = &why["messages"][0]["hints"];
    assert!(hints.to_string().contains("kchart --sandbox=box.json uninstall web -n default"), "{hints}");
}

#[test]
fn what_fails_before_it_begins_is_told_with_what_is_known_by_then() {
    let kchart = Kchart::new().chart("web").run("upgrade web ./web --sandbox=box.json -o json");
    let failed = document(&kchart, 1);
    assert_eq!(json!([failed["name"], failed["revision"], failed["status"]]), json!(["web", null, "failed"]));
    assert_eq!(failed["failure"]["sentence"], "there is no release `web` in namespace `default`");
    assert_eq!(failed["failure"]["steps"], Json::Null);
    let kchart = kchart.run("rollback web --sandbox=box.json -o json");
    assert_eq!(document(&kchart, 1)["name"], "web");
    let kchart = kchart.run("uninstall web --sandbox=box.json -o json");
    let failed = document(&kchart, 1);
    assert_eq!(json!([failed[0]["name"], failed[0]["status"]]), json!(["web", "failed"]));
    let kchart = kchart.run("install web ./web --sandbox=box.json --set nobody.reads=this --strict -o yaml");
    let printed = kchart.failure(3);
    assert!(printed.stdout.contains("exitCode: 3\n"), "{}", printed.stdout);
    let kchart = kchart.run("install web ./web --sandbox=box.json --set replicas=many -o json");
    let message = &document(&kchart, 3)["failure"]["messages"][0];
    assert_eq!(message["at"], "./web/templates/workload.yaml.hbs:23:13", "{message}");
    let notes = message["notes"].as_array().expect("it is a list");
    assert!(notes.iter().any(|note| note["at"] == "--set replicas"), "{notes:?}");
}

#[test]
fn success_has_no_failure() {
    let kchart = Kchart::new().chart("web").run("install web ./web --sandbox=box.json -o json");
    let done: Json = serde_json::from_str(&kchart.success().stdout).expect("it is JSON");
    assert_eq!(json!([done["status"], done["failure"]]), json!(["deployed", null]));
    let kchart = kchart.run("uninstall web --sandbox=box.json -o json");
    let done: Json = serde_json::from_str(&kchart.success().stdout).expect("it is JSON");
    assert_eq!(json!([done[0]["status"], done[0]["failure"]]), json!(["uninstalled", null]));
}
