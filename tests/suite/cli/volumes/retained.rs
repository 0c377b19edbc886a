//! Secrets that are kept for volumes.

use super::cluster::By;
use super::kept;
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
