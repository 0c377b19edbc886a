//! `kchart diff`: what an upgrade would change, field by field, with nothing secret in it.

use serde_json::{Value as Json, json};
use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

/// A Secret with a given and a generated key, a text of many lines, and a workload.
const TEMPLATE: &str = r#"apiVersion: v1
kind: Secret
metadata:
  name: {{release.name}}
stringData:
  password: {{values.password}}
  token: {{generate "token" length=32 charset="alnum"}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{release.name}}
data:
  app.conf: {{values.config}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{release.name}}
  labels: {{values.labels}}
spec:
  replicas: {{values.replicas}}
  selector:
    matchLabels:
      app: {{release.name}}
  template:
    metadata:
      labels:
        app: {{release.name}}
    spec:
      containers:
        - name: main
          image: {{values.image}}
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: {{release.name}}
                  key: password
"#;

const VALUES: &str = "image: nginx:1.29\nreplicas: 1\npassword: first-password\nlabels: {}\nconfig: |\n  listen 80\n  \
                      root /srv\n  expires 1h\n  index a\n  index b\n  gzip on\n";

fn kchart() -> Kchart {
    Kchart::new()
        .file("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
        .file("web/values.yaml", VALUES)
        .file("web/templates/all.yaml.hbs", TEMPLATE)
        .env("KCHART_SANDBOX", "box.json")
}

/// Changes a live object as somebody with `kubectl` would.
fn by_hand(kchart: Kchart, kind: &str, change: impl Fn(&mut Json)) -> Kchart {
    let mut state: Json =
        serde_json::from_slice(&kchart.read("box.json").expect("the sandbox is there")).expect("JSON");
    let objects = state["objects"].as_array_mut().expect("the state has objects");
    let object = objects
        .iter_mut()
        .find(|object| object["kind"] == kind && object["metadata"]["name"] == "web")
        .expect("the object is there");
    change(object);
    kchart.file("box.json", state.to_string())
}

#[test]
fn what_is_not_there_would_be_created_and_nothing_is_written() {
    let kchart = kchart().run("diff web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
plan for web in namespace default
  + create  Secret/web
      + apiVersion: v1
      + kind: Secret
      + metadata:
      +   name: web
      +   namespace: default
      +   labels:
      +     app.kubernetes.io/managed-by: kchart
      +     kchart.dev/release: web
      + data:
      +   password: "•••"
      +   token: (generated, new)
  + create  ConfigMap/web
      + apiVersion: v1
      + kind: ConfigMap
      + metadata:
      +   name: web
      +   namespace: default
      +   labels:
      +     app.kubernetes.io/managed-by: kchart
      +     kchart.dev/release: web
      + data:
      +   app.conf: |
      +     listen 80
      +     root /srv
      +     expires 1h
      +     index a
      +     index b
      +     gzip on
  + create  Deployment/web
      + apiVersion: apps/v1
      + kind: Deployment
      + metadata:
      +   name: web
      +   namespace: default
      +   labels:
      +     app.kubernetes.io/managed-by: kchart
      +     kchart.dev/release: web
      + spec:
      +   replicas: 1
      +   selector:
      +     matchLabels:
      +       app: web
      +   template:
      +     metadata:
      +       labels:
      +         app: web
      +     spec:
      +       containers:
      +       - name: main
      +         image: nginx:1.29
      +         env:
      +         - name: PASSWORD
      +           valueFrom:
      +             secretKeyRef:
      +               name: web
      +               key: password
note: the API server was asked about 3 objects, and would take them
3 to create

"#]],
    );
    let kchart = kchart.run("diff web --short");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
plan for web in namespace default
  + create  Secret/web
      data.token: generated, new
  + create  ConfigMap/web
  + create  Deployment/web
note: the API server was asked about 3 objects, and would take them
3 to create

"#]],
    );
    let kchart = kchart.run("install web --dry-run --short");
    assert!(kchart.success().stdout.ends_with("  + create  Deployment/web\n3 to create\n"), "dry runs know the flag");
    let kchart = kchart.run("diff web --detailed-exitcode");
    kchart.failure(2);
    let kchart = kchart.run("list -A");
    assert_eq!(kchart.success().stdout, "");
}

#[test]
fn fields_are_told_with_the_line_that_set_them_and_secrets_are_not() {
    let kchart = kchart().run("install web").file(
        "new.yaml",
        "image: nginx:1.30\nreplicas: 3\nconfig: |\n  listen 80\n  root /srv\n  expires 1h\n  index a\n  index b\n  \
         gzip off\n",
    );
    kchart.success();
    let before = kchart.read("box.json");
    let kchart =
        kchart.run("diff web ./web -f new.yaml --set password=second-password --set labels.tier=front --no-wait");
    let printed = kchart.success();
    assert_text(
        &printed.stdout,
        str![[r#"
plan for web in namespace default
  ~ update  Secret/web
      data.password: changed, a secret  (--set password=•••)
      data.token: generated, kept
  ~ update  ConfigMap/web
      data[app.conf]:  (new.yaml:4:3)
          @@ -3,4 +3,4 @@
            expires 1h
            index a
            index b
          - gzip on
          + gzip off
  ~ update  Deployment/web  (reads Secret/web, which changed)
      metadata.labels.tier: (nothing) → "front"  (--set labels.tier=front)
      spec.replicas: 1 → 3  (new.yaml:2:11)
      spec.template.metadata.annotations: (nothing) → {"kchart.dev/reads-changed-in":"2"}
      spec.template.spec.containers[name="main"].image: "nginx:1.29" → "nginx:1.30"  (new.yaml:1:8)
note: the API server was asked about 3 objects, and would take them
3 to update (6 fields)

"#]],
    );
    for secret in ["first-password", "second-password", "Zmlyc3QtcGFzc3dvcmQ", "c2Vjb25kLXBhc3N3b3Jk"] {
        assert!(!printed.stdout.contains(secret) && !printed.stderr.contains(secret), "{secret}");
    }
    let kchart = kchart.run("diff web ./web -f new.yaml --set password=second-password -o json");
    let printed = kchart.success();
    assert!(!printed.stdout.contains("c2Vjb25k"), "{}", printed.stdout);
    let json: Json = serde_json::from_str(&printed.stdout).expect("it is JSON");
    assert_eq!(json["counts"]["fields"], 5);
    let image = &json["objects"][2]["fields"][2];
    assert_eq!(image["from"], "new.yaml:1:8");
    assert_eq!(image["at"], "./web/templates/all.yaml.hbs:33:18");
    assert_eq!(kchart.read("box.json"), before, "nothing was written");
}

#[test]
fn without_a_change_the_exit_code_is_0() {
    let kchart = kchart().run("install web");
    kchart.success();
    let kchart = kchart.run("diff web --detailed-exitcode");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
plan for web in namespace default
nothing would change: 3 unchanged

"#]],
    );
    let kchart = kchart.run("diff web --set replicas=2 --detailed-exitcode");
    kchart.failure(2);
    let kchart = kchart.run("diff web --set replicas=2");
    kchart.success();
}

#[test]
fn what_somebody_changed_is_drift() {
    let kchart = kchart().run("install web");
    kchart.success();
    let kchart = by_hand(kchart, "Deployment", |live| live["spec"]["replicas"] = json!(5));
    let kchart = by_hand(kchart, "ConfigMap", |live| live["metadata"]["name"] = json!("other"));
    let kchart = kchart.run("diff web ./web --set image=nginx:1.30");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
plan for web in namespace default
  + create  ConfigMap/web  (drift: somebody deleted it)
      + apiVersion: v1
      + kind: ConfigMap
      + metadata:
      +   name: web
      +   namespace: default
      +   labels:
      +     app.kubernetes.io/managed-by: kchart
      +     kchart.dev/release: web
      + data:
      +   app.conf: |
      +     listen 80
      +     root /srv
      +     expires 1h
      +     index a
      +     index b
      +     gzip on
  ~ update  Deployment/web
      spec.replicas: 5 → 1  (drift: somebody changed it, ./web/values.yaml:2:11)
      spec.template.spec.containers[name="main"].image: "nginx:1.29" → "nginx:1.30"  (--set image=nginx:1.30)
note: the API server was asked about 2 objects, and would take them
1 to create, 1 to update (2 fields), 1 unchanged

"#]],
    );
}

#[test]
fn what_the_server_would_refuse_stands_below_the_plan() {
    let kchart = kchart().run("install web");
    kchart.success();
    let kchart = by_hand(kchart, "Deployment", |live| {
        live["spec"]["template"]["spec"]["containers"][0]["image"] = json!("nginx:1.28");
        let fields = json!({"f:spec": {"f:template": {"f:spec": {"f:containers":
            {"k:{\"name\":\"main\"}": {".": {}, "f:image": {}}}}}}});
        let managers = live["metadata"]["managedFields"].as_array_mut().expect("it has managers");
        managers.push(json!({"manager": "kubectl-set", "operation": "Update", "apiVersion": "apps/v1",
            "fieldsType": "FieldsV1", "fieldsV1": fields}));
        let ours = managers[0].pointer_mut("/fieldsV1/f:spec/f:template/f:spec/f:containers/k:{\"name\":\"main\"}");
        ours.and_then(Json::as_object_mut).expect("the container is ours").remove("f:image");
    });
    let kchart = kchart.run("diff web ./web");
    let printed = kchart.failure(1);
    assert_text(
        &printed.stdout,
        str![[r#"
plan for web in namespace default
  ~ update  Deployment/web
      spec.template.spec.containers[name="main"].image: "nginx:1.28" → "nginx:1.29"  (drift: somebody changed it, ./web/values.yaml:1:8)
refused: cannot apply `Deployment/web`: [..]
1 to update (1 field), 2 unchanged

"#]],
    );
    // That a field is somebody else's is seen without the server, too.
    let mut kchart = kchart;
    for dry_run in ["--dry-run", "--dry-run=server"] {
        kchart = kchart.run(&format!("upgrade web ./web {dry_run}"));
        assert_eq!(kchart.failure(1).stdout, printed.stdout, "the same view");
    }
}

#[test]
fn a_manifest_is_compared_too_and_what_it_lacks_would_go() {
    let manifest = |name: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{key: one, other: \"two\"}}\n")
    };
    let kchart = Kchart::new()
        .env("KCHART_SANDBOX", "box.json")
        .file("all.yaml", manifest("a"))
        .run("install shop --manifest all.yaml");
    kchart.success();
    let kchart = kchart.file("all.yaml", manifest("b")).run("diff shop --manifest all.yaml");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
plan for shop in namespace default
  + create  ConfigMap/b
      + apiVersion: v1
      + kind: ConfigMap
      + metadata:
      +   name: b
      +   namespace: default
      +   labels:
      +     app.kubernetes.io/managed-by: kchart
      +     kchart.dev/release: shop
      + data:
      +   key: one
      +   other: two
  - delete  ConfigMap/a  (no longer wanted)
      - apiVersion: v1
      - kind: ConfigMap
      - metadata:
      -   name: a
      -   namespace: default
      -   labels:
      -     app.kubernetes.io/managed-by: kchart
      -     kchart.dev/release: shop
      - data:
      -   key: one
      -   other: two
note: the API server was asked about 1 object, and would take it
1 to create, 1 to delete

"#]],
    );
}

#[test]
fn programs_get_new_and_removed_objects_whole_and_without_secrets() {
    let kchart = kchart().run("diff web -o json");
    let printed = kchart.success().stdout;
    let json: Json = serde_json::from_str(&printed).expect("it is JSON");
    let secret = &json["objects"][0];
    assert_eq!(secret["manifest"]["data"], json!({"password": "•••"}), "generated values are left out");
    assert_eq!(
        (&secret["fields"][0]["path"], &secret["fields"][0]["generated"]),
        (&json!("data.token"), &json!("new"))
    );
    assert_eq!(json["objects"][2]["manifest"]["spec"]["replicas"], 1);
    assert!(!printed.contains("first-password") && !printed.contains("Zmlyc3QtcGFzc3dvcmQ"), "{printed}");
    let kchart = kchart.run("diff web -o json --short");
    let json: Json = serde_json::from_str(&kchart.success().stdout).expect("it is JSON");
    assert_eq!(json["objects"][0]["manifest"], Json::Null);
    // And when they go.
    let kchart = kchart.run("install web -q");
    kchart.success();
    let nothing = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n";
    let kchart = kchart.file("web/templates/all.yaml.hbs", nothing).run("diff web --no-wait");
    let printed = kchart.success().stdout;
    assert!(printed.contains("- delete  Secret/web"), "{printed}");
    assert!(
        printed.contains("      - data:\n      -   password: \"•••\"\n      -   token: (generated)\n"),
        "{printed}"
    );
    assert!(!printed.contains("first-password") && !printed.contains("Zmlyc3QtcGFzc3dvcmQ"), "{printed}");
}
