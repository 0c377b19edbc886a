//! `kchart status` of a release on which something was begun and is not over.

use serde_json::{Value as Json, json};
use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

/// A broker in force.
fn broker() -> Kchart {
    let kchart =
        Kchart::new().env("KCHART_SANDBOX", "box.json").run("install broker rabbitmq -n lab --create-namespace");
    kchart.success();
    kchart
}

/// Changes the objects of the sandbox by hand.
fn by_hand(kchart: Kchart, change: impl FnOnce(&mut Vec<Json>)) -> Kchart {
    let text = kchart.read("box.json").expect("the sandbox is there");
    let mut state: Json = serde_json::from_slice(&text).expect("it is JSON");
    change(state["objects"].as_array_mut().expect("the state has objects"));
    kchart.file("box.json", state.to_string())
}

/// As a run leaves its record that could not write any more.
fn left_as(kchart: Kchart, status: &str) -> Kchart {
    by_hand(kchart, |objects| {
        let record = objects.iter_mut().find(|object| object["metadata"]["labels"]["kchart.dev/status"] == "deployed");
        record.expect("there is a record")["metadata"]["labels"]["kchart.dev/status"] = status.into();
    })
}

/// The first lines, up to the table of objects.
fn head(text: &str) -> &str {
    text.split("\nOBJECT").next().unwrap_or(text)
}

#[test]
fn a_run_that_did_not_end_is_told_with_what_to_do() {
    let kchart = left_as(broker(), "pending-upgrade").run("status broker -n lab");
    assert_text(
        head(&kchart.success().stdout),
        str![[r#"
broker in namespace lab: pending-upgrade, revision 1 of [DATE], chart rabbitmq-[..]

the run of revision 1 did not end:
  nobody holds the lock: it was killed, or could not record its end
  hint: run the same command again: it goes on from there
  hint: or go back to what worked: `kchart rollback broker -n lab`

"#]],
    );
    let kchart = left_as(broker(), "uninstalling").run("status broker -n lab -o json");
    let status: Json = serde_json::from_str(&kchart.success().stdout).expect("it is JSON");
    let unfinished = &status["unfinished"];
    assert_eq!(json!([unfinished["lock"], unfinished["holder"], unfinished["revision"]]), json!(["free", null, 1]));
    let next = unfinished["next"][0].as_str().unwrap_or_default();
    assert!(next.starts_with("`kchart uninstall broker -n lab` goes on from there"), "{next}");
}

/// A broker with a rotation that was begun and is not over.
fn rotating() -> Kchart {
    by_hand(broker(), |objects| {
        let secret =
            objects.iter().find(|object| object["metadata"]["name"] == "broker-rabbitmq" && object["kind"] == "Secret");
        let mut rotation = secret.expect("the broker has a Secret").clone();
        rotation["metadata"]["name"] = "broker-rabbitmq-rotation".into();
        rotation["metadata"]["uid"] = "0-1".into();
        rotation["metadata"]["annotations"] = json!({"kchart.dev/rotate": "broker-rabbitmq/password"});
        rotation["data"] = json!({"old": rotation["data"]["password"], "new": "bmV3LXBhc3N3b3Jk"});
        objects.push(rotation);
    })
}

#[test]
fn a_rotation_that_is_given_up_is_not_told_as_one_that_was_done() {
    let kchart = rotating().run("credentials rotate broker -n lab --abort --skip-jobs -q -o json");
    let outcome: Json = serde_json::from_str(&kchart.success().stdout).expect("it is JSON");
    assert_eq!(outcome["outcome"], "rotation aborted");
}

#[test]
fn a_rotation_that_is_not_over_is_told_with_the_secret_that_holds_both_values() {
    let kchart = rotating().run("status broker -n lab");
    let printed = kchart.success().stdout;
    assert_text(
        head(&printed),
        str![[r#"
broker in namespace lab: deployed, revision 1 of [DATE], chart rabbitmq-[..]

the rotation of `broker-rabbitmq/password`, begun [DATE], is not over:
  Secret `broker-rabbitmq-rotation` holds the old and the new value, so that neither is lost
  hint: `kchart credentials rotate broker -n lab` ends it
  hint: or give it up: `kchart credentials rotate broker -n lab --abort`

"#]],
    );
    let kchart = kchart.run("status broker -n lab -o json");
    let printed = kchart.success().stdout;
    let status: Json = serde_json::from_str(&printed).expect("it is JSON");
    let rotation = &status["rotations"][0];
    let told = ["secret", "key", "holder"].map(|field| rotation[field].clone());
    assert_eq!(json!(told), json!(["broker-rabbitmq", "password", "broker-rabbitmq-rotation"]));
    // It goes on also after the release went.
    let kchart = kchart.run("uninstall broker -n lab -q");
    kchart.success();
    let kchart = kchart.run("status broker -n lab");
    let printed = kchart.success().stdout;
    assert!(printed.contains("the rotation of `broker-rabbitmq/password`"), "{printed}");
}
