//! The life of a release on the sandbox, one command after the other.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

#[test]
fn what_a_release_leaves_is_found_again_and_purged_when_asked() {
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json");

    let kchart = kchart.run("install ./web");
    let printed = kchart.success();
    assert_text(
        &printed.stdout,
        str![[r#"
web installed in namespace default, revision 1 (create 3)

"#]],
    );
    let kchart = kchart.run("install ./web");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: release `web` is already installed in namespace `default`
   = revision 1 is in force, chart web 0.1.0
hint: to change it: `kchart upgrade web CHART -n default`

"#]],
    );

    let kchart = kchart.run("list");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
NAME  NAMESPACE  REVISION  STATUS    UPDATED               CHART      VOLUMES
web   default    1         deployed  [DATE]  web-0.1.0  1

"#]],
    );
    let kchart = kchart.run("status web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web in namespace default: deployed, revision 1 of [DATE], chart web-0.1.0

OBJECT                          STATE
PersistentVolumeClaim/web-data  ready
Secret/web                      ready
Deployment/web                  ready

CLAIM     SIZE  VOLUME                                    PHASE  SINCE                 OPENED BY
web-data  1Gi   pvc-[UID]  Bound  [DATE]  -

"#]],
    );
    let kchart = kchart.run("history web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
REVISION  STARTED               STATUS    CHART      DESCRIPTION
1         [DATE]  deployed  web-0.1.0  install complete

"#]],
    );

    let kchart = kchart.run("uninstall web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web uninstalled in namespace default (delete 2)
kept
  OBJECT                          SIZE  VOLUME                                    WHY
  PersistentVolumeClaim/web-data  1Gi   pvc-[UID]  holds data
to remove what was kept, data included: kchart uninstall web -n default --purge-volumes

"#]],
    );
    let kchart = kchart.run("list");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
NAME  NAMESPACE  REVISION  STATUS       UPDATED  CHART  VOLUMES
web   default    -         uninstalled  -        -      1

"#]],
    );
    let kchart = kchart.run("status web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web in namespace default: uninstalled

CLAIM     SIZE  VOLUME                                    PHASE  SINCE                 OPENED BY
web-data  1Gi   pvc-[UID]  Bound  [DATE]  -

"#]],
    );

    let kchart = kchart.run("install ./web -q -o json");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
{
  "name": "web",
  "namespace": "default",
  "revision": 1,
  "status": "deployed",
  "chart": {
    "name": "web",
    "version": "0.1.0"
  },
  "outcome": "installed",
  "rolledBackTo": null,
  "objects": {
    "create": 2,
    "update": 0,
    "replace": 0,
    "delete": 0,
    "keep": 1
  },
  "found": [
    {
      "object": {
        "group": "",
        "kind": "PersistentVolumeClaim",
        "namespace": "default",
        "name": "web-data"
      },
      "why": "holds data since [DAY]",
      "size": "1Gi",
      "volume": "pvc-[UID]",
      "remove": null
    }
  ],
  "kept": [],
  "hazards": [],
  "notes": null,
  "failure": null
}

"#]],
    );
    let kchart = kchart.run("uninstall --purge-volumes");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web purged in namespace default (delete 3)
volumes
  CLAIM     VOLUME                                    SIZE  CLASS     POLICY  FATE
  web-data  pvc-[UID]  1Gi   standard  Delete  erased by its provisioner sandbox.kchart.dev/local

"#]],
    );
    let kchart = kchart.run("list");
    let printed = kchart.success();
    assert_eq!(printed.stdout, "");
    let kchart = kchart.run("uninstall web");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: there is no release `web` in namespace `default`
hint: `kchart list -A` shows the releases of all namespaces

"#]],
    );
    let kchart = kchart.run("uninstall web --ignore-not-found");
    kchart.success();
}

#[test]
fn an_upgrade_changes_what_differs_and_nothing_else() {
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.run("upgrade web ./web");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: there is no release `web` in namespace `default`
hint: `kchart list -A` shows the releases of all namespaces
hint: `--install` installs it when it is not there

"#]],
    );
    let kchart = kchart.run("upgrade --install web ./web --set replicas=2");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web installed in namespace default, revision 1 (create 3)

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --set replicas=2");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web unchanged in namespace default, revision 1

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --reuse-values --set image=nginx:1.30 --dry-run");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
plan for web in namespace default
  ~ update  Deployment/web
      spec.template.spec.containers[name="main"].image: "nginx:1.29" → "nginx:1.30"  (--set image=nginx:1.30)
1 to update (1 field), 2 unchanged

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --reuse-values --set image=nginx:1.30");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web upgraded in namespace default, revision 2 (update 1)

"#]],
    );
    let kchart = kchart.run("get values web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
replicas: 2
image: nginx:1.30

"#]],
    );
    let kchart = kchart.run("get values web --all -o json");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
{
  "image": "nginx:1.30",
  "replicas": 2,
  "password": "•••",
  "size": "1Gi"
}

"#]],
    );
    let kchart = kchart.run("history web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
REVISION  STARTED               STATUS      CHART      DESCRIPTION
1         [DATE]  superseded  web-0.1.0  install complete
2         [DATE]  deployed    web-0.1.0  upgrade complete

"#]],
    );
}

#[test]
fn without_a_name_several_releases_are_listed_and_nothing_is_done() {
    let kchart = Kchart::new().chart("web").chart("api").env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.run("uninstall --purge-volumes");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: there is no release in namespace `default`, and nothing that one left
hint: `kchart list -A` shows the releases of all namespaces

"#]],
    );
    let kchart = kchart.run("install ./web");
    kchart.success();
    let kchart = kchart.run("install ./api");
    kchart.success();
    let kchart = kchart.run("uninstall --purge-volumes");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: namespace `default` has 2 releases: say which
   = `api`: deployed, revision 1
   = `web`: deployed, revision 1
hint: `kchart uninstall api -n default --purge-volumes`

"#]],
    );
    let kchart = kchart.run("list --short");
    assert_eq!(kchart.success().stdout, "api\nweb\n");
    let kchart = kchart.run("uninstall web ap");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: there is no release `ap` in namespace `default`
hint: did you mean `api`?

"#]],
    );
    let kchart = kchart.run("list -q");
    assert_eq!(kchart.success().stdout, "api\nweb\n", "one wrong name, and nothing is done for the others");
    let kchart = kchart.run("uninstall web api");
    kchart.success();
}

#[test]
fn rendered_yaml_goes_through_the_same_pipeline() {
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json").run("template shop ./web");
    let yaml = kchart.success().stdout;
    let kchart = kchart.stdin(&yaml).run("install shop --manifest -");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
shop installed in namespace default, revision 1 (create 3)

"#]],
    );
    let kchart = kchart.run("list");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
NAME  NAMESPACE  REVISION  STATUS    UPDATED               CHART  VOLUMES
shop  default    1         deployed  [DATE]  -      1

"#]],
    );
}

#[test]
fn template_writes_a_folder_whole_or_not_at_all() {
    let kchart = Kchart::new().chart("web").run("template ./web --output-dir out");
    kchart.success();
    assert!(kchart.read("out/web/templates/workload.yaml").is_some());
    let kchart = kchart.file("file", "").run("template ./web --output-dir file");
    kchart.failure(1);
    assert_eq!(kchart.read("file").as_deref(), Some(&b""[..]));
    let kchart = kchart.run("template ./web -s templates/workload.yaml");
    assert!(kchart.success().stdout.contains("kind: Deployment"));
    let kchart = kchart.run("template ./web -s templates/worklaod.yaml");
    assert_text(
        &kchart.failure(3).stderr,
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: no object comes from a template `templates/worklaod.yaml`
hint: did you mean `templates/workload.yaml.hbs`?

"#]],
    );
}

#[test]
fn values_of_the_last_revision_are_reused_with_its_defaults_or_without() {
    let chart =
        |image: &str, more: &str| format!("image: {image}\nreplicas: 1\npassword: a-long-password\nsize: 1Gi\n{more}");
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.file("web/values.yaml", chart("nginx:1.1", "old: 1\n")).run("install ./web --set replicas=2");
    kchart.success();
    let kchart = kchart.file("web/values.yaml", chart("nginx:1.2", "new: 2\n"));

    let kchart = kchart.run("upgrade web ./web --reuse-values --dry-run --strict");
    let printed = kchart.success();
    assert!(printed.stdout.contains("nothing would change"), "{}", printed.stdout);
    assert!(
        printed.stderr.contains("values: all of revision 1, defaults of its chart included, then the given ones"),
        "{}",
        printed.stderr
    );
    let kchart = kchart.run("upgrade web ./web --reset-then-reuse-values");
    let printed = kchart.success();
    assert!(
        printed.stderr.contains("values: the chart's defaults, those given for revision 1, then the given ones"),
        "{}",
        printed.stderr
    );
    let kchart = kchart.run("get values web --all");
    assert_eq!(kchart.success().stdout, "image: nginx:1.2\nreplicas: 2\npassword: \"•••\"\nsize: 1Gi\nnew: 2\n");
    let kchart = kchart.run("get values web");
    assert_eq!(kchart.success().stdout, "replicas: 2\n", "what was given is kept as given");
    let kchart = kchart.run("upgrade web ./web --reset-values --dry-run");
    assert!(kchart.success().stdout.contains("spec.replicas: 2 → 1"));
    let kchart = kchart.run("upgrade web ./web --reset-values --reuse-values");
    kchart.failure(64);
}
