//! What is stored of one release is damaged: others go on, nothing that it may need goes, and it says what to do.

use serde_json::json;

use super::cluster::By;
use crate::suite::kchart::Kchart;

const SHARED: &str = "apiVersion: v1
kind: Secret
metadata: {name: shared}
stringData: {password: PASSWORD}
";

/// `mq`, with a damaged ledger, and `other` beside it, which has a Secret.
fn damaged() -> Kchart {
    let k = super::kept().file("other.yaml", SHARED.replace("PASSWORD", "one-of-them"));
    let k = k.run("install other --manifest other.yaml -q");
    k.success();
    k.by_hand(|objects| {
        let ledger = objects.iter_mut().find(|it| it["metadata"]["name"] == "kchart.mq.ledger").expect("it is kept");
        ledger["data"]["entries"] = json!("bm90IEpTT04=");
    })
}

const WHY: &str = "Secret `kchart.mq.ledger` can't be read: `entries` is missing or damaged";

#[test]
fn another_release_goes_on_and_says_what_it_can_not_know() {
    let k = damaged().file("other.yaml", SHARED.replace("PASSWORD", "another-one"));
    let k = k.run("upgrade other --manifest other.yaml");
    let printed = k.success();
    let told =
        "nothing tells whether `Secret/shared` opens volumes of release `mq`, which would not be told of the change";
    assert!(printed.stderr.contains(told) && printed.stderr.contains(WHY), "{}", printed.stderr);
    let k = k.run("uninstall other");
    let printed = k.success().stdout;
    assert!(
        printed.contains("may open volumes of release `mq`") && printed.contains("delete secret shared"),
        "{printed}"
    );
    assert_eq!(k.secret("shared", "password"), "another-one", "it stays");
}

#[test]
fn its_volumes_are_listed_and_neither_told_of_nor_destroyed() {
    let k = damaged().run("volumes");
    let printed = k.success().stdout;
    assert!(printed.contains("data-mq-rabbitmq-0") && printed.contains(WHY), "{printed}");
    assert!(!printed.contains("spent"), "{printed}");
    let mut k = k;
    for line in ["volumes explain data-mq-rabbitmq-0", "volumes purge data-mq-rabbitmq-0 --yes"] {
        k = k.run(line);
        let told = k.failure(1).stderr;
        assert!(told.contains("what opens `claim/data-mq-rabbitmq-0`, of release `mq`, can't be told"), "{told}");
    }
    k.object("PersistentVolumeClaim", "data-mq-rabbitmq-0");
}

#[test]
fn the_release_itself_says_how_to_go_on_and_goes_on_so() {
    let k = damaged();
    let password = k.secret("mq-rabbitmq", "password");
    let k = k.run("install mq rabbitmq -q");
    let told = k.failure(1).stderr;
    assert!(told.contains(WHY) && told.contains("`kubectl delete secret kchart.mq.ledger -n default`"), "{told}");
    let k = k
        .deletes("Secret", "kchart.mq.ledger")
        .run("install mq rabbitmq -q --set persistence.storageClass=standard-retain");
    k.success();
    assert_eq!(k.secret("mq-rabbitmq", "password"), password, "the Secret that was kept is used again");
}
