//! Claims of sets: of all ordinals, whatever the set wants to run now.

use serde_json::json;
use snapbox::str;

use super::assert_seen;
use super::cluster::By;
use crate::suite::kchart::Kchart;

const SET: &str = r#"apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  replicas: {{values.replicas}}
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.29", volumeMounts: [{name: data, mountPath: /data}]}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"#;

/// A chart with a set of so many replicas.
fn set(replicas: u64) -> Kchart {
    Kchart::new()
        .env("KCHART_SANDBOX", "box.json")
        .file("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
        .file("web/values.yaml", format!("replicas: {replicas}\n"))
        .file("web/templates/set.yaml.hbs", SET)
}

/// The release `web` of that chart.
fn installed(replicas: u64) -> Kchart {
    let kchart = set(replicas).run("install ./web -q");
    kchart.success();
    kchart
}

#[test]
fn more_claims_than_are_made_one_by_one_are_refused() {
    let kchart = set(2_000_000_000).run("install ./web");
    assert_seen(
        &kchart.failure(3).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: `spec.replicas` of `StatefulSet/web` is 2000000000: it would have 2000000000 claims, and kchart makes 10000 of one set at most
  --> ./web/templates/set.yaml.hbs:6:13
   |
 6 |   replicas: {{values.replicas}}
   |             ^
  ::: ./web/values.yaml:1:11
   |
 1 | replicas: 2000000000
   |           - set here
hint: write fewer replicas

"#]],
    );
}

#[test]
fn a_live_set_may_want_any_number() {
    let kchart = installed(1).by_hand(|objects| {
        let set = objects.iter_mut().find(|object| object["kind"] == "StatefulSet").expect("there is one");
        let mut other = set.clone();
        set["spec"]["replicas"] = json!(2_000_000_000);
        other["metadata"] = json!({"name": "other", "namespace": "default", "uid": "other", "resourceVersion": "1",
            "creationTimestamp": other["metadata"]["creationTimestamp"]});
        other["spec"]["podManagementPolicy"] = json!("OrderedReady");
        other["spec"]["replicas"] = json!(3_000_000);
        objects.push(other);
    });
    let kchart = kchart.run("volumes");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
RELEASE  CLAIM       VOLUME                                    PHASE  SIZE  AGE  CLASS     POLICY  OPENED BY  LAST MOUNTED
web      data-web-0  pvc-[UID]  Bound  1Gi   [AGE]  standard  Delete  -          in use by web-0

"#]],
    );
    let kchart = kchart.run("uninstall web --dry-run");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
plan for web in namespace default
  - delete  StatefulSet/web
kept
  OBJECT                            SIZE  VOLUME                                    WHY
  PersistentVolumeClaim/data-web-0  1Gi   pvc-[UID]  holds data
1 to delete, 1 kept

"#]],
    );
}

#[test]
fn fewer_replicas_do_not_destroy_claims_because_of_what_a_person_set() {
    let kchart = installed(3).by_hand(|objects| {
        let set = objects.iter_mut().find(|object| object["kind"] == "StatefulSet").expect("there is one");
        set["spec"]["persistentVolumeClaimRetentionPolicy"] = json!({"whenDeleted": "Retain", "whenScaled": "Delete"});
        let fields = json!({"f:spec": {"f:persistentVolumeClaimRetentionPolicy": {"f:whenScaled": {}}}});
        set["metadata"]["managedFields"].as_array_mut().expect("it has owners").push(json!({"manager": "kubectl-edit",
            "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": fields}));
    });
    let kchart = kchart.run("upgrade web ./web --set replicas=1");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: fewer replicas of `StatefulSet/web` would destroy claims: `data-web-1`, `data-web-2` (`whenScaled: Delete`)
   = the chart does not say so: somebody set it on the live set
hint: keep them: `kubectl patch statefulset/web -n default --type merge -p '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Retain"}}}'`
hint: or leave the replicas as they are

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --set replicas=4 -q");
    kchart.success();
    assert_eq!(kchart.object("PersistentVolumeClaim", "data-web-2")["status"]["phase"], "Bound");
}

#[test]
fn a_claim_that_somebody_deleted_does_not_go_because_its_pod_is_ended() {
    let kchart = installed(1).by_hand(|objects| {
        let claim = objects.iter_mut().find(|object| object["kind"] == "PersistentVolumeClaim").expect("there is one");
        claim["metadata"]["deletionTimestamp"] = json!("2026-11-30T12:00:00Z");
        claim["metadata"]["deletionGracePeriodSeconds"] = json!(0);
    });
    let volume = kchart.volume_of("data-web-0");
    let kchart = kchart.run("upgrade web ./web");
    let told = kchart.failure(5).stderr;
    assert!(told.contains("claim `data-web-0` is being deleted, and Pod `web-0` holds it until it ends"), "{told}");
    let kchart = kchart.run("uninstall web");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: claim `data-web-0` is being deleted, and Pod `web-0` holds it until it ends
   = its data (1Gi, since [DAY], of release `web`) would go then
hint: keep them: `kubectl patch pv pvc-[UID] -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`, then `kchart uninstall web -n default`: the volume stays
hint: then bring them back: `kchart volumes adopt pv/pvc-[UID] --release web -n default`
hint: or copy them while that runs, then end it: `kubectl delete pod web-0 -n default`
hint: or destroy them on purpose: `kchart uninstall web -n default --purge-volumes`

"#]],
    );
    // What the first hint says.
    let kchart = kchart.by_hand(|objects| {
        let volume = objects.iter_mut().find(|object| object["kind"] == "PersistentVolume").expect("there is one");
        volume["spec"]["persistentVolumeReclaimPolicy"] = json!("Retain");
    });
    let kchart = kchart.run("upgrade web ./web");
    let told = kchart.failure(5).stderr;
    assert!(told.contains("keeps the data"), "{told}");
    let kchart = kchart.run("uninstall web");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
web uninstalled in namespace default (delete 1)
kept
  OBJECT                                                     SIZE  VOLUME  WHY
  PersistentVolume/pvc-[UID]  1Gi   -       holds data of claim `data-web-0`, which is being deleted
to remove what was kept, data included: kchart uninstall web -n default --purge-volumes

"#]],
    );
    assert_eq!(kchart.object("PersistentVolume", &volume)["status"]["phase"], "Released");
    let kchart = kchart.run(&format!("volumes adopt pv/{volume} --release web --no-credential -q"));
    kchart.success();
    let kchart = kchart.run("install ./web -q");
    kchart.success();
    assert_eq!(kchart.volume_of("data-web-0"), volume);
}

#[test]
fn what_a_set_has_made_is_wanted_whatever_it_runs_now() {
    let kchart = installed(2).run("upgrade web ./web --set replicas=1 -q");
    kchart.success();
    let kchart = kchart.run("volumes purge data-web-1");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: claim `data-web-1` is wanted by `StatefulSet/web`, release `web`
   = it would start without its data
hint: to destroy this one alone, as `StatefulSet/web` is not to have so many replicas again: `kubectl delete pvc data-web-1 -n default`
hint: to destroy all that the release has: `kchart uninstall web -n default --purge-volumes`

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --set replicas=0 -q");
    kchart.success();
    let kchart = kchart.run("volumes purge data-web-0");
    assert_seen(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: claim `data-web-0` is wanted by `StatefulSet/web`, release `web`
   = it would start without its data
hint: to destroy all that the release has: `kchart uninstall web -n default --purge-volumes`

"#]],
    );
    // As if Helm had made both.
    let kchart = kchart
        .unmarked("PersistentVolumeClaim", "data-web-0")
        .unmarked("StatefulSet", "web")
        .by_hand(|objects| objects.retain(|object| object["kind"] != "Secret"));
    let kchart = kchart.run("volumes");
    let listed = kchart.success().stdout;
    assert!(!listed.contains("no workload wants it") && !listed.contains("purge"), "{listed}");
    let kchart = kchart.run("volumes purge data-web-0 --dry-run");
    assert!(kchart.failure(5).stderr.contains("claim `data-web-0` is wanted by `StatefulSet/web`"));
}

#[test]
fn a_purge_leaves_a_claim_that_only_has_the_name_of_one() {
    let kchart = installed(1).copied("PersistentVolumeClaim", "data-web-0", "data-web-7");
    let kchart = kchart.run("uninstall web --purge-volumes");
    assert_seen(
        &kchart.success().stdout,
        str![[r#"
web purged in namespace default (delete 2)
volumes
  CLAIM       VOLUME                                    SIZE  CLASS     POLICY  FATE
  data-web-0  pvc-[UID]  1Gi   standard  Delete  erased by its provisioner sandbox.kchart.dev/local
note: claim `data-web-7` stays: its name is one that the release's set makes, but nothing proves that it did; to destroy it: `kchart volumes purge claim/data-web-7 -n default`

"#]],
    );
    let kchart = kchart.run("volumes purge claim/data-web-7 -q");
    assert_eq!(kchart.object("PersistentVolumeClaim", "data-web-7")["kind"], "PersistentVolumeClaim");
    kchart.success();
    assert!(!kchart.objects().iter().any(|object| object["metadata"]["name"] == "data-web-7"));
}
