//! Fields that can't be changed in place: replaced where nothing is lost by it, refused with the lines that set them
//! where something would be.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

const TEMPLATE: &str = r#"apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: {{values.service}}
  selector:
    matchLabels:
      app: {{values.app}}
  template:
    metadata:
      labels:
        app: {{values.app}}
    spec:
      containers:
        - name: db
          image: nginx:1.29
          volumeMounts:
            - name: data
              mountPath: /data
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        storageClassName: {{values.class}}
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: {{values.size}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: migrate:{{values.version}}
"#;

fn kchart() -> Kchart {
    let kchart = Kchart::new()
        .file("db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 0.1.0\n")
        .file("db/values.yaml", "service: db\napp: db\nclass: standard\nsize: 1Gi\nversion: 1\n")
        .file("db/templates/db.yaml.hbs", TEMPLATE)
        .env("KCHART_SANDBOX", "box.json")
        .run("install ./db");
    kchart.success();
    kchart
}

/// The uids of the Pods of the set, and of its claims.
fn uids(kchart: &Kchart) -> Vec<String> {
    let state: serde_json::Value = serde_json::from_slice(&kchart.read("box.json").unwrap()).unwrap();
    let objects = state["objects"].as_array().unwrap().iter();
    let of_set = objects.filter(|object| {
        object["kind"] == "PersistentVolumeClaim" || object["kind"] == "Pod" && object["metadata"]["name"] == "db-0"
    });
    of_set.map(|object| object["metadata"]["uid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_set_is_made_again_around_its_pods_and_a_finished_job_runs_again() {
    let kchart = kchart();
    let before = uids(&kchart);
    assert_eq!(before.len(), 2, "a Pod and a claim");
    let kchart = kchart.run("upgrade db ./db --set service=other --set version=2 --dry-run");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
plan for db in namespace default
  ± replace StatefulSet/db  (`spec.serviceName` can't be changed in place; its Pods and claims stay)
      spec.serviceName: "db" → "other"  (--set service=other)
  ± replace Job/migrate  (`spec.template.spec.containers[name="migrate"].image` can't be changed in place; its last run is over, and it runs again)
      spec.template.spec.containers[name="migrate"].image: "migrate:1" → "migrate:2"  (--set version=2)
2 to replace, 1 unchanged

"#]],
    );
    let kchart = kchart.run("diff db ./db --set service=other --set version=2 --detailed-exitcode");
    let (code, printed) = kchart.output();
    assert_eq!(code, Some(2), "{}", printed.stderr);
    let note = "note: the API server could not be asked about 2 objects: the one that is there is deleted first";
    assert!(printed.stdout.contains(note), "{}", printed.stdout);
    let kchart = kchart.run("upgrade db ./db --set service=other --set version=2");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
db upgraded in namespace default, revision 2 (replace 2)

"#]],
    );
    let kchart = kchart.run("upgrade db ./db --set service=other --set version=2 --set size=2Gi");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
db upgraded in namespace default, revision 3 (update 1, replace 1)

"#]],
    );
    assert_eq!(uids(&kchart), before, "neither Pods nor claims are others");
    let kchart = kchart.run("status db");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
db in namespace default: deployed, revision 3 of [DATE], chart db-0.1.0

OBJECT                           STATE
PersistentVolumeClaim/data-db-0  ready
StatefulSet/db                   ready
Job/migrate                      ready

CLAIM      SIZE  VOLUME                                    PHASE  SINCE                 OPENED BY
data-db-0  2Gi   pvc-[UID]  Bound  [DATE]  -

"#]],
    );
    let kchart = kchart.run("upgrade db ./db --set service=other --set version=2 --set size=2Gi");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
db unchanged in namespace default, revision 3

"#]],
    );
}

#[test]
fn what_would_lose_something_is_refused_at_the_lines_that_ask_for_it() {
    let mut kchart = kchart();
    for (set, expected) in [
        (
            "app=other",
            str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: db 0.1.0 (folder ./db)
error: `spec.selector.matchLabels.app` of `StatefulSet/db` can't be changed once it is made
  --> ./db/templates/db.yaml.hbs:9:12
   |
 9 |       app: {{values.app}}
   |            ^
  ::: the command line
   |
   | --set app=other
   |           - set here
   = it is `"db"`, and `"other"` is wanted
   = its Pods do not carry the labels of the new selector: nothing would look after them
hint: keep the old labels in the selector: it may be smaller than the Pods' labels, not other
hint: or give the set another name; its claims are named after it, and stay behind

"#]],
        ),
        (
            "class=fast",
            str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: db 0.1.0 (folder ./db)
error: `spec.storageClassName` of `PersistentVolumeClaim/data-db-0` can't be changed once it is made
   --> ./db/templates/db.yaml.hbs:25:27
    |
 25 |         storageClassName: {{values.class}}
    |                           ^
   ::: the command line
    |
    | --set class=fast
    |             - set here
    = it is `"standard"`, and `"fast"` is wanted
hint: leave it as it is
hint: or give the claim another name: it begins empty, and the old one stays

"#]],
        ),
        (
            "size=500Mi",
            str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: db 0.1.0 (folder ./db)
error: `spec.resources.requests.storage` of `PersistentVolumeClaim/data-db-0` can't go from 1Gi to 500Mi: claims don't shrink
   --> ./db/templates/db.yaml.hbs:29:22
    |
 29 |             storage: {{values.size}}
    |                      ^
   ::: the command line
    |
    | --set size=500Mi
    |            - set here
hint: leave the size at 1Gi
hint: or move the data: a claim of another name begins empty, and the old one stays

"#]],
        ),
    ] {
        let before = kchart.read("box.json");
        kchart = kchart.run(&format!("upgrade db ./db --set {set}"));
        assert_text(&kchart.failure(1).stderr, expected);
        assert_eq!(kchart.read("box.json"), before, "nothing was changed");
    }
}
