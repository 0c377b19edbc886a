//! Bad input: the exact text of its error, with file, line and column where there is one, and what to do next. None of
//! it may lead to a write request; what is wrong with chart or values is said before any request.

use std::fs;

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};
use crate::suite::listener::{Listener, kubeconfig};

/// What an API server says to somebody without rights.
const FORBIDDEN: &str = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"secrets is forbidden: User \"ci\" cannot list resource \"secrets\" in API group \"\" in the namespace \"default\"","reason":"Forbidden","details":{"kind":"secrets"},"code":403}"#;

/// Installs on a cluster that nobody may ask, and returns the error. What is wrong is found without it.
#[track_caller]
fn refused_offline(kchart: Kchart, line: &str, code: u8) -> String {
    let cluster = Listener::answering(403, FORBIDDEN);
    let printed =
        kchart.file("kubeconfig", cluster.kubeconfig()).env("KUBECONFIG", "kubeconfig").run(line).failure(code);
    assert_eq!(cluster.requests(), 0, "the cluster was asked: {}", printed.stderr);
    assert_eq!(printed.stdout, "");
    printed.stderr
}

#[test]
fn a_broken_values_file() {
    let kchart = Kchart::new().chart("web").file("values.yaml", "replicas: 2\nimage: [nginx\npassword: open-sesame\n");
    assert_text(
        &refused_offline(kchart, "install ./web -f values.yaml", 3),
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: expected `,` or a closing bracket before this `:`
  --> values.yaml:3:9
   |
 3 | password: •••
   |         ^

"#]],
    );
}

#[test]
fn a_values_file_that_is_not_there() {
    assert_text(
        &refused_offline(Kchart::new().chart("web").file("values.yaml", ""), "install ./web -f valeus.yaml", 3),
        str![[r#"
error: cannot read `valeus.yaml`: no such file or directory
hint: did you mean `values.yaml`?

"#]],
    );
}

#[test]
fn a_broken_template() {
    let kchart = Kchart::new()
        .chart("web")
        .file("web/templates/config.yaml.hbs", "kind: ConfigMap\nname: {{#if values.replicas}}\n");
    assert_text(
        &kchart.run("template ./web").failure(3).stderr,
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: `{{#if}}` is not closed
  --> ./web/templates/config.yaml.hbs:2:7
   |
 2 | name: {{#if values.replicas}}
   |       ^^^^^^^^^^^^^^^^^^^^^^^
hint: end it with `{{/if}}`

"#]],
    );
}

#[test]
fn an_undeclared_key_in_a_hole() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{values.imgae}}\n";
    let kchart = Kchart::new().chart("web").file("web/templates/config.yaml.hbs", template);
    assert_text(
        &kchart.run("template ./web").failure(3).stderr,
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: `values.imgae` is not declared
  --> ./web/templates/config.yaml.hbs:4:11
   |
 4 |   name: {{values.imgae}}
   |           ^^^^^^^^^^^^
  ::: ./web/values.yaml:1:1
   |
 1 | image: nginx:1.29
   | ----- `image` is declared here
hint: did you mean `values.image`?

"#]],
    );
}

#[test]
fn an_undeclared_key_in_a_condition() {
    let template = "{{#if values.replcas}}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n{{/if}}\n";
    let kchart = Kchart::new().chart("web").file("web/templates/config.yaml.hbs", template);
    assert_text(
        &kchart.run("template ./web").failure(3).stderr,
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: `values.replcas` is not declared
  --> ./web/templates/config.yaml.hbs:1:7
   |
 1 | {{#if values.replcas}}
   |       ^^^^^^^^^^^^^^
  ::: ./web/values.yaml:2:1
   |
 2 | replicas: 1
   | -------- `replicas` is declared here
hint: did you mean `values.replicas`?

"#]],
    );
}

#[test]
fn a_missing_value() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  size: {{required values.size \"give a size\"}}\n";
    let kchart = Kchart::new().chart("web").file("web/templates/config.yaml.hbs", template);
    assert_text(
        &kchart.run("template ./web --set size=null").failure(3).stderr,
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: give a size
  --> ./web/templates/config.yaml.hbs:6:20
   |
 6 |   size: {{required values.size "give a size"}}
   |                    ^^^^^^^^^^^
hint: set `size` in a values file, or with `--set size=…`
error: `values.size` is not set
   --> ./web/templates/workload.yaml.hbs:16:18
    |
 16 |       storage: {{values.size}}
    |                  ^^^^^^^^^^^
hint: if it may be left out, write `{{optional …}}`, `{{default fallback …}}` or `{{#if …}}`

"#]],
    );
}

#[test]
fn a_value_of_the_wrong_type() {
    let schema = r#"{"type": "object", "properties": {"replicas": {"type": "integer"}}}"#;
    let kchart = Kchart::new().chart("web").file("web/values.schema.json", schema);
    let kchart = kchart.file("values.yaml", "image: nginx:1.29\nreplicas: many\n");
    assert_text(
        &refused_offline(kchart, "install ./web -f values.yaml", 3),
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: `replicas`: expected an integer, got a string
  --> values.yaml:2:11
   |
 2 | replicas: many
   |           ^^^^

"#]],
    );
    let kchart = Kchart::new().chart("web");
    assert_text(
        &kchart.run("template ./web --set replicas=many").failure(3).stderr,
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: expected an integer, got a string "many"
   --> ./web/templates/workload.yaml.hbs:23:13
    |
 23 |   replicas: {{values.replicas}}
    |             ^
   ::: the command line
    |
    | --set replicas=many
    |                ---- set here
    = in Deployment/web at `spec.replicas`

"#]],
    );
}

#[test]
fn a_chart_that_is_not_there() {
    assert_text(
        &refused_offline(Kchart::new().chart("web"), "install ./wep", 3),
        str![[r#"
error: there is no chart at `./wep`
hint: did you mean `./web`?

"#]],
    );
    assert_text(
        &refused_offline(Kchart::new().chart("web"), "install orchestratr", 3),
        str![[r#"
error: there is no chart called `orchestratr`
   = in `charts`: no charts
   = in `<bundled>`: orchestrator, postgresql, rabbitmq
hint: did you mean `orchestrator`?

"#]],
    );
}

#[test]
fn an_archive_that_leaves_its_folder() {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(3);
    header.set_mode(0o644);
    // The crate refuses to write such a path; an attacker would not use the crate.
    header.as_old_mut().name[..17].copy_from_slice(b"web/../../outside");
    header.set_cksum();
    builder.append(&header, &b"hi\n"[..]).expect("it can be packed");
    let archive = builder.into_inner().and_then(flate2::write::GzEncoder::finish).expect("it can be packed");
    assert_text(
        &refused_offline(Kchart::new().file("web.tgz", archive), "install ./web.tgz", 3),
        str![[r#"
error: the archive `./web.tgz` has an entry `web/../../outside` that leads out of it by `..`

"#]],
    );
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_chart() {
    let kchart = Kchart::new().chart("web").file("secret.txt", "outside");
    fs::create_dir_all(kchart.path("web/files")).expect("the folder can be made");
    std::os::unix::fs::symlink("../../secret.txt", kchart.path("web/files/inside.txt")).expect("a link can be made");
    assert_text(
        &refused_offline(kchart, "install ./web", 3),
        str![[r#"
error: `./web/files/inside.txt` is a link to `../../secret.txt`, outside of the chart
hint: copy the file into the chart: nothing outside of a chart is ever read

"#]],
    );
}

#[test]
fn a_manifest_that_is_none() {
    let kchart = Kchart::new().file("all.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n");
    assert_text(
        &kchart.run("template web --manifest all.yaml").failure(3).stderr,
        str![[r#"
error: the document has no `metadata.name`
  --> all.yaml:1:1
   |
 1 | apiVersion: v1
   | ^
   = in a ConfigMap

"#]],
    );
}

#[test]
fn an_unreachable_cluster() {
    let kchart =
        Kchart::new().chart("web").file("kubeconfig", kubeconfig("127.0.0.1:1")).env("KUBECONFIG", "kubeconfig");
    let printed = kchart.run("install ./web").failure(1);
    assert_text(
        &printed.stderr,
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: cannot reach the cluster at http://127.0.0.1:1 (context `test`): connection refused
   = while trying to list the records of release `web`
hint: is the cluster running, and is the VPN up? `kubectl get --raw /readyz` asks it the same way
hint: `--kube-context NAME` takes another cluster of kubeconfig
hint: `--sandbox` runs the same command in an in-process cluster

"#]],
    );
}

#[test]
fn no_kubeconfig_at_all() {
    let printed = Kchart::new().chart("web").run("install ./web").failure(1);
    assert_text(
        &printed.stderr,
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: no kubeconfig: there is no [FOLDER]/.kube/config, and `KUBECONFIG` is not set
hint: `--kubeconfig FILE` names one; your cluster's provider tells how to get it
hint: `--sandbox` runs the same command in an in-process cluster, without any other

"#]],
    );
}

#[test]
fn a_kubeconfig_without_rights() {
    let cluster = Listener::answering(403, FORBIDDEN);
    let kchart = Kchart::new().chart("web").file("kubeconfig", cluster.kubeconfig()).env("KUBECONFIG", "kubeconfig");
    let printed = kchart.run("install ./web").failure(1);
    assert_eq!(cluster.writes(), Vec::<String>::new());
    assert_text(
        &printed.stderr.replace(cluster.address(), "[SERVER]"),
        str![[r#"
chart: web 0.1.0 (folder ./web)
error: cannot list the records of release `web`: user `ci` may not list `secrets` in namespace `default`
hint: ask the administrator of the cluster for a Role and RoleBinding that allow `list` on `secrets` in namespace `default`
hint: see what you may do: `kubectl auth can-i --list -n default`

"#]],
    );
}

#[test]
fn a_namespace_that_does_not_exist() {
    let kchart = Kchart::new().chart("web").run("list -n nowhere --sandbox=box.json");
    kchart.success();
    let before = kchart.read("box.json");
    let kchart = kchart.run("install ./web -n nowhere --sandbox=box.json");
    let printed = kchart.failure(1);
    assert_text(
        &printed.stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: there is no namespace `nowhere`
hint: make it: `--create-namespace`

"#]],
    );
    assert_eq!(before, kchart.read("box.json"), "the sandbox was written to");
}
