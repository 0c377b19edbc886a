//! A volume is opened by what another Secret or another key has: the name may change, the value may not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use snapbox::str;

use super::cluster::By;
use super::{assert_seen, broker};
use crate::suite::kchart::Kchart;

/// Somebody makes a Secret with the login of the broker, or changes it.
fn login(kchart: Kchart, name: &str, password: &str) -> Kchart {
    kchart.by_hand(|objects| {
        objects.retain(|object| object["kind"] != "Secret" || object["metadata"]["name"] != name);
        let [username, password] = ["app", password].map(|value| STANDARD.encode(value));
        objects.push(serde_json::json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": name, "namespace": "default", "uid": format!("uid-of-{name}"), "resourceVersion": "1",
                "creationTimestamp": "2026-05-02T10:00:00Z"},
            "data": {"username": username, "password": password}}));
    })
}

/// A broker with a password that is given.
fn given(values: &str) -> Kchart {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").run(&format!("install mq rabbitmq -q --set {values}"));
    kchart.success();
    kchart
}

#[test]
fn a_secret_with_another_password_does_not_take_the_place_of_the_generated_one() {
    let kchart = broker();
    let password = kchart.secret("mq-rabbitmq", "password");
    let kchart = login(kchart, "other", "a-password-of-somebody");
    let kchart =
        kchart.run("upgrade mq rabbitmq --set auth.existingSecret=other,persistence.storageClass=standard-retain");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: rabbitmq 0.1.0 (bundled with kchart)
warning: Secret `other` is not in the chart: it must exist in the cluster
   --> <bundled>/rabbitmq/templates/statefulset.yaml.hbs:29:15
    |
 29 |         name: {{default release.fullname values.auth.existingSecret}}
    |               ^
   ::: the command line
    |
    | --set auth.existingSecret=other,persistence.storageClass=standard-retain
    |                           ----- set here
    = in StatefulSet/mq-rabbitmq
error: volume claim `data-mq-rabbitmq-0` (1Gi, since [DAY], of release `mq`) was initialised with `password` of Secret `mq-rabbitmq`, and `password` of Secret `other`, which takes its place, has another value
   --> <bundled>/rabbitmq/templates/statefulset.yaml.hbs:11:5
    |
 11 |     data={{default release.fullname values.auth.existingSecret}}/{{values.auth.usernameKey}}:sticky,
    |     ^
    = the image reads it only when its volume is empty (`kchart.dev/credentials` of `StatefulSet/mq-rabbitmq`): logins with the new value would be refused
hint: give the old value for `password` of `other`: Secret `mq-rabbitmq` has it
hint: or destroy the data: `kchart uninstall mq -n default --purge-volumes`, then install again

"#]],
    );
    let kchart = kchart.run("uninstall mq -q");
    kchart.success();
    let again = "install mq rabbitmq -q --set auth.existingSecret=other,persistence.storageClass=standard-retain";
    let kchart = kchart.run(again);
    let printed = kchart.failure(5).stderr;
    assert!(
        printed.contains("and `password` of Secret `other`, which takes its place, has another value"),
        "{printed}"
    );
    // The right one passes, and is known from then on.
    let kchart = login(kchart, "other", &password).run(again);
    kchart.success();
    let kchart = login(kchart, "other", "a-password-of-somebody").run(&again.replace("install", "upgrade"));
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("was initialised with another `password` of Secret `other`"), "{printed}");
}

#[test]
fn a_key_with_another_name_has_to_have_the_same_value() {
    let kchart = given("auth.password=the-first-of-them");
    let kchart = kchart.run("upgrade mq rabbitmq --set auth.passwordKey=pass2,auth.password=the-second-of-them");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: rabbitmq 0.1.0 (bundled with kchart)
error: volume claim `data-mq-rabbitmq-0` (1Gi, since [DAY], of release `mq`) was initialised with `password` of Secret `mq-rabbitmq`, and `pass2` of Secret `mq-rabbitmq`, which takes its place, has another value
  --> <bundled>/rabbitmq/templates/secret.yaml.hbs:7:32
   |
 7 |   {{values.auth.passwordKey}}: {{values.auth.password}}
   |                                ^
   = the image reads it only when its volume is empty (`kchart.dev/credentials` of `StatefulSet/mq-rabbitmq`): logins with the new value would be refused
hint: give the old value for `pass2` of `mq-rabbitmq`: Secret `mq-rabbitmq` has it
hint: or destroy the data: `kchart uninstall mq -n default --purge-volumes`, then install again
error: volume claim `data-mq-rabbitmq-0` (1Gi, since [DAY], of release `mq`) was initialised with `password` of Secret `mq-rabbitmq`, which would be taken away
   = the Secret has the only value that is known to open it
hint: keep `password` in `mq-rabbitmq`
hint: or destroy the data: `kchart volumes purge claim/data-mq-rabbitmq-0 -n default`

"#]],
    );
    assert_eq!(kchart.secret("mq-rabbitmq", "password"), "the-first-of-them");
    let same =
        "upgrade mq rabbitmq -q --set auth.passwordKey=pass2,auth.usernameKey=user,auth.password=the-first-of-them";
    let kchart = kchart.run(same);
    kchart.success();
    assert_eq!(kchart.secret("mq-rabbitmq", "pass2"), "the-first-of-them");
    let kchart = kchart.run(&same.replace("the-first", "the-second"));
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("was initialised with another `pass2` of Secret `mq-rabbitmq`"), "{printed}");
}

#[test]
fn what_opened_a_volume_before_a_rotation_does_not_open_it_any_more() {
    let kchart = given("auth.password=the-first-of-them");
    let kchart = login(kchart, "other", "the-first-of-them");
    let kchart = kchart.run("upgrade mq rabbitmq -q --set auth.existingSecret=other");
    kchart.success();
    let kchart = kchart.run("upgrade mq rabbitmq -q --set auth.password=the-first-of-them");
    kchart.success();
    // As long as it has the value, the way back is open.
    let kchart = kchart.run("rollback mq 2 -q");
    kchart.success();
    let kchart = kchart.run("rollback mq 3 -q");
    kchart.success();
    let kchart = kchart.run("upgrade mq rabbitmq -q --set auth.password=the-second-of-them --rotate-credentials");
    kchart.success();
    let kchart = kchart.run("rollback mq 2");
    let printed = kchart.failure(5).stderr;
    assert!(
        printed.contains("and `password` of Secret `other`, which takes its place, has another value"),
        "{printed}"
    );
    let kchart = login(kchart, "other", "the-second-of-them").run("rollback mq 2 -q");
    kchart.success();
}

#[test]
fn a_secret_that_is_not_there_yet_is_looked_at_when_it_is() {
    let kchart = broker();
    let password = kchart.secret("mq-rabbitmq", "password");
    let upgrade =
        "upgrade mq rabbitmq --no-wait --set auth.existingSecret=other,persistence.storageClass=standard-retain";
    let kchart = kchart.run(upgrade);
    let printed = kchart.success().stderr;
    assert!(
        printed
            .contains("warning: nothing tells whether `password` of Secret `other` opens claim `data-mq-rabbitmq-0`"),
        "{printed}"
    );
    let kchart = login(kchart, "other", "a-password-of-somebody").run(upgrade);
    let printed = kchart.failure(5).stderr;
    assert!(
        printed.contains("and `password` of Secret `other`, which takes its place, has another value"),
        "{printed}"
    );
    login(kchart, "other", &password).run(upgrade).success();
}

#[test]
fn a_password_that_somebody_changed_by_hand_is_not_put_back_without_a_word() {
    let kchart = given("auth.password=first-password");
    let kchart = kchart.sets_password("mq-rabbitmq", "changed-by-hand");
    let kchart = kchart.run("diff mq rabbitmq --set auth.password=first-password");
    let printed = kchart.success();
    let told = "somebody has changed `password` of Secret `mq-rabbitmq`, and it gets back the value";
    assert!((printed.stdout + &printed.stderr).contains(told), "it is told before anything is done");
}

#[test]
fn an_install_says_which_claims_of_an_earlier_one_it_does_not_use() {
    let kchart = super::kept().run("install mq postgresql");
    let printed = kchart.success().stderr;
    let told = "begins with new, empty claims (`data-mq-postgresql-0`); `data-mq-rabbitmq-0` (1Gi, since";
    assert!(printed.contains(told), "{printed}");
}
