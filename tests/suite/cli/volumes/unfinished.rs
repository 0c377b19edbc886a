//! What runs that were killed left behind is neither forgotten nor called useless.

use serde_json::json;

use super::cluster::By;
use super::kept;
use crate::suite::kchart::Kchart;

/// The broker, uninstalled in the middle of a rotation: a Secret holds both values.
fn rotating() -> Kchart {
    kept().by_hand(|objects| {
        let find = |object: &&serde_json::Value| object["metadata"]["name"] == "mq-rabbitmq";
        let mut holder = objects.iter().find(find).expect("the Secret was kept").clone();
        let mut metadata = holder["metadata"].clone();
        metadata["name"] = json!("mq-rabbitmq-rotation");
        metadata["uid"] = json!("0-7");
        metadata["annotations"] = json!({"kchart.dev/rotate": "mq-rabbitmq/password"});
        holder["metadata"] = metadata;
        holder["data"] = json!({"old": holder["data"]["password"], "new": "bmV3LW5ldy1uZXctbmV3"});
        objects.push(holder);
    })
}

fn is_there(kchart: &Kchart, kind: &str, name: &str) -> bool {
    kchart.objects().iter().any(|object| object["kind"] == kind && object["metadata"]["name"] == name)
}

#[test]
fn what_a_rotation_holds_is_not_called_spent_and_goes_with_its_volume() {
    let kchart = rotating().run("volumes");
    let printed = kchart.success().stdout;
    assert!(printed.contains("data-mq-rabbitmq-0") && !printed.contains("spent"), "{printed}");
    let kchart = kchart.run("volumes purge data-mq-rabbitmq-0");
    kchart.success();
    for name in ["mq-rabbitmq", "mq-rabbitmq-rotation"] {
        assert!(!is_there(&kchart, "Secret", name), "{name}");
    }
}

/// The broker, uninstalled, and an adoption of its volume that was killed after its first step.
fn reserved() -> Kchart {
    let kchart = kept();
    let volume = kchart.volume_of("data-mq-rabbitmq-0");
    kchart.deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0").by_hand(|objects| {
        let volume = objects.iter_mut().find(|object| object["metadata"]["name"] == volume.as_str()).unwrap();
        let claim = volume["spec"]["claimRef"].as_object_mut().unwrap();
        claim.remove("uid");
        claim.remove("resourceVersion");
        volume["status"]["phase"] = json!("Available");
    })
}

#[test]
fn a_volume_that_an_adoption_has_reserved_is_remembered_by_an_uninstall() {
    let kchart = reserved().run("uninstall mq -q");
    kchart.success();
    let kchart = kchart.run("volumes");
    let printed = kchart.success().stdout;
    assert!(printed.contains("mq-rabbitmq/password") && !printed.contains("spent"), "{printed}");
    let before = kchart.secret("mq-rabbitmq", "password");
    let kchart = kchart.run("install mq rabbitmq -q --set persistence.storageClass=standard-retain");
    kchart.success();
    assert_eq!(kchart.secret("mq-rabbitmq", "password"), before);
}

#[test]
fn a_volume_that_an_adoption_has_reserved_goes_with_its_release() {
    let kchart = reserved().run("uninstall mq --purge-volumes");
    let printed = kchart.success().stdout;
    assert!(printed.contains("it is free: the object goes, the data stays at"), "{printed}");
    assert!(!kchart.objects().iter().any(|object| object["kind"] == "PersistentVolume"));
    assert!(!is_there(&kchart, "Secret", "mq-rabbitmq"));
}

#[test]
fn an_adoption_looks_at_all_that_opens_the_volume() {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json");
    let set = "--set persistence.storageClass=standard-retain,auth.username=app,auth.password=first-of-them";
    let kchart = kchart.run(&format!("install mq rabbitmq -q {set}"));
    kchart.success();
    let kchart = kchart.run("uninstall mq -q");
    kchart.success();
    let kchart = kchart.deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0");
    let kchart = kchart.sets_password("mq-rabbitmq", "something-else");
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0 --credential mq-rabbitmq/username");
    let printed = kchart.failure(5).stderr;
    assert!(printed.contains("another `password` of Secret `mq-rabbitmq`"), "{printed}");
}

#[test]
fn a_claim_that_works_is_not_adopted() {
    let kchart = kept().deletes("PersistentVolumeClaim", "data-mq-rabbitmq-0");
    let kchart = kchart.run("install mq rabbitmq --set persistence.storageClass=standard-retain");
    let printed = kchart.success().stderr;
    assert!(printed.contains("a new, empty claim takes its place"), "{printed}");
    let kchart = kchart.run("volumes adopt data-mq-rabbitmq-0 --credential mq-rabbitmq/password");
    let printed = kchart.failure(1).stderr;
    assert!(printed.contains("is there and in use: there is nothing to adopt"), "{printed}");
    assert!(printed.contains("is of an earlier claim of this name: `kchart volumes explain pv/pvc-"), "{printed}");
    let kchart = kchart.run("volumes explain pv/data-mq-rabbitmq-0");
    let printed = kchart.failure(1).stderr;
    assert!(printed.contains("no claim of namespace `default` has or had a volume `data-mq-rabbitmq-0`"), "{printed}");
}

#[test]
fn a_claim_that_an_install_made_before_it_was_killed_is_known_after_an_uninstall() {
    // As it is when the run ends between the claim and the ledger.
    let kchart = super::broker().deletes("Secret", "kchart.mq.ledger");
    let kchart = kchart.deletes("StatefulSet", "mq-rabbitmq").deletes("Pod", "mq-rabbitmq-0").run("uninstall mq -q");
    kchart.success();
    let kchart = kchart.run("volumes");
    let printed = kchart.success().stdout;
    assert!(printed.contains("mq       data-mq-rabbitmq-0"), "{printed}");
    assert!(printed.contains("mq-rabbitmq/password, mq-rabbitmq/username") && !printed.contains("spent"), "{printed}");
    let password = kchart.secret("mq-rabbitmq", "password");
    let kchart = kchart.run("install mq rabbitmq -q --set persistence.storageClass=standard-retain");
    kchart.success();
    assert_eq!(kchart.secret("mq-rabbitmq", "password"), password);
    let kchart = kchart.deletes("Secret", "kchart.mq.ledger").run("uninstall mq -q");
    kchart.success();
    let kchart = kchart.run("uninstall --purge-volumes");
    kchart.success();
    assert!(!is_there(&kchart, "PersistentVolumeClaim", "data-mq-rabbitmq-0"), "the purge finds its release");
    assert!(!is_there(&kchart, "Secret", "mq-rabbitmq"));
}

#[test]
fn a_rotation_that_an_uninstall_left_is_ended_by_an_install() {
    let kchart = rotating().run("status mq");
    let printed = kchart.success().stdout;
    assert!(printed.contains("the rotation of `mq-rabbitmq/password`"), "{printed}");
    assert!(printed.contains("`kchart install mq …`") && !printed.contains("credentials rotate"), "{printed}");
    let kchart = kchart.run("install mq rabbitmq -q --set persistence.storageClass=standard-retain");
    kchart.success();
    assert!(!is_there(&kchart, "Secret", "mq-rabbitmq-rotation"), "it is over");
    assert_eq!(kchart.secret("mq-rabbitmq", "password"), "new-new-new-new");
}
