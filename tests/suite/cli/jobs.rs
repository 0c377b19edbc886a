//! Jobs as steps: when each runs, what waits for it, and what happens when the last one of a release fails.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

const TEMPLATE: &str = r#"apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  ttlSecondsAfterFinished: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: migrate:{{values.version}}}]
---
apiVersion: batch/v1
kind: Job
metadata:
  name: seed
  annotations:
    kchart.dev/run: {{values.run}}
    kchart.dev/depends-on: job/migrate
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: seed:{{values.version}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    kchart.dev/depends-on: job/migrate, job/seed
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers: [{name: main, image: web:{{values.version}}}]
---
apiVersion: batch/v1
kind: Job
metadata:
  name: dump
  annotations:
    kchart.dev/run: before-uninstall
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: dump:1, command: {{values.dump}}}]
"#;

fn kchart() -> Kchart {
    Kchart::new()
        .file("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
        .file("web/values.yaml", "version: 1\nrun: once\ndump: [\"true\"]\n")
        .file("web/templates/all.yaml.hbs", TEMPLATE)
        .env("KCHART_SANDBOX", "box.json")
}

#[test]
fn a_job_runs_before_what_depends_on_it_and_again_only_when_it_should() {
    let kchart = kchart().run("install ./web");
    let printed = kchart.success();
    assert_text(
        &printed.stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
[TIME] created Job/migrate
[TIME] waiting for Job/migrate: it does not exist yet
[TIME] ready   Job/migrate
[TIME] created Job/seed
[TIME] waiting for Job/seed: it does not exist yet
[TIME] ready   Job/seed
[TIME] created Deployment/web
[TIME] ready   Deployment/web

"#]],
    );
    let kchart = kchart.run("status web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web in namespace default: deployed, revision 1 of [DATE], chart web-0.1.0

OBJECT          STATE
Deployment/web  ready
Job/dump        absent  runs before an uninstall
Job/migrate     absent  ran, and its time to live is over
Job/seed        ready

"#]],
    );
    // The migration went by its time to live: that is no reason to run it again.
    let kchart = kchart.run("upgrade web ./web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web unchanged in namespace default, revision 1

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --set version=2 --dry-run");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
plan for web in namespace default
  ~ update  Deployment/web
      spec.template.spec.containers[name="main"].image: "web:1" → "web:2"  (--set version=2)
  + create  Job/migrate
      + apiVersion: batch/v1
      + kind: Job
      + metadata:
      +   name: migrate
      +   namespace: default
      +   labels:
      +     app.kubernetes.io/managed-by: kchart
      +     kchart.dev/release: web
      + spec:
      +   ttlSecondsAfterFinished: 0
      +   template:
      +     spec:
      +       restartPolicy: Never
      +       containers:
      +       - name: main
      +         image: migrate:2
1 to create, 1 to update (1 field), 2 unchanged

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --set version=2");
    kchart.success();
    let kchart = kchart.run("uninstall web");
    let printed = kchart.success();
    let told = ["created Job/dump", "ready   Job/dump", "deleted Deployment/web", "deleted Job/dump"];
    let at = told.map(|line| printed.stderr.find(line).unwrap_or_else(|| panic!("{}", printed.stderr)));
    assert!(at.is_sorted(), "{}", printed.stderr);
    assert_text(
        &printed.stdout,
        str![[r#"
web uninstalled in namespace default (delete 2)

"#]],
    );
}

#[test]
fn an_uninstall_stops_where_its_job_fails_and_goes_on_when_told_to() {
    let kchart = kchart().run("install ./web --set-json dump=[\"false\"]");
    kchart.success();
    let kchart = kchart.run("uninstall web");
    let pods = regex::Regex::new("dump-[a-z0-9]{5}").unwrap();
    assert_text(
        &pods.replace_all(&kchart.failure(4).stderr, "dump-[POD]"),
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
[TIME] created Job/dump
[TIME] failed: waiting for Job/dump: container `main` ended with exit code 1; its last words: `exited with code 1`
error: `Job/dump` is not ready: container `main` ended with exit code 1; its last words: `exited with code 1`
   = Job/dump: it failed: Job has reached the specified backoff limit
   =   Pod/dump-[POD]: Failed on node `sandbox`
   =     container main: ended with exit code 1
   =       log | exited with code 1
   = `web` is taken away in part: 1 of 9 steps were done
hint: to go on from here: `kchart uninstall web -n default`
hint: or without the Jobs that are to run before: `kchart uninstall web -n default --skip-jobs`

"#]],
    );
    let kchart = kchart.run("uninstall web");
    assert_eq!(kchart.failure(4).stdout, "", "it is tried again");
    let kchart = kchart.run("uninstall web --skip-jobs");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web uninstalled in namespace default (delete 3)

"#]],
    );
    let kchart = kchart.run("list");
    assert_text(&kchart.success().stdout, str![[r#""#]]);
}

#[test]
fn an_unknown_occasion_is_shown_where_it_is_written() {
    let kchart = kchart().run("install ./web --set run=onse");
    assert_text(
        &kchart.failure(3).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: `kchart.dev/run` of `Job/seed` is `onse`
   --> ./web/templates/all.yaml.hbs:17:21
    |
 17 |     kchart.dev/run: {{values.run}}
    |                     ^
   ::: the command line
    |
    | --set run=onse
    |           - set here
hint: did you mean `once`?

"#]],
    );
}
