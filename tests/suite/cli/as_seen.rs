//! What people ran into: each test is named after what the user saw.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

/// A broker's stand-in: a claim that its image initialises with a generated password.
pub(crate) const DATABASE: &str = r#"apiVersion: v1
kind: Secret
metadata:
  name: {{release.name}}
data:
  password: {{generate "password"}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{release.name}}
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 1Gi
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{release.name}}
spec:
  selector:
    matchLabels: {{release.selectorLabels}}
  template:
    metadata:
      labels: {{release.selectorLabels}}
    spec:
      containers:
        - name: main
          image: postgres:17
          env:
            - name: POSTGRES_PASSWORD
              valueFrom:
                secretKeyRef:
                  name: {{release.name}}
                  key: password
          volumeMounts:
            - name: data
              mountPath: /var/lib/postgresql/data
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: {{release.name}}
"#;

fn database() -> Kchart {
    Kchart::new()
        .file("db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 0.1.0\n")
        .file("db/templates/db.yaml.hbs", DATABASE)
        .file("db/templates/notes.txt.hbs", "See `kchart status {{release.name}} -n {{release.namespace}}`.\n")
}

/// Without the day on which a claim was made.
fn undated(text: &str) -> String {
    regex::Regex::new(r"since \d{4}-\d\d-\d\d")
        .expect("the pattern is one")
        .replace_all(text, "since [DAY]")
        .into_owned()
}

#[test]
fn a_second_install_says_what_it_found_again() {
    let kchart = database().run("install ./db -q --sandbox=box.json");
    assert!(!kchart.success().stdout.contains("found again"));
    let kchart = kchart.run("uninstall db --sandbox=box.json");
    kchart.success();
    let kchart = kchart.run("install ./db --dry-run --sandbox=box.json");
    assert_text(
        &undated(&kchart.success().stdout),
        str![[r#"
plan for db in namespace default
  + create  Deployment/db
      + apiVersion: apps/v1
      + kind: Deployment
      + metadata:
      +   name: db
      +   namespace: default
      +   labels:
      +     app.kubernetes.io/managed-by: kchart
      +     kchart.dev/release: db
      + spec:
      +   selector:
      +     matchLabels:
      +       app.kubernetes.io/name: db
      +       app.kubernetes.io/instance: db
      +   template:
      +     metadata:
      +       labels:
      +         app.kubernetes.io/name: db
      +         app.kubernetes.io/instance: db
      +     spec:
      +       containers:
      +       - name: main
      +         image: postgres:17
      +         env:
      +         - name: POSTGRES_PASSWORD
      +           valueFrom:
      +             secretKeyRef:
      +               name: db
      +               key: password
      +         volumeMounts:
      +         - name: data
      +           mountPath: /var/lib/postgresql/data
      +       volumes:
      +       - name: data
      +         persistentVolumeClaim:
      +           claimName: db
found again
  OBJECT                    SIZE  VOLUME                                    WHY
  PersistentVolumeClaim/db  1Gi   pvc-[UID]  holds data since [DAY]
  Secret/db                 -     -                                         opens `db`
1 to create, 2 unchanged

"#]],
    );
    let kchart = kchart.run("install ./db --dry-run -o json --sandbox=box.json");
    let plan: serde_json::Value = serde_json::from_str(&kchart.success().stdout).expect("it is JSON");
    let kinds = plan["found"].as_array().expect("it is a list").iter().map(|found| found["object"]["kind"].clone());
    assert_eq!(kinds.collect::<Vec<_>>(), ["PersistentVolumeClaim", "Secret"]);
    let kchart = kchart.run("install ./db -q --sandbox=box.json");
    assert_text(
        &undated(&kchart.success().stdout),
        str![[r#"
db installed in namespace default, revision 1 (create 1)
found again
  OBJECT                    SIZE  VOLUME                                    WHY
  PersistentVolumeClaim/db  1Gi   pvc-[UID]  holds data since [DAY]
  Secret/db                 -     -                                         opens `db`

See `kchart --sandbox=box.json status db -n default`.

"#]],
    );
    let kchart = kchart.run("install db ./db -n other --create-namespace -q --sandbox=box.json");
    assert!(!kchart.success().stdout.contains("found again"), "another namespace has its own");
}

#[test]
fn a_told_command_works_when_it_is_pasted() {
    let kchart = database().run("install ./db -q --sandbox=box.json");
    let told = kchart.success().stdout;
    let status = told.split('`').nth(1).expect("the notes tell a command").to_owned();
    assert_eq!(status, "kchart --sandbox=box.json status db -n default");
    let kchart = kchart.run(status.trim_start_matches("kchart "));
    kchart.success();
    let kchart = kchart.run("uninstall db --sandbox=box.json");
    let told = kchart.success().stdout;
    let purge = told.lines().last().and_then(|line| line.split_once("included: ")).expect("it tells how to purge").1;
    let kchart = kchart.run("uninstall db --sandbox=box.json -o json");
    let removed: serde_json::Value = serde_json::from_str(&kchart.success().stdout).expect("it is JSON");
    assert_eq!(removed[0]["purgeCommand"], purge);
    let kchart = kchart.run(purge.trim_start_matches("kchart "));
    kchart.success();
    let kchart = kchart.run("list --sandbox=box.json");
    assert_eq!(kchart.success().stdout, "");
}

#[test]
fn a_rendered_manifest_can_be_applied_to_any_namespace() {
    let kchart = Kchart::new().chart("web").run("template ./web");
    assert!(!kchart.success().stdout.contains("namespace:"));
    let kchart = kchart.run("template ./web -n shop");
    assert_eq!(kchart.success().stdout.matches("  namespace: shop\n").count(), 3);
    let kchart = kchart.run("template ./web").env("KCHART_NAMESPACE", "shop");
    assert_eq!(kchart.success().stdout.matches("  namespace: shop\n").count(), 3);
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: {{release.namespace}}\n";
    let kchart = Kchart::new().chart("web").file("web/templates/x.yaml.hbs", template).run("template ./web");
    assert_eq!(kchart.success().stdout.matches("  namespace: default\n").count(), 1, "the chart says so itself");
}

#[test]
fn upgrade_install_with_one_name_works_as_install_does() {
    let kchart = Kchart::new().chart("web").run("upgrade --install ./web --sandbox=box.json");
    assert!(kchart.success().stdout.starts_with("web installed in namespace default, revision 1"));
    assert!(kchart.success().stdout.starts_with("web unchanged"));
}

#[test]
fn name_and_chart_in_the_wrong_order() {
    let kchart = Kchart::new().chart("web").run("install ./web shop --sandbox=box.json");
    assert_text(
        &kchart.failure(64).stderr,
        str![[r#"
error: `./web` is the path of a chart and stands where the release's name belongs
hint: the name comes first, then the chart: `shop ./web`

"#]],
    );
}

#[test]
fn a_folder_given_as_values_file() {
    let kchart = Kchart::new().chart("web").run("template ./web -f web");
    assert_text(
        &kchart.failure(3).stderr,
        str![[r#"
error: cannot read `web`: is a directory
hint: name a file in it

"#]],
    );
}

#[test]
fn the_file_of_the_sandbox_without_an_equals_sign() {
    let printed = Kchart::new().run("list --sandbox box.json").failure(64);
    assert!(printed.stderr.contains("hint: the sandbox's file is given with `=`: `--sandbox=box.json`"));
}

#[test]
fn a_folder_named_as_sandbox_is_not_to_be_removed() {
    let printed = Kchart::new().chart("web").run("list --sandbox=web").failure(1);
    assert!(!printed.stderr.contains("remove"), "{}", printed.stderr);
}

#[test]
fn verbs_that_people_know_from_helm_are_answered_with_what_to_do() {
    for verb in ["lint", "purge", "apply", "show"] {
        let printed = Kchart::new().run(&format!("{verb} web")).failure(64);
        assert!(printed.stderr.contains("\nhint: "), "{verb}: {}", printed.stderr);
    }
}

#[test]
fn a_mistyped_context_name_in_a_partial() {
    let kchart = Kchart::new()
        .chart("web")
        .file("web/templates/_part.hbs", "a: {{value.image}}\n")
        .file(
            "web/templates/x.yaml.hbs",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  {{> part}}\n",
        )
        .run("template ./web");
    assert!(kchart.failure(3).stderr.contains("hint: did you mean `values`?"));
}

#[test]
fn a_partial_of_the_library_called_without_its_prefix() {
    let kchart = Kchart::new()
        .chart("web")
        .file("web/templates/service.yaml.hbs", "{{> service name=release.fullname}}\n")
        .run("template ./web");
    assert!(kchart.failure(3).stderr.contains("hint: did you mean `kchart/service`?"));
}

#[test]
fn a_subchart_switched_off_by_its_name() {
    let kchart = Kchart::new()
        .chart("web")
        .chart("web/charts/db")
        .file("web/charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 0.1.0\n")
        .file(
            "web/Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n  - name: db\n    version: 0.1.0\n    condition: \
             db.enabled\n",
        )
        .run("template ./web --set db=false");
    assert!(kchart.failure(3).stderr.contains("hint: the subchart is switched by `db.enabled`"));
}

#[test]
fn a_purge_without_a_name_among_several_releases_says_how_to_purge_one() {
    let kchart = Kchart::new().chart("web").run("install a ./web -q --sandbox=box.json");
    kchart.success();
    let kchart = kchart.run("install b ./web -q --sandbox=box.json");
    kchart.success();
    let kchart = kchart.run("uninstall --purge-volumes --sandbox=box.json");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: namespace `default` has 2 releases: say which
   = `a`: deployed, revision 1
   = `b`: deployed, revision 1
hint: `kchart --sandbox=box.json uninstall a -n default --purge-volumes`

"#]],
    );
}

#[test]
fn a_guessed_password_for_a_kept_volume_is_warned_of_before_it_is_waited_for() {
    let kchart = database().run("install ./db -q --sandbox=box.json");
    kchart.success();
    let kchart = kchart.run("uninstall db -q --sandbox=box.json");
    kchart.success();
    let mut state: serde_json::Value =
        serde_json::from_slice(&kchart.read("box.json").expect("the sandbox is there")).expect("it is JSON");
    let objects = state["objects"].as_array_mut().expect("there are objects");
    objects.retain(|object| !(object["kind"] == "Secret" && object["metadata"]["name"] == "db"));
    let given = DATABASE.replace(r#"{{generate "password"}}"#, "{{b64enc values.password}}");
    let kchart = kchart
        .file("box.json", state.to_string())
        .file("db/templates/db.yaml.hbs", given)
        .run("install ./db -q --sandbox=box.json --timeout 1s --set password=a-guess");
    let told = kchart.failure(4).stderr;
    assert!(told.contains("warning: nothing tells whether `password` of Secret `db` opens claim `db`"), "{told}");
}
