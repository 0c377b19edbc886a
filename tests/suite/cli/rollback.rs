//! `kchart rollback`, and the way back after a failure.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

fn kchart() -> Kchart {
    Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json")
}

#[test]
fn an_earlier_revision_comes_back_as_a_new_one() {
    let kchart = kchart().run("install web --set replicas=2");
    kchart.success();
    let kchart = kchart.run("upgrade web ./web --set image=nginx:1.30 --description second");
    kchart.success();
    let kchart = kchart.run("rollback web 0 --dry-run");
    let printed = kchart.success();
    assert_text(
        &printed.stdout,
        str![[r#"
plan for web in namespace default
  ~ update  Deployment/web
      spec.replicas: 1 → 2
      spec.template.spec.containers[name="main"].image: "nginx:1.30" → "nginx:1.29"
1 to update (2 fields), 2 unchanged

"#]],
    );
    let kchart = kchart.run("rollback web");
    let printed = kchart.success();
    assert_text(
        &printed.stdout,
        str![[r#"
web rolled back to revision 1 in namespace default, revision 3 (update 1)

"#]],
    );
    assert!(printed.stderr.contains("back to revision 1, chart web 0.1.0\n"), "{}", printed.stderr);
    let kchart = kchart.run("history web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
REVISION  STARTED               STATUS      CHART      DESCRIPTION
1         [DATE]  superseded  web-0.1.0  install complete
2         [DATE]  superseded  web-0.1.0  second
3         [DATE]  deployed    web-0.1.0  rollback to revision 1

"#]],
    );
    let kchart = kchart.run("get values web");
    assert_eq!(kchart.success().stdout, "replicas: 2\n");
    let kchart = kchart.run("rollback web 3 -o json");
    assert!(kchart.success().stdout.contains(r#""outcome": "unchanged""#));
    let kchart = kchart.run("rollback web 2 -o json");
    assert!(kchart.success().stdout.contains(r#""rolledBackTo": 2"#));
}

#[test]
fn a_revision_that_is_gone_or_never_worked_is_told() {
    let kchart = kchart().run("rollback web");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: there is no release `web` in namespace `default`
hint: `kchart list -A` shows the releases of all namespaces

"#]],
    );
    let kchart = kchart.run("install web");
    kchart.success();
    let kchart = kchart.run("rollback web");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: there is no revision of `web` to go back to: none before the present one worked
hint: `kchart history web -n default` shows them all

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --set image=does-not-exist:1 --timeout 0s");
    assert_text(
        &kchart.failure(4).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
[TIME] updated Deployment/web
[TIME] waiting for Deployment/web: 1 replica of the old version still to end
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
    = Deployment/web: 1 replica of the old version still to end
    =   Pod/web-[POD]: Pending on node `sandbox`
    =     event Failed: Error: ImagePullBackOff
    =     event Failed: Error: ErrImagePull
    =     event Failed: Failed to pull image "does-not-exist:1": rpc error: code = NotFound desc = failed to pull and unpack image "does-not-exist:1": failed to resolve reference "does-not-exist:1": does-not-exist:1: not found
    =     container main: waiting, ImagePullBackOff: Back-off pulling image "does-not-exist:1": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "does-not-exist:1": failed to resolve reference "does-not-exist:1": does-not-exist:1: not found
    = revision 2 of `web` is recorded as failed; 1 of 4 steps were done, and stay
hint: check its name and tag, or push it
hint: it was waited for 0 s; `--timeout` gives more time
hint: when the cause is removed, run the same command again: it goes on from here
hint: or go back to what worked: `kchart rollback web -n default`

"#]],
    );
    let mut kchart = kchart.run("rollback web 2");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: revision 2 of `web` never worked: it is failed
   = `Deployment/web` is not ready: image `does-not-exist:1` of container `main` can't be pulled: there is no such image or tag
hint: revision 1 did: `kchart rollback web 1 -n default`

"#]],
    );
    for image in ["nginx:1.30", "nginx:1.31", "nginx:1.32"] {
        kchart = kchart.run(&format!("upgrade web ./web --set image={image} --history-max 2"));
        kchart.success();
    }
    let kchart = kchart.run("rollback web 1");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: there is no revision 1 of `web`
   = older revisions are removed: `--history-max` says how many are kept
hint: there are 4, 5: `kchart history web -n default`

"#]],
    );
}

#[test]
fn a_failed_upgrade_goes_back_with_its_own_exit_code() {
    let kchart = kchart().run("deploy web");
    kchart.success();
    let kchart = kchart.run("deploy web --set image=does-not-exist:1 --timeout 0s");
    let printed = kchart.failure(4);
    assert_eq!(printed.stdout, "");
    assert_text(
        &printed.stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder web)
[TIME] updated Deployment/web
[TIME] waiting for Deployment/web: 1 replica of the old version still to end
[TIME] failed: waiting for Deployment/web: image `does-not-exist:1` of container `main` can't be pulled: there is no such image or tag
[TIME] rolling back to revision 1
[TIME] updated Deployment/web
[TIME] ready   Deployment/web
error: `Deployment/web` is not ready: image `does-not-exist:1` of container `main` can't be pulled: there is no such image or tag
   --> web/templates/workload.yaml.hbs:34:18
    |
 34 |           image: {{values.image}}
    |                  ^
   ::: the command line
    |
    | --set image=does-not-exist:1
    |             - set here
    = Deployment/web: 1 replica of the old version still to end
    =   Pod/web-[POD]: Pending on node `sandbox`
    =     event Failed: Error: ImagePullBackOff
    =     event Failed: Error: ErrImagePull
    =     event Failed: Failed to pull image "does-not-exist:1": rpc error: code = NotFound desc = failed to pull and unpack image "does-not-exist:1": failed to resolve reference "does-not-exist:1": does-not-exist:1: not found
    =     container main: waiting, ImagePullBackOff: Back-off pulling image "does-not-exist:1": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "does-not-exist:1": failed to resolve reference "does-not-exist:1": does-not-exist:1: not found
    = revision 2 of `web` is recorded as failed; 1 of 4 steps were done
    = it was rolled back to revision 1, as revision 3
hint: check its name and tag, or push it
hint: it was waited for 0 s; `--timeout` gives more time
hint: when the cause is removed, run the same command again

"#]],
    );
    let kchart = kchart.run("history web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
REVISION  STARTED               STATUS      CHART      DESCRIPTION
1         [DATE]  superseded  web-0.1.0  install complete
2         [DATE]  failed      web-0.1.0  `Deployment/web` is not ready: image `does-not-exist:1` of container `main` can't be pulled: there is no such image or tag
3         [DATE]  deployed    web-0.1.0  rollback to revision 1, as revision 2 failed

"#]],
    );
    let kchart = kchart.run("diff web ./web --detailed-exitcode");
    kchart.success();
    let kchart = kchart.run("upgrade web ./web --set image=does-not-exist:1 --timeout 0s --atomic");
    assert!(kchart.failure(4).stderr.contains("it was rolled back to revision 3, as revision 5"));
    let kchart = kchart.run("deploy web --no-wait --rollback-on-failure");
    kchart.failure(64);
}

#[test]
fn a_failed_first_install_leaves_its_volume_and_login_to_the_retry() {
    let kchart = Kchart::new()
        .env("KCHART_SANDBOX", "box.json")
        .run("deploy rabbitmq --set image.tag=does-not-exist --timeout 0s");
    assert_text(
        &kchart.failure(4).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: rabbitmq 0.1.0 (bundled with kchart)
[TIME] created ServiceAccount/rabbitmq
[TIME] created Service/rabbitmq
[TIME] created Service/rabbitmq-nodes
[TIME] created Secret/rabbitmq
[TIME] updated Secret/rabbitmq
[TIME] created PersistentVolumeClaim/data-rabbitmq-0
[TIME] created StatefulSet/rabbitmq
[TIME] waiting for StatefulSet/rabbitmq: 0 of 1 replica ready
[TIME] ready   PersistentVolumeClaim/data-rabbitmq-0
[TIME] failed: waiting for StatefulSet/rabbitmq: image `rabbitmq:does-not-exist` of container `rabbitmq` can't be pulled: there is no such image or tag
[TIME] taking the install away; volumes and what opens them stay
[TIME] deleted StatefulSet/rabbitmq
[TIME] deleted Service/rabbitmq
[TIME] deleted Service/rabbitmq-nodes
[TIME] deleted ServiceAccount/rabbitmq
error: `StatefulSet/rabbitmq` is not ready: image `rabbitmq:does-not-exist` of container `rabbitmq` can't be pulled: there is no such image or tag
   --> <bundled>/rabbitmq/templates/statefulset.yaml.hbs:15:8
    |
 15 | image: {{values.image.repository}}:{{values.image.tag}}
    |        ^
   ::: the command line
    |
    | --set image.tag=does-not-exist
    |                 - set here
    = StatefulSet/rabbitmq: 0 of 1 replica ready
    =   Pod/rabbitmq-0: Pending on node `sandbox`
    =     event Failed: Error: ImagePullBackOff
    =     event Failed: Error: ErrImagePull
    =     event Failed: Failed to pull image "rabbitmq:does-not-exist": rpc error: code = NotFound desc = failed to pull and unpack image "rabbitmq:does-not-exist": failed to resolve reference "rabbitmq:does-not-exist": rabbitmq:does-not-exist: not found
    =     container rabbitmq: waiting, ImagePullBackOff: Back-off pulling image "rabbitmq:does-not-exist": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "rabbitmq:does-not-exist": failed to resolve reference "rabbitmq:does-not-exist": rabbitmq:does-not-exist: not found
    = revision 1 of `rabbitmq` is recorded as failed; 9 of 12 steps were done
    = the install was taken away again; `PersistentVolumeClaim/data-rabbitmq-0`, `Secret/rabbitmq` stay, and the next install uses them
hint: check its name and tag, or push it
hint: it was waited for 0 s; `--timeout` gives more time
hint: when the cause is removed, run the same command again

"#]],
    );
    let kchart = kchart.run("get credentials rabbitmq --reveal");
    let password = kchart.success().stdout;
    assert!(password.contains("generated"), "{password}");
    let kchart = kchart.run("status rabbitmq");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
rabbitmq in namespace default: uninstalled, revision 1 of [DATE], chart rabbitmq-0.1.0
  install failed and was taken away: `StatefulSet/rabbitmq` is not ready: image `rabbitmq:does-not-exist` of container `rabbitmq` can't be pulled: there is no such image or tag

why revision 1 failed:
  `StatefulSet/rabbitmq` is not ready: image `rabbitmq:does-not-exist` of container `rabbitmq` can't be pulled: there is no such image or tag
    StatefulSet/rabbitmq: 0 of 1 replica ready
      Pod/rabbitmq-0: Pending on node `sandbox`
        event Failed: Error: ImagePullBackOff
        event Failed: Error: ErrImagePull
        event Failed: Failed to pull image "rabbitmq:does-not-exist": rpc error: code = NotFound desc = failed to pull and unpack image "rabbitmq:does-not-exist": failed to resolve reference "rabbitmq:does-not-exist": rabbitmq:does-not-exist: not found
        container rabbitmq: waiting, ImagePullBackOff: Back-off pulling image "rabbitmq:does-not-exist": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "rabbitmq:does-not-exist": failed to resolve reference "rabbitmq:does-not-exist": rabbitmq:does-not-exist: not found
    hint: check its name and tag, or push it

OBJECT                                 STATE
PersistentVolumeClaim/data-rabbitmq-0  ready
Secret/rabbitmq                        ready

CLAIM            SIZE  VOLUME                                    PHASE  SINCE                 OPENED BY
data-rabbitmq-0  1Gi   pvc-[UID]  Bound  [DATE]  rabbitmq/password, rabbitmq/username

"#]],
    );
    let kchart = kchart.run("deploy rabbitmq");
    kchart.success();
    let kchart = kchart.run("get credentials rabbitmq --reveal");
    assert_eq!(kchart.success().stdout, password);
    let kchart = kchart.run("history rabbitmq");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
REVISION  STARTED               STATUS       CHART           DESCRIPTION
1         [DATE]  uninstalled  rabbitmq-0.1.0  install failed and was taken away: `StatefulSet/rabbitmq` is not ready: image `rabbitmq:does-not-exist` of container `rabbitmq` can't be pulled: there is no such image or tag
2         [DATE]  deployed     rabbitmq-0.1.0  install complete

"#]],
    );
}

#[cfg(unix)]
#[test]
fn who_interrupts_is_told_how_to_go_on_and_how_to_go_back() {
    let kchart = kchart().run("deploy web");
    kchart.success();
    let kchart = kchart.run("deploy web --set image=does-not-exist:1");
    let (code, stderr) = kchart.interrupt_when("waiting for Deployment/web");
    assert_eq!(code, Some(130));
    assert_text(
        &stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder web)
[TIME] updated Deployment/web
[TIME] waiting for Deployment/web: 1 replica of the old version still to end
[TIME] stopping: interrupted by SIGINT; what is under way ends, a second signal leaves at once
error: interrupted by SIGINT after 1 of 4 steps
   = revision 2 of `web` is recorded as failed; 1 of 4 steps were done, and stay
hint: run the same command again: it goes on from here
hint: or go back to what worked: `kchart rollback web -n default`

"#]],
    );
    let kchart = kchart.run("rollback web");
    kchart.success();
}
