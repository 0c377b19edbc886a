//! What does not work out: nothing is lost, and what to do next is said.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

#[test]
fn a_failed_install_is_gone_on_with() {
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.run("install ./web --set image=does-not-exist:1 --timeout 0s");
    let printed = kchart.failure(4);
    assert_eq!(printed.stdout, "");
    assert_text(
        &printed.stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
[TIME] created Secret/web
[TIME] created PersistentVolumeClaim/web-data
[TIME] created Deployment/web
[TIME] waiting for Deployment/web: 0 of 1 replica available
[TIME] ready   PersistentVolumeClaim/web-data
[TIME] failed: waiting for Deployment/web: image `does-not-exist:1` of container `main` can't be pulled: there is no such image or tag
error: `Deployment/web` is not ready: image `does-not-exist:1` of container `main` can't be pulled: there is no such image or tag
   --> ./web/templates/workload.yaml.hbs:34:18
    |
 34 |           image: {{values.image}}
    |                  ^
   ::: the command line
    |
    | --set image=does-not-exist:1
    |             - set here
    = Deployment/web: 0 of 1 replica available
    =   Pod/web-[POD]: Pending on node `sandbox`
    =     event Failed: Error: ImagePullBackOff
    =     event Failed: Error: ErrImagePull
    =     event Failed: Failed to pull image "does-not-exist:1": rpc error: code = NotFound desc = failed to pull and unpack image "does-not-exist:1": failed to resolve reference "does-not-exist:1": does-not-exist:1: not found
    =     container main: waiting, ImagePullBackOff: Back-off pulling image "does-not-exist:1": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "does-not-exist:1": failed to resolve reference "does-not-exist:1": does-not-exist:1: not found
    = revision 1 of `web` is recorded as failed; 5 of 8 steps were done, and stay
hint: check its name and tag, or push it
hint: it was waited for 0 s; `--timeout` gives more time
hint: when the cause is removed, run the same command again: it goes on from here
hint: or take it away: `kchart uninstall web -n default` (volumes and what opens them are kept)

"#]],
    );
    let kchart = kchart.run("list --failed --deployed");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
NAME  NAMESPACE  REVISION  STATUS  UPDATED               CHART      VOLUMES
web   default    1         failed  [DATE]  web-0.1.0  1

"#]],
    );
    let kchart = kchart.run("list --pending");
    assert_eq!(kchart.success().stdout, "");
    let kchart = kchart.run("status web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web in namespace default: failed, revision 1 of [DATE], chart web-0.1.0

why revision 1 failed:
  `Deployment/web` is not ready: image `does-not-exist:1` of container `main` can't be pulled: there is no such image or tag
    Deployment/web: 0 of 1 replica available
      Pod/web-[POD]: Pending on node `sandbox`
        event Failed: Error: ImagePullBackOff
        event Failed: Error: ErrImagePull
        event Failed: Failed to pull image "does-not-exist:1": rpc error: code = NotFound desc = failed to pull and unpack image "does-not-exist:1": failed to resolve reference "does-not-exist:1": does-not-exist:1: not found
        container main: waiting, ImagePullBackOff: Back-off pulling image "does-not-exist:1": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "does-not-exist:1": failed to resolve reference "does-not-exist:1": does-not-exist:1: not found
    hint: check its name and tag, or push it

OBJECT                          STATE
PersistentVolumeClaim/web-data  ready
Secret/web                      ready
Deployment/web                  waiting  0 of 1 replica available

CLAIM     SIZE  VOLUME                                    PHASE  SINCE                 OPENED BY
web-data  1Gi   pvc-[UID]  Bound  [DATE]  -

"#]],
    );

    let kchart = kchart.run("install ./web -o yaml");
    let printed = kchart.success();
    assert_text(
        &printed.stdout,
        str![[r#"
name: web
namespace: default
revision: 2
status: deployed
chart:
  name: web
  version: "0.1.0"
outcome: installed
rolledBackTo: null
objects:
  create: 0
  update: 1
  replace: 0
  delete: 0
  keep: 2
found:
- object:
    group: ""
    kind: PersistentVolumeClaim
    namespace: default
    name: web-data
  why: holds data since [DAY]
  size: 1Gi
  volume: pvc-[UID]
  remove: null
kept: []
hazards: []
notes: null
failure: null

"#]],
    );
    let told = "going on from revision 1, which is failed: 3 of its 3 changes were made\n";
    assert!(printed.stderr.contains(told), "{}", printed.stderr);
    let kchart = kchart.run("history web --max 1");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
REVISION  STARTED               STATUS    CHART      DESCRIPTION
2         [DATE]  deployed  web-0.1.0  install complete

"#]],
    );
}

#[test]
fn the_password_of_a_kept_volume_stays_what_it_was() {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.run("install rabbitmq --set auth.password=first-password");
    kchart.success();
    let kchart = kchart.run("get credentials rabbitmq");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
SECRET    KEY       KIND   OPENS            VALUE
rabbitmq  password  given  data-rabbitmq-0  •••
rabbitmq  username  given  data-rabbitmq-0  •••

"#]],
    );
    let kchart = kchart.run("upgrade rabbitmq rabbitmq --set auth.password=second-password");
    assert_text(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: rabbitmq 0.1.0 (bundled with kchart)
error: volume claim `data-rabbitmq-0` (1Gi, since [DAY], of release `rabbitmq`) was initialised with another `password` of Secret `rabbitmq` than the one that is given now
  --> <bundled>/rabbitmq/templates/secret.yaml.hbs:7:32
   |
 7 |   {{values.auth.passwordKey}}: {{values.auth.password}}
   |                                ^
   = the image reads it only when its volume is empty (`kchart.dev/credentials` of `StatefulSet/rabbitmq`): logins with the new value would be refused
hint: give the old value for `password` of `rabbitmq`
hint: or have it changed inside the service too: add `--rotate-credentials`
hint: or destroy the data: `kchart uninstall rabbitmq -n default --purge-volumes`, then install again

"#]],
    );
    let kchart = kchart.run("uninstall");
    kchart.success();
    let kchart = kchart.run("install rabbitmq --set auth.password=second-password");
    assert_text(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: rabbitmq 0.1.0 (bundled with kchart)
error: volume claim `data-rabbitmq-0` (1Gi, since [DAY], of release `rabbitmq`) was initialised with another `password` of Secret `rabbitmq` than the one that is given now
  --> <bundled>/rabbitmq/templates/secret.yaml.hbs:7:32
   |
 7 |   {{values.auth.passwordKey}}: {{values.auth.password}}
   |                                ^
   = the image reads it only when its volume is empty (`kchart.dev/credentials` of `StatefulSet/rabbitmq`): logins with the new value would be refused
hint: give the old value for `password` of `rabbitmq`
hint: or have it changed inside the service too: add `--rotate-credentials`
hint: or destroy the data: `kchart uninstall rabbitmq -n default --purge-volumes`, then install again

"#]],
    );
    let kchart = kchart.run("install rabbitmq --set auth.password=first-password");
    kchart.success();
    let kchart = kchart.run("get credentials rabbitmq --reveal");
    assert!(kchart.success().stdout.contains("first-password"));
}

#[test]
fn a_generated_password_outlives_its_release_and_not_its_volume() {
    let password = |kchart: &Kchart| {
        let json = kchart.success().stdout;
        let keys: serde_json::Value = serde_json::from_str(&json).expect("JSON is printed");
        let key =
            keys.as_array().and_then(|keys| keys.iter().find(|key| key["key"] == "password")).expect("a password");
        key["value"].as_str().expect("it is there").to_owned()
    };
    let reveal = "get credentials rabbitmq --reveal -o json";
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").run("install rabbitmq");
    kchart.success();
    let kchart = kchart.run(reveal);
    let first = password(&kchart);
    let kchart = kchart.run("uninstall rabbitmq");
    kchart.success();
    let kchart = kchart.run(reveal);
    assert_eq!(password(&kchart), first, "after uninstall");
    let kchart = kchart.run("install rabbitmq");
    kchart.success();
    let kchart = kchart.run(reveal);
    assert_eq!(password(&kchart), first, "after the second install");
    let kchart = kchart.run("uninstall --purge-volumes");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
rabbitmq purged in namespace default (delete 6)
volumes
  CLAIM            VOLUME                                    SIZE  CLASS     POLICY  FATE
  data-rabbitmq-0  pvc-[UID]  1Gi   standard  Delete  erased by its provisioner sandbox.kchart.dev/local

"#]],
    );
    let kchart = kchart.run("install rabbitmq");
    kchart.success();
    let kchart = kchart.run(reveal);
    assert_ne!(password(&kchart), first, "after the purge");
}

#[cfg(unix)]
#[test]
fn an_interrupted_install_says_where_it_stood() {
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.run("install ./web --set image=does-not-exist:1");
    let (code, stderr) = kchart.interrupt_when("waiting for Deployment/web: ");
    assert_eq!(code, Some(130), "{stderr}");
    let told = stderr.split_once("error: ").expect("it says why it ended").1;
    assert_text(
        told,
        str![[r#"
interrupted by SIGINT after 5 of 8 steps
   = revision 1 of `web` is recorded as failed; 5 of 8 steps were done, and stay
hint: run the same command again: it goes on from here
hint: or take it away: `kchart uninstall web -n default` (volumes and what opens them are kept)

"#]],
    );
    let kchart = kchart.run("history web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
REVISION  STARTED               STATUS  CHART      DESCRIPTION
1         [DATE]  failed  web-0.1.0  interrupted by SIGINT after 5 of 8 steps

"#]],
    );
}

#[test]
fn nothing_to_install_hooks_of_helm_and_a_mistyped_name_are_told() {
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json");
    let job = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    helm.sh/hook: pre-install\n";
    let kchart = kchart.file("all.yaml", job).run("install hooked --manifest all.yaml");
    let stderr = kchart.success().stderr;
    assert!(
        stderr.contains(
            "warning: `ConfigMap/a` is a hook of Helm (pre-install), and is applied like any object\n  --> all.yaml:6:"
        ),
        "{stderr}"
    );
    let kchart = kchart
        .file("empty/Chart.yaml", "apiVersion: v2\nname: empty\nversion: 0.1.0\n")
        .file("empty/templates/nothing.yaml.hbs", "{{#if false}}\na: 1\n{{/if}}\n")
        .run("install ./empty");
    let stderr = kchart.success().stderr;
    assert!(stderr.contains("warning: nothing is rendered: the release has no objects"), "{stderr}");
    let kchart = kchart.run("upgrade hookde --manifest all.yaml");
    let stderr = kchart.failure(1).stderr;
    assert!(stderr.contains("hint: did you mean `hooked`?\nhint: `--install` installs it"), "{stderr}");
    let kchart = kchart.run("list -A --all --short");
    assert_eq!(kchart.success().stdout, "empty\nhooked\n");
}
