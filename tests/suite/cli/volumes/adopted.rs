//! `kchart volumes adopt`: a volume whose claim is gone is found by the next install.

use snapbox::str;

use super::cluster::By;
use super::{assert_seen, kept};
use crate::suite::kchart::Kchart;

#[test]
fn a_volume_that_something_opens_is_not_adopted_without_it() {
    let kchart = kept().deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0");
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: volume `pvc-[UID]` was initialised with `mq-rabbitmq/password`, `mq-rabbitmq/username`: without that nobody can log in
hint: it is in the cluster: `--credential mq-rabbitmq/password`
hint: it is in the cluster: `--credential mq-rabbitmq/username`

"#]],
    );
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0 --no-credential");
    kchart.failure(5);
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0 --credential other/password");
    assert_seen(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: there is no Secret `other` in namespace `default`
hint: give its value: `--credential-from-file other/password=FILE`

"#]],
    );
}

#[test]
fn an_adopted_volume_is_what_the_next_install_uses() {
    let kchart = kept();
    let volume = kchart.volume_of("data-mq-rabbitmq-0");
    let kchart = kchart.deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0");
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0 --credential mq-rabbitmq/password");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
volume adopted for release mq in namespace default
  ~ update  PersistentVolume/pvc-[UID]  (waits for its next claim)
  + create  PersistentVolumeClaim/data-mq-rabbitmq-0  (takes the volume, data included)
to use it with its data: kchart install mq CHART -n default

"#]],
    );
    let kchart = kchart.run("install mq rabbitmq -q --set persistence.storageClass=standard-retain");
    kchart.success();
    assert_eq!(kchart.volume_of("data-mq-rabbitmq-0"), volume);
    let kchart = kchart.run("volumes");
    let printed = kchart.success().stdout;
    assert!(
        printed.contains("mq-rabbitmq/password, mq-rabbitmq/username") && printed.contains("in use by"),
        "{printed}"
    );
}

#[test]
fn a_secret_is_made_from_the_value_that_opens_it_and_the_value_is_never_shown() {
    let kchart = kept();
    let volume = kchart.volume_of("data-mq-rabbitmq-0");
    let password = kchart.secret("mq-rabbitmq", "password");
    let kchart = kchart
        .deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0")
        .deletes("Secret", "mq-rabbitmq")
        .deletes("Secret", "kchart.mq.ledger")
        .file("old.txt", format!("{password}\n"));
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0");
    assert!(kchart.failure(1).stderr.contains("say which release is to use it"));
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0 --release mq --dry-run");
    let printed = kchart.success().stdout;
    assert!(printed.contains("hazard: no credential is given"), "{printed}");
    let kchart =
        kchart.run("volumes adopt data-mq-rabbitmq-0 --release mq --credential-from-file mq-rabbitmq/password=old.txt");
    let printed = kchart.success();
    assert!(!printed.stdout.contains(&password) && !printed.stderr.contains(&password));
    assert_seen(
        &printed.stdout,
        str![[r#"
volume adopted for release mq in namespace default
  + create  Secret/mq-rabbitmq  (opens the volume)
  ~ update  PersistentVolume/pvc-[UID]  (waits for its next claim)
  + create  PersistentVolumeClaim/data-mq-rabbitmq-0  (takes the volume, data included)
hazard: nothing tells whether `password` of Secret `mq-rabbitmq` opens volume `pvc-[UID]`: the first login will
to use it with its data: kchart install mq CHART -n default

"#]],
    );
    let kchart = kchart.run("install mq rabbitmq -q --set persistence.storageClass=standard-retain");
    kchart.success();
    assert_eq!(kchart.volume_of("data-mq-rabbitmq-0"), volume);
    assert_eq!(kchart.secret("mq-rabbitmq", "password"), password);
}

#[test]
fn another_value_than_the_one_that_is_known_is_refused() {
    let kchart = kept().file("new.txt", "another-password-than-that");
    let kchart = kchart.deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0").deletes("Secret", "mq-rabbitmq");
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0 --credential-from-file mq-rabbitmq/username=new.txt");
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("was initialised with another `username` of Secret `mq-rabbitmq`"), "{printed}");
}

#[test]
fn a_claim_that_is_there_is_not_taken_for_another_volume() {
    let kchart = kept().run("volumes adopt data-mq-rabbitmq-0 --release other --no-credential");
    assert_seen(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: volume `pvc-[UID]` has a claim: it is bound to `data-mq-rabbitmq-0`
hint: `kchart volumes explain claim/data-mq-rabbitmq-0 -n default` tells whose it is

"#]],
    );
}

#[test]
fn the_document_of_an_adoption_that_fails_says_why() {
    let kchart = kept().deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0");
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0 --release mq -n default -o json");
    let failed: serde_json::Value = serde_json::from_str(&kchart.failure(5).stdout).expect("it is JSON");
    let head = ["release", "namespace", "status", "objects", "installCommand"].map(|field| failed[field].clone());
    assert_eq!(serde_json::json!(head), serde_json::json!(["mq", "default", "failed", [], null]));
    assert_eq!(failed["failure"]["exitCode"], 5);
    let hints = &failed["failure"]["messages"][0]["hints"];
    assert_eq!(hints[0], "it is in the cluster: `--credential mq-rabbitmq/password`");
}

const INSTALL: &str = "install mq rabbitmq -q --timeout 5s --set persistence.storageClass=standard-retain";

#[test]
fn a_wrong_password_that_was_adopted_is_mended_by_the_right_one_and_only_that_one_counts_from_then_on() {
    let kchart = kept();
    let password = kchart.secret("mq-rabbitmq", "password");
    let kchart = kchart.deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0").deletes("Secret", "mq-rabbitmq");
    let kchart = kchart.file("wrong.txt", "a-guess-of-somebody").file("user.txt", "app").run(
        "volumes adopt data-mq-rabbitmq-0 --credential-from-file mq-rabbitmq/password=wrong.txt \
         --credential-from-file mq-rabbitmq/username=user.txt",
    );
    let printed = kchart.success().stdout;
    assert!(printed.contains("hazard: nothing tells whether `password` of Secret `mq-rabbitmq` opens"), "{printed}");
    assert!(!printed.contains("whether `username`"), "its hash is known: {printed}");
    let kchart = kchart.run(INSTALL);
    let printed = kchart.failure(4).stderr;
    assert!(printed.contains("is not what volume claim `data-mq-rabbitmq-0` was initialised with"), "{printed}");
    let kchart = kchart.run(&format!("{INSTALL} --set auth.password={password}"));
    kchart.success();
    let kchart = kchart.run(&format!("{} --set auth.password=one-more-guess", INSTALL.replace("install", "upgrade")));
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("was initialised with another `password` of Secret `mq-rabbitmq`"), "{printed}");
}

#[test]
fn a_volume_that_helm_left_is_tried_with_a_wrong_password_and_then_known_by_the_right_one() {
    let kchart = kept();
    let password = kchart.secret("mq-rabbitmq", "password");
    let kchart = kchart
        .deletes("Secret", "mq-rabbitmq")
        .deletes("Secret", "kchart.mq.ledger")
        .unmarked("PersistentVolumeClaim", "data-mq-rabbitmq-0");
    let kchart = kchart.run(&format!("{INSTALL} --set auth.password=a-guess-of-somebody --adopt-volumes"));
    let printed = kchart.failure(4).stderr;
    assert!(printed.contains("is not what volume claim `data-mq-rabbitmq-0` was initialised with"), "{printed}");
    let kchart = kchart.run(&format!("{INSTALL} --set auth.password={password}"));
    kchart.success();
    let kchart = kchart.run(&format!("{} --set auth.password=one-more-guess", INSTALL.replace("install", "upgrade")));
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("was initialised with another `password` of Secret `mq-rabbitmq`"), "{printed}");
}

#[test]
fn a_secret_that_may_open_what_is_adopted_is_not_overwritten_with_a_guess() {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.run("install db postgresql -q --set auth.password=the-right-one-1");
    kchart.success();
    let kchart = kchart.run("uninstall db -q");
    kchart.success();
    let kchart = kchart.deletes("Secret", "kchart.db.ledger");
    let kchart = kchart.unmarked("Secret", "db-postgresql").unmarked("PersistentVolumeClaim", "data-db-postgresql-0");
    let install = "install db postgresql -q --adopt secret/db-postgresql --adopt-volumes --set auth.password";
    let kchart = kchart.run(&format!("{install}=a-guess-of-mine-1"));
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("Secret `db-postgresql` has another `password` than the one that is given"), "{printed}");
    assert!(!printed.contains("the-right-one-1") && !printed.contains("a-guess-of-mine-1"), "{printed}");
    assert_eq!(kchart.secret("db-postgresql", "password"), "the-right-one-1");
    kchart.run(&format!("{install}=the-right-one-1")).success();
}

/// A broker that declares no login check, on a claim and with a Secret that somebody else made.
const UNCHECKED: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mq}
spec:
  serviceName: mq
  selector: {matchLabels: {app: mq}}
  template:
    metadata: {labels: {app: mq}}
    spec:
      containers:
      - name: mq
        image: rabbitmq:4.2
        env:
        - {name: RABBITMQ_DEFAULT_PASS, valueFrom: {secretKeyRef: {name: login, key: password}}}
        volumeMounts: [{name: data, mountPath: /var/lib/rabbitmq}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
";

#[test]
fn what_nothing_proves_is_not_learned_by_a_second_run() {
    let login = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {password: the-right-one}\n";
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").file("mq.yaml", UNCHECKED).file("login.yaml", login);
    let kchart = kchart.run("install login --manifest login.yaml -q");
    kchart.success();
    let kchart = kchart.run("install mq --manifest mq.yaml -q");
    kchart.success();
    let kchart = kchart.run("uninstall mq -q");
    kchart.success();
    // As if somebody else had made it; the Secret that is there now is another's.
    let kchart = kchart.unmarked("PersistentVolumeClaim", "data-mq-0").deletes("Secret", "kchart.mq.ledger");
    let mut kchart = kchart.sets_password("login", "a-wrong-one");
    for line in ["install mq --manifest mq.yaml -q --adopt-volumes", "upgrade mq --manifest mq.yaml -q"] {
        kchart = kchart.run(&format!("{line} --timeout 2s"));
        kchart.failure(4);
    }
    let kchart = kchart.sets_password("login", "the-right-one").run("upgrade mq --manifest mq.yaml -q");
    kchart.success();
}
