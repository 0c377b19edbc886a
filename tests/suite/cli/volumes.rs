//! Volumes by name: what is listed, told, destroyed and brought back.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

mod adopted;
pub(crate) mod cluster;
mod elsewhere;
mod initialised;
mod purged;
mod renamed;
mod retained;
mod sets;
mod unfinished;
mod unread;

use cluster::By;

/// Compares, after ages were replaced: they depend on the speed of the test.
#[track_caller]
fn assert_seen(actual: &str, expected: impl snapbox::IntoData) {
    let ages = regex::Regex::new(r" \d{1,2}[smh] +").expect("the pattern is one");
    assert_text(&ages.replace_all(actual, " [AGE]  "), expected);
}

/// A broker whose volume keeps its data when its claim goes.
fn broker() -> Kchart {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.run("install mq rabbitmq -q --set persistence.storageClass=standard-retain");
    kchart.success();
    kchart
}

/// The broker after it was uninstalled.
fn kept() -> Kchart {
    let kchart = broker().run("uninstall mq -q");
    kchart.success();
    kchart
}

#[test]
fn what_is_used_and_what_is_kept_is_listed_with_what_opens_it() {
    let kchart = broker().run("volumes");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
RELEASE  CLAIM               VOLUME                                    PHASE  SIZE  AGE  CLASS            POLICY  OPENED BY                                   LAST MOUNTED
mq       data-mq-rabbitmq-0  pvc-[UID]  Bound  1Gi   [AGE]  standard-retain  Retain  mq-rabbitmq/password, mq-rabbitmq/username  in use by mq-rabbitmq-0

"#]],
    );
    let kchart = kchart.run("uninstall mq -q");
    kchart.success();
    let kchart = kchart.run("vol -o wide");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
RELEASE  CLAIM               VOLUME                                    PHASE  SIZE  AGE  CLASS            POLICY  OPENED BY                                   LAST MOUNTED  STATE  IMAGE                    SINCE
mq       data-mq-rabbitmq-0  pvc-[UID]  Bound  1Gi   [AGE]  standard-retain  Retain  mq-rabbitmq/password, mq-rabbitmq/username  -             kept   rabbitmq:4.2-management  [DATE]

"#]],
    );
    let kchart = kchart.run("volumes list mq -A");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
NAMESPACE  RELEASE  CLAIM               VOLUME                                    PHASE  SIZE  AGE  CLASS            POLICY  OPENED BY                                   LAST MOUNTED
default    mq       data-mq-rabbitmq-0  pvc-[UID]  Bound  1Gi   [AGE]  standard-retain  Retain  mq-rabbitmq/password, mq-rabbitmq/username  -

"#]],
    );
    let kchart = kchart.run("volumes -n other");
    assert_eq!(kchart.success().stdout, "", "those of other namespaces are not told");
    let kchart = kchart.run("volumes mx");
    assert_seen(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: there is no release `mx` in namespace `default`
hint: did you mean `mq`?

"#]],
    );
}

#[test]
fn a_lost_credential_is_said_to_be_lost() {
    let kchart = kept().deletes("Secret", "mq-rabbitmq").run("volumes");
    let printed = kchart.success().stdout;
    assert!(printed.contains("mq-rabbitmq/password (lost), mq-rabbitmq/username (lost)"), "{printed}");
}

#[test]
fn a_volume_without_its_claim_is_an_orphan_that_the_ledger_proves() {
    let kchart = kept().deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0").run("volumes");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
RELEASE  CLAIM               VOLUME                                    PHASE     SIZE  AGE  CLASS            POLICY  OPENED BY                                   LAST MOUNTED
mq       data-mq-rabbitmq-0  pvc-[UID]  Released  1Gi   [AGE]  standard-retain  Retain  mq-rabbitmq/password, mq-rabbitmq/username  -
orphan: volume `pvc-[UID]` was of claim `data-mq-rabbitmq-0`, which is gone; the ledger proves that it is of release `mq`
  to bring it back: kchart volumes adopt pv/pvc-[UID] --release mq -n default
  to destroy it: kchart volumes purge pv/pvc-[UID] -n default

"#]],
    );
    let kchart = kchart.deletes("Secret", "kchart.mq.ledger").run("volumes -o json");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
{
  "volumes": [
    {
      "release": null,
      "namespace": "default",
      "claim": "data-mq-rabbitmq-0",
      "hasClaim": false,
      "volume": "pvc-[UID]",
      "state": "unproven",
      "phase": "Released",
      "size": "1Gi",
      "created": "[DATE]",
      "class": "standard-retain",
      "policy": "Retain",
      "image": null,
      "openedBy": [],
      "inUseBy": [],
      "mountedBefore": null,
      "remark": "volume `pvc-[UID]` was of claim `data-mq-rabbitmq-0`, which is gone; nothing tells whose it was",
      "adoptCommand": "kchart volumes adopt pv/pvc-[UID] --release RELEASE -n default",
      "purgeCommand": "kchart volumes purge pv/pvc-[UID] -n default"
    }
  ],
  "secrets": [
    {
      "name": "mq-rabbitmq",
      "namespace": "default",
      "release": "mq",
      "opens": [],
      "remove": "kubectl delete secret mq-rabbitmq -n default"
    }
  ],
  "notes": []
}

"#]],
    );
}

#[test]
fn a_claim_that_nobody_has_and_wants_is_listed_and_one_in_use_is_not() {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.chart("web").run("install ./web -q");
    kchart.success();
    let kchart = kchart.unmarked("PersistentVolumeClaim", "web-data").deletes("Secret", "kchart.web.ledger");
    let kchart = kchart.run("volumes");
    assert_seen(&kchart.success().stdout, str![[""]]);
    let kchart = kchart.deletes("Deployment", "web").run("volumes");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
"#]],
    );
}

#[test]
fn the_whole_story_of_a_claim_is_told() {
    let kchart = broker().run("volumes explain data-mq-rabbitmq-0");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
claim data-mq-rabbitmq-0 in namespace default
  release      mq (deployed)
  volume       pvc-[UID] (Bound, 1Gi, standard-retain, Retain) at hostPath /var/lib/sandbox/pvc-[UID]_default_data-mq-rabbitmq-0
  since        [DATE]
  workload     StatefulSet/mq-rabbitmq
  image        rabbitmq:4.2-management
  opened by    mq-rabbitmq/password (sticky, present), mq-rabbitmq/username (sticky, present)
               the image reads it only when its volume is empty (`kchart.dev/credentials` of `StatefulSet/mq-rabbitmq`)
  mounted by   mq-rabbitmq-0
  stamps       app.kubernetes.io/managed-by=kchart, kchart.dev/release=mq
what would become of it
  install      used again: holds data since [DAY]
               with `Secret/mq-rabbitmq`, which opens `data-mq-rabbitmq-0`
               refused if `username` of Secret `mq-rabbitmq` is given another value
  uninstall    `PersistentVolumeClaim/data-mq-rabbitmq-0` stays: holds data
               `Secret/mq-rabbitmq` stays: opens `data-mq-rabbitmq-0`
               kchart uninstall mq -n default
  purge        switched to Delete, then erased by its provisioner sandbox.kchart.dev/local
               then `Secret/mq-rabbitmq` goes, which opened it
               kchart uninstall mq -n default --purge-volumes

"#]],
    );
    let kchart = kchart.run("uninstall mq -q");
    kchart.success();
    let kchart = kchart.deletes("Secret", "mq-rabbitmq").run("volumes explain claim/data-mq-rabbitmq-0");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
claim data-mq-rabbitmq-0 in namespace default
  release      mq (uninstalled)
  volume       pvc-[UID] (Bound, 1Gi, standard-retain, Retain) at hostPath /var/lib/sandbox/pvc-[UID]_default_data-mq-rabbitmq-0
  since        [DATE]
  image        rabbitmq:4.2-management
  opened by    mq-rabbitmq/password (sticky, lost), mq-rabbitmq/username (sticky, lost)
  mounted by   nobody
  stamps       app.kubernetes.io/managed-by=kchart, kchart.dev/release=mq
what would become of it
  install      refused: volume claim `data-mq-rabbitmq-0` (1Gi, since [DAY], of release `mq`) was initialised with `password` of Secret `mq-rabbitmq`, which the cluster no longer has
  uninstall    `PersistentVolumeClaim/data-mq-rabbitmq-0` stays: holds data
  purge        switched to Delete, then erased by its provisioner sandbox.kchart.dev/local
               kchart uninstall mq -n default --purge-volumes

"#]],
    );
    let kchart = kchart.run("volumes explain data-mq-rabbitmq-1");
    assert_seen(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: there is no claim `data-mq-rabbitmq-1` in namespace `default`, and no volume of one
hint: did you mean `data-mq-rabbitmq-0`?

"#]],
    );
}
