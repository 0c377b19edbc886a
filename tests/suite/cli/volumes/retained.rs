//! Secrets that are kept for volumes.

use snapbox::str;

use super::cluster::By;
use super::{assert_seen, broker, kept};
use crate::suite::kchart::Kchart;

/// A program with a volume that a Secret of the given name opens.
fn chart(kchart: Kchart, name: &str, claim: bool) -> Kchart {
    let claim = if claim { CLAIM } else { "" };
    kchart
        .file(&format!("{name}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n"))
        .file(&format!("{name}/templates/all.yaml.hbs"), format!("{SECRET}{claim}"))
}

const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {password: given-by-somebody}\n";
const CLAIM: &str = r#"---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, annotations: {kchart.dev/credentials: "data=login/password:sticky"}}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: "nginx:1.29", volumeMounts: [{name: data, mountPath: /data}]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
"#;

#[test]
fn a_secret_that_stays_for_a_volume_is_labelled_and_one_that_opens_nothing_is_told() {
    let kchart = kept();
    assert_eq!(kchart.object("Secret", "mq-rabbitmq")["metadata"]["labels"]["kchart.dev/retained-for"], "mq");
    let volume = kchart.volume_of("data-mq-rabbitmq-0");
    let kchart = kchart.deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0").deletes("PersistentVolume", &volume);
    let kchart = kchart.run("volumes");
    let printed = kchart.success().stdout;
    assert!(
        printed.contains("spent: Secret `mq-rabbitmq`, which release `mq` left, opens nothing any more"),
        "{printed}"
    );
}

#[test]
fn a_second_release_that_took_a_secret_over_does_not_take_it_away_from_a_volume() {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json");
    let kchart = chart(chart(kchart, "first", true), "second", false).run("install ./first -q");
    kchart.success();
    let kchart = kchart.run("install ./second -q --adopt secret/login --yes");
    kchart.success();
    let mut kchart = kchart;
    for line in ["uninstall first -q", "uninstall second", "uninstall second --purge-volumes --ignore-not-found"] {
        kchart = kchart.run(line);
        kchart.success();
        assert_eq!(kchart.object("Secret", "login")["kind"], "Secret", "after `{line}`");
    }
}

#[test]
fn a_value_that_opens_the_volume_of_another_release_is_not_changed() {
    let login = |password: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  username: app\n  password: {password}\n"
        )
    };
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").file("login.yaml", login("the-first-of-them"));
    let kchart = kchart.run("install keys --manifest login.yaml -q");
    kchart.success();
    let kchart = kchart.run("install mq rabbitmq -q --set auth.existingSecret=login");
    kchart.success();
    let kchart = kchart.file("login.yaml", login("another-than-that")).run("upgrade keys --manifest login.yaml");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: volume claim `data-mq-rabbitmq-0` (1Gi, since [DAY], of release `mq`) was initialised with another `password` of Secret `login` than the one that is given now
  --> login.yaml:7:13
   |
 7 |   password: •••
   |             ^^^
   = the Secret has the only value that is known to open it
hint: give the old value for `password` of `login`
hint: or give the Secret of this release another name, and keep that one

"#]],
    );
    assert_eq!(kchart.secret("login", "password"), "the-first-of-them");
    let kchart = kchart.run("uninstall mq -q --purge-volumes");
    kchart.success();
    kchart.run("upgrade keys --manifest login.yaml").success();
}

#[test]
fn a_password_that_opens_the_volume_of_another_release_too_is_not_rotated() {
    let kchart = broker().run("install other rabbitmq -q --set auth.existingSecret=mq-rabbitmq");
    kchart.success();
    let before = kchart.secret("mq-rabbitmq", "password");
    let kchart = kchart.run("credentials rotate mq");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: volume claim `data-other-rabbitmq-0` (1Gi, since [DAY], of release `other`) is opened by `mq-rabbitmq/password` too, and this rotation does not change it there
   = the new value would not open it
hint: let release `other` read its value from a Secret of its own first

"#]],
    );
    assert_eq!(kchart.secret("mq-rabbitmq", "password"), before);
    let kchart = kchart.copied("Secret", "mq-rabbitmq", "own");
    let kchart = kchart.run("upgrade other rabbitmq -q --set auth.existingSecret=own");
    kchart.success();
    let kchart = kchart.run("credentials rotate mq");
    assert!(kchart.success().stdout.starts_with("mq rotated in namespace default"));
    assert_eq!(kchart.secret("own", "password"), before);
    let kchart = kchart.run("upgrade other rabbitmq --set auth.existingSecret=mq-rabbitmq");
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("volume claim `data-other-rabbitmq-0`"), "{printed}");
}

#[test]
fn a_generated_secret_of_an_unknown_image_stays_beside_its_claim() {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").chart("web");
    let text = String::from_utf8(kchart.read("web/templates/workload.yaml.hbs").unwrap()).unwrap();
    let generated = "{{generate \"password\" length=24 charset=\"alnum\"}}";
    let kchart = kchart.file("web/templates/workload.yaml.hbs", text.replace("{{values.password}}", generated));
    let kchart = kchart.run("install ./web -q");
    kchart.success();
    let before = kchart.secret("web", "password");
    let kchart = kchart.run("uninstall web");
    let printed = kchart.success().stdout;
    assert!(printed.contains("Secret/web") && printed.contains("was generated for what has `web-data`"), "{printed}");
    let kchart = kchart.run("install ./web -q");
    kchart.success();
    assert_eq!(kchart.secret("web", "password"), before);
    let kchart = kchart.run("uninstall web --purge-volumes");
    kchart.success();
    assert!(!kchart.objects().iter().any(|object| object["metadata"]["name"] == "web"));
}

#[test]
fn a_secret_that_a_purge_leaves_to_another_release_is_listed_when_that_is_gone_too() {
    let kchart = broker().run("install other rabbitmq -q --set auth.existingSecret=mq-rabbitmq");
    kchart.success();
    let kchart = kchart.run("uninstall mq --purge-volumes");
    kchart.success();
    let kchart = kchart.run("uninstall other --purge-volumes");
    kchart.success();
    let kchart = kchart.run("volumes");
    let printed = kchart.success().stdout;
    assert!(printed.contains("spent: Secret `mq-rabbitmq`, which release `mq` left"), "{printed}");
}

#[test]
fn another_uninstall_lists_what_is_kept_again() {
    let kchart = super::kept().run("uninstall mq");
    let printed = kchart.success().stdout;
    assert!(printed.contains("PersistentVolumeClaim/data-mq-rabbitmq-0"), "{printed}");
    assert!(printed.contains("opens `data-mq-rabbitmq-0`"), "{printed}");
}

#[test]
fn the_status_says_what_became_of_claims_and_of_what_opens_them() {
    let kchart = super::broker().deletes("Secret", "mq-rabbitmq").run("status mq");
    let printed = kchart.success().stdout;
    assert!(printed.contains("mq-rabbitmq/password (lost)"), "{printed}");
    let kchart = super::kept().deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0").run("status mq");
    let printed = kchart.success().stdout;
    assert!(printed.contains("  Released  "), "{printed}");
    let volume = kchart.objects().into_iter().find(|it| it["kind"] == "PersistentVolume").expect("it is kept");
    let name = volume["metadata"]["name"].as_str().expect("it has a name").to_owned();
    let kchart = kchart.deletes("PersistentVolume", &name).run("status mq -o json");
    let printed: serde_json::Value = serde_json::from_str(&kchart.success().stdout).expect("it is JSON");
    assert_eq!(printed["claims"][0]["phase"], "gone");
}

#[test]
fn a_given_password_that_is_lost_is_said_to_be_needed() {
    let install = "install mq rabbitmq -q --set persistence.storageClass=standard-retain --set auth.password=first-one";
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").run(install);
    kchart.success();
    let kchart = kchart.run("uninstall mq -q");
    kchart.success();
    let kchart = kchart.deletes("Secret", "mq-rabbitmq").run("volumes explain data-mq-rabbitmq-0");
    let printed = kchart.success().stdout;
    assert!(printed.contains("`password` of Secret `mq-rabbitmq` is gone: it has to be given again"), "{printed}");
}
