//! A release whose set lies in another namespace than itself: its claims and what opens them are followed there.

use snapbox::str;

use super::cluster::By;
use crate::suite::kchart::{Kchart, assert_text};

/// A release `mq` of namespace `lab` whose Secret and set are in namespace `data`.
fn installed() -> Kchart {
    let kchart = Kchart::new()
        .env("KCHART_SANDBOX", "box.json")
        .file("namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: data}\n")
        .file("mq/Chart.yaml", "apiVersion: v2\nname: mq\nversion: 0.1.0\n")
        .file("mq/values.yaml", "password: null\nreplicas: 1\n")
        .file("mq/templates/all.yaml.hbs", CHART)
        .run("install spaces --manifest namespace.yaml -q");
    kchart.success();
    let kchart = kchart.run("install mq ./mq -n lab --create-namespace -q");
    kchart.success();
    kchart
}

fn uninstalled(kchart: Kchart) -> Kchart {
    let kchart = kchart.run("uninstall mq -n lab -q");
    kchart.success();
    kchart
}

const CHART: &str = r#"apiVersion: v1
kind: Secret
metadata: {name: mq, namespace: data}
data:
{{#if values.password}}
  password: {{b64enc values.password}}
{{else}}
  password: {{generate "password" length=32}}
{{/if}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: mq
  namespace: data
  annotations: {kchart.dev/credentials: data=mq/password:sticky}
spec:
  serviceName: mq
  replicas: {{values.replicas}}
  selector: {matchLabels: {app: mq}}
  template:
    metadata: {labels: {app: mq}}
    spec:
      containers:
      - name: mq
        image: rabbitmq:4.2
        env:
        - {name: RABBITMQ_DEFAULT_PASS, valueFrom: {secretKeyRef: {name: mq, key: password}}}
        volumeMounts: [{name: data, mountPath: /var/lib/rabbitmq}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
"#;

#[test]
fn what_opens_a_claim_elsewhere_is_kept_with_it_and_found_again() {
    let k = installed().run("get credentials mq -n lab");
    let password = k.secret("mq", "password");
    assert_text(
        &k.success().stdout,
        str![[r#"
SECRET   KEY       KIND       OPENS      VALUE
data/mq  password  generated  data-mq-0  •••

"#]],
    );
    let mut k = uninstalled(k);
    for line in ["volumes -n data", "volumes -n lab", "volumes mq -n lab", "volumes -A"] {
        k = k.run(line);
        let listed = k.success().stdout;
        assert!(listed.contains("lab/mq") && listed.contains("mq/password"), "{line}: {listed}");
        assert!(!listed.contains("spent") && !listed.contains("lost"), "{line}: {listed}");
    }
    let k = k.run("install mq ./mq -n lab -q");
    k.success();
    assert_eq!(k.secret("mq", "password"), password, "it is the one that the volume was initialised with");
}

#[test]
fn a_lost_or_another_credential_of_a_claim_elsewhere_is_refused() {
    let k = uninstalled(installed()).run("install mq ./mq -n lab --set password=another-one");
    let refused = k.failure(5).stderr;
    assert!(refused.contains("was initialised with another `password` of Secret `mq`"), "{refused}");
    let k = k.deletes("Secret", "mq").run("install mq ./mq -n lab");
    let refused = k.failure(5).stderr;
    assert!(refused.contains("was initialised with `password` of Secret `mq`, which"), "{refused}");
    let k = k.run("volumes -n data");
    assert!(k.success().stdout.contains("mq/password (lost)"), "{}", k.success().stdout);
}

#[test]
fn a_purge_takes_claims_elsewhere_with_what_opened_them() {
    let k = uninstalled(installed()).run("uninstall mq -n lab --purge-volumes");
    let purged = k.success();
    assert!(purged.stdout.contains("data-mq-0"), "{}", purged.stdout);
    assert!(purged.stderr.contains("deleted Secret/mq"), "{}", purged.stderr);
    let k = k.run("volumes -A");
    assert_eq!(k.success().stdout, "", "nothing is left");
}

#[test]
fn a_claim_elsewhere_is_purged_by_name() {
    let k = uninstalled(installed()).run("volumes purge claim/data-mq-0 -n data --yes");
    let purged = k.success();
    assert!(purged.stderr.contains("deleted Secret/mq"), "{}", purged.stderr);
    let k = k.run("list -A -o json");
    assert!(!k.success().stdout.contains(r#""lab""#), "its ledger goes too: {}", k.success().stdout);
}

#[test]
fn a_volume_elsewhere_is_adopted_for_its_release() {
    let k = uninstalled(installed());
    let (volume, password) = (k.volume_of("data-mq-0"), k.secret("mq", "password"));
    let k = k.by_hand(|objects| {
        let all = objects.iter_mut().filter(|object| object["kind"] == "PersistentVolume");
        all.for_each(|volume| volume["spec"]["persistentVolumeReclaimPolicy"] = "Retain".into());
    });
    let k = k.deletes("PersistentVolumeClaim", "data-mq-0").run("volumes -n data -o json");
    let listed: serde_json::Value = serde_json::from_str(&k.success().stdout).expect("it is JSON");
    let adopt = listed["volumes"][0]["adoptCommand"].as_str().expect("an orphan can be adopted").to_owned();
    assert_eq!(adopt, format!("kchart volumes adopt pv/{volume} --release mq -n data"));
    let k = k.run(&format!("{} --credential mq/password", adopt.trim_start_matches("kchart ")));
    k.success();
    let k = k.run("install mq ./mq -n lab -q");
    k.success();
    assert_eq!((k.volume_of("data-mq-0"), k.secret("mq", "password")), (volume, password));
}
