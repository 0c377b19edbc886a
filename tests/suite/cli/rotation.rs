//! `kchart credentials rotate`, and what is told of it.

use crate::suite::kchart::Kchart;

/// The password of the broker, as a person would look it up.
fn password(kchart: Kchart) -> (Kchart, String) {
    let kchart = kchart.run("get credentials broker --reveal -o json --sandbox=box.json");
    let stdout = kchart.success().stdout;
    let shown: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let all = shown.as_array().or_else(|| shown["credentials"].as_array()).unwrap();
    let found = all.iter().find(|one| one["key"] == "password").unwrap();
    let value = found["value"].as_str().unwrap().to_owned();
    (kchart, value)
}

#[test]
fn a_rotation_shows_no_password_in_any_form() {
    let kchart = Kchart::new().run("install broker rabbitmq --sandbox=box.json -q");
    kchart.success();
    let (kchart, old) = password(kchart);
    let kchart = kchart.run("credentials rotate broker --sandbox=box.json -vv -o json");
    let printed = kchart.success();
    let outcome: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!((&outcome["outcome"], &outcome["revision"]), (&"rotated".into(), &2.into()));
    let (kchart, new) = password(kchart);
    assert_ne!(old, new);
    for text in [&printed.stdout, &printed.stderr] {
        assert!(!text.contains(&old) && !text.contains(&new), "a password is shown: {text}");
    }
    let kchart = kchart.run("get all broker --revision 2 --sandbox=box.json -o json --reveal");
    let record = kchart.success().stdout;
    assert!(!record.contains(&old) && !record.contains(&new), "the record has a password");
}

#[test]
fn what_can_not_be_rotated_says_why() {
    let kchart = Kchart::new().run("install broker rabbitmq --set auth.password=given-by-me --sandbox=box.json -q");
    kchart.success();
    let kchart = kchart.run("credentials rotate broker --sandbox=box.json");
    let told = kchart.failure(1).stderr;
    assert!(told.contains("error: the value of `broker-rabbitmq/password` is given, not generated"), "{told}");
    assert!(told.contains("--set …=<the new value> --rotate-credentials"), "{told}");
    let kchart = kchart.run("credentials rotate broker broker-rabbitmq/username --sandbox=box.json");
    let told = kchart.failure(1).stderr;
    assert!(told.contains("nothing says how `broker-rabbitmq/username` is changed inside its service"), "{told}");
    let kchart = kchart.run("credentials rotate broker password --sandbox=box.json");
    let told = kchart.failure(64).stderr;
    assert!(told.contains("`password` is no credential") && told.contains("`SECRET/KEY`"), "{told}");
    let kchart = kchart.run("credentials rotate brocker --sandbox=box.json");
    let told = kchart.failure(1).stderr;
    assert!(told.contains("did you mean `broker`?"), "{told}");
}

#[test]
fn another_given_password_goes_into_the_service_too_when_asked_for() {
    let kchart = Kchart::new().run("install broker rabbitmq --set auth.password=first-of-all --sandbox=box.json -q");
    kchart.success();
    let kchart = kchart.run("upgrade broker rabbitmq --set auth.password=second-one --sandbox=box.json");
    let told = kchart.failure(5).stderr;
    assert!(told.contains("hint: or have it changed inside the service too: add `--rotate-credentials`"), "{told}");
    let kchart =
        kchart.run("upgrade broker rabbitmq --set auth.password=second-one --rotate-credentials --sandbox=box.json");
    let told = kchart.success().stderr;
    assert!(told.contains("rotating broker-rabbitmq/password"), "{told}");
    let kchart = kchart.run("upgrade broker rabbitmq --set auth.password=second-one --sandbox=box.json");
    assert!(kchart.success().stdout.contains("unchanged"));
    let kchart = kchart.run("upgrade broker rabbitmq --set auth.password=first-of-all --sandbox=box.json");
    kchart.failure(5);
}

#[test]
fn nothing_is_rotated_that_does_not_run() {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").run("install db postgresql -q");
    kchart.success();
    let kchart = kchart.run("upgrade db postgresql -q --set image.repository=registry.invalid/x --timeout 0s");
    kchart.failure(4);
    let kchart = kchart.run("credentials rotate db");
    let printed = kchart.failure(1).stderr;
    assert!(printed.contains("`StatefulSet/db-postgresql` is not ready: nothing could change"), "{printed}");
    assert!(printed.contains("status db -n default` says why; rotate when it runs"), "{printed}");
    kchart.run("rollback db 1").success();
}
