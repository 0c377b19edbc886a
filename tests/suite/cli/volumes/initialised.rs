//! Names that a volume was initialised with, and that stand in its workload as they are.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

const TEMPLATE: &str = "apiVersion: v1
kind: Secret
metadata: {name: db}
stringData: {password: given-by-somebody}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - name: db
          image: postgres:17
          env:
            - {name: POSTGRES_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
            - {name: POSTGRES_USER, value: {{values.user}}}
          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

#[test]
fn another_user_of_a_database_that_has_one_is_warned_of_and_the_old_one_is_not() {
    let kchart = Kchart::new()
        .env("KCHART_SANDBOX", "box.json")
        .file("db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n")
        .file("db/values.yaml", "user: app\n")
        .file("db/templates/all.yaml.hbs", TEMPLATE)
        .run("install db ./db -q --timeout 20s --set user=first");
    assert!(!kchart.success().stderr.contains("POSTGRES_USER"), "its volume is empty");
    let kchart = kchart.run("upgrade db ./db -q --set user=second --no-wait");
    assert_text(
        &kchart.success().stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
warning: `POSTGRES_USER` of `StatefulSet/db` becomes `second` instead of `first`, but `postgres:17` reads it only when its volume is empty (https://github.com/docker-library/docs/blob/master/postgres/README.md): `data-db-0` stays as it was initialised; change it inside the service too, or set the old value again

"#]],
    );
    let kchart = kchart.run("upgrade db ./db -q --set user=second --no-wait");
    assert!(!kchart.success().stderr.contains("POSTGRES_USER"), "it is told once");
}

#[test]
fn a_name_that_stands_in_a_secret_too_is_not_shown() {
    let set = "--set auth.password=first-password,auth.username=long-username,auth.database";
    let kchart =
        Kchart::new().env("KCHART_SANDBOX", "box.json").run(&format!("install db postgresql -q {set}=long-username"));
    kchart.success();
    let kchart = kchart.run(&format!("diff db postgresql {set}=store"));
    let printed = kchart.success();
    let printed = printed.stdout + &printed.stderr;
    assert!(printed.contains("becomes `store` instead of `•••`"), "{printed}");
    assert!(!printed.contains("long-username"), "{printed}");
}
