//! `kchart volumes purge`: what is destroyed, what is refused.

use serde_json::json;
use snapbox::str;

use super::cluster::By;
use super::{assert_seen, broker, kept};
use crate::suite::kchart::Kchart;

#[test]
fn what_a_pod_mounts_or_a_workload_wants_is_not_destroyed() {
    let kchart = broker().run("volumes purge data-mq-rabbitmq-0");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: claim `data-mq-rabbitmq-0` is in use: `mq-rabbitmq-0` mounts it
hint: to destroy all that the release has: `kchart uninstall mq -n default --purge-volumes`

"#]],
    );
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").chart("web").run("install ./web -q --set replicas=0");
    kchart.success();
    let kchart = kchart.run("volumes purge web-data");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: claim `web-data` is wanted by `Deployment/web`, release `web`
   = it would start without its data
hint: to destroy all that the release has: `kchart uninstall web -n default --purge-volumes`

"#]],
    );
}

#[test]
fn a_kept_claim_is_destroyed_with_what_opened_it_and_the_ledger_forgets_it() {
    let kchart = kept().run("volumes purge data-mq-rabbitmq-0 --dry-run");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
plan: volumes of release mq in namespace default to purge
  - delete  PersistentVolumeClaim/data-mq-rabbitmq-0  (with its data)
  - delete  Secret/mq-rabbitmq  (opens nothing any more)
volumes
  CLAIM               VOLUME                                    SIZE  CLASS            POLICY  FATE
  data-mq-rabbitmq-0  pvc-[UID]  1Gi   standard-retain  Retain  switched to Delete, then erased by its provisioner sandbox.kchart.dev/local

"#]],
    );
    let kchart = kchart.run("volumes purge data-mq-rabbitmq-0");
    assert!(kchart.success().stdout.starts_with("volumes of release mq in namespace default purged"));
    let left = kchart.objects();
    let left: Vec<&str> = left.iter().filter_map(|object| object["metadata"]["name"].as_str()).collect();
    for gone in ["data-mq-rabbitmq-0", "mq-rabbitmq", "kchart.mq.ledger"] {
        assert!(!left.contains(&gone), "{gone} in {left:?}");
    }
    assert!(!left.iter().any(|name| name.starts_with("pvc-")), "{left:?}");
    let kchart = kchart.run("volumes purge data-mq-rabbitmq-0");
    assert!(kchart.failure(1).stderr.contains("there is no claim `data-mq-rabbitmq-0` in namespace `default`"));
}

#[test]
fn an_orphan_is_named_by_its_volume_or_by_the_claim_it_had() {
    let kchart = kept().deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0");
    let kchart = kchart.run("volumes purge data-mq-rabbitmq-0 -o json");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
[
  {
    "namespace": "default",
    "release": "mq",
    "status": "purged",
    "volumes": [
      {
        "claim": null,
        "volume": "pvc-[UID]",
        "size": "1Gi",
        "class": "standard-retain",
        "policy": "Retain",
        "fate": "switched to Delete, then erased by its provisioner sandbox.kchart.dev/local"
      }
    ],
    "deleted": [
      {
        "object": {
          "group": "",
          "kind": "PersistentVolume",
          "namespace": null,
          "name": "pvc-[UID]"
        },
        "why": "with its data"
      },
      {
        "object": {
          "group": "",
          "kind": "Secret",
          "namespace": "default",
          "name": "mq-rabbitmq"
        },
        "why": "opens nothing any more"
      }
    ],
    "kept": [],
    "notes": [],
    "failure": null
  }
]

"#]],
    );
    let kchart = kchart.run("volumes");
    assert_eq!(kchart.success().stdout, "");
}

#[test]
fn a_bound_volume_is_named_by_its_claim_that_goes_too() {
    let kchart = kept();
    let volume = kchart.volume_of("data-mq-rabbitmq-0");
    let kchart = kchart.run(&format!("volumes purge pv/{volume}"));
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: volume `pvc-[UID]` is bound to claim `data-mq-rabbitmq-0`, which would go with it
hint: name the claim: `kchart volumes purge claim/data-mq-rabbitmq-0 -n default`

"#]],
    );
}

#[test]
fn data_that_another_volume_shows_too_is_not_erased() {
    let kchart = kept();
    let volume = kchart.volume_of("data-mq-rabbitmq-0");
    let kchart = kchart.by_hand(|objects| {
        let found = objects.iter().find(|object| object["metadata"]["name"] == volume.as_str()).unwrap();
        let mut other = found.clone();
        other["metadata"] = json!({"name": "other", "uid": "0-1", "resourceVersion": "1",
            "creationTimestamp": "2026-05-02T10:00:00Z"});
        other["spec"].as_object_mut().unwrap().remove("claimRef");
        objects.push(other);
    });
    let kchart = kchart.run("volumes purge data-mq-rabbitmq-0");
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("is shared: the data of volume `other` lie at the same place"), "{printed}");
    let kchart = kchart.run("uninstall mq --purge-volumes");
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("is shared: the data of volume `other` lie at the same place"), "{printed}");
}

#[test]
fn an_unproven_volume_is_left_by_a_purge_of_the_release_and_goes_by_its_name() {
    let kchart = kept().deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0").deletes("Secret", "kchart.mq.ledger");
    let kchart = kchart.run("install mq rabbitmq -q --set persistence.storageClass=standard-retain --no-wait");
    kchart.success();
    let kchart = kchart.run("uninstall mq --purge-volumes");
    let printed = kchart.success().stdout;
    assert_seen(
        &printed,
        str![[r#"
mq purged in namespace default (delete 6)
volumes
  CLAIM               VOLUME                                    SIZE  CLASS            POLICY  FATE
  data-mq-rabbitmq-0  pvc-[UID]  1Gi   standard-retain  Retain  switched to Delete, then erased by its provisioner sandbox.kchart.dev/local
note: volume `pvc-[UID]` was of a claim `data-mq-rabbitmq-0` that the ledger does not know: left alone; to destroy it: `kchart volumes purge pv/pvc-[UID] -n default`

"#]],
    );
    let command = printed.rsplit('`').nth(1).unwrap().replace("kchart ", "");
    let kchart = kchart.run(&command);
    kchart.success();
    let kchart = kchart.run("volumes -A -q");
    assert_eq!(kchart.success().stdout, "");
}

#[test]
fn the_document_of_a_purge_that_fails_says_what_is_gone_and_what_is_left() {
    let kchart = kept().by_hand(|objects| {
        let is_claim = |object: &&mut serde_json::Value| object["metadata"]["name"] == "data-mq-rabbitmq-0";
        let claim = objects.iter_mut().find(is_claim).expect("it was kept");
        claim["metadata"]["finalizers"] = json!(["example.com/backup"]);
    });
    let kchart = kchart.run("volumes purge data-mq-rabbitmq-0 --timeout 1s -o json");
    let printed = kchart.failure(4);
    assert!(printed.stderr.contains("error: "), "{}", printed.stderr);
    let failed: serde_json::Value = serde_json::from_str(&printed.stdout).expect("it is JSON");
    let head = ["namespace", "release", "status", "deleted"].map(|field| failed[0][field].clone());
    assert_eq!(json!(head), json!(["default", "mq", "failed", []]));
    let why = &failed[0]["failure"];
    assert_eq!(why["exitCode"], 4);
    assert!(why["steps"]["left"].to_string().contains(r#""act":"await-gone""#), "{why}");
    let hints = &why["messages"][0]["hints"];
    assert!(hints.to_string().contains("kchart volumes purge data-mq-rabbitmq-0 -n default"), "{hints}");
    let kchart = kchart.run("volumes purge nothing -o json");
    let failed: serde_json::Value = serde_json::from_str(&kchart.failure(1).stdout).expect("it is JSON");
    assert_eq!(json!([failed[0]["namespace"], failed[0]["status"]]), json!([null, "failed"]));
}
