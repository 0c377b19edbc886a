//! What is not the release's: named, asked for, taken over with the fields of its former managers.

use serde_json::{Value as Json, json};
use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

const TEMPLATE: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  size: {{values.size}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: other
data:
  size: {{values.size}}
";

fn kchart() -> Kchart {
    Kchart::new()
        .file("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
        .file("web/values.yaml", "size: small\n")
        .file("web/templates/all.yaml.hbs", TEMPLATE)
        .env("KCHART_SANDBOX", "box.json")
}

/// Changes the objects of the sandbox as others would.
fn by_others(kchart: Kchart, change: impl Fn(&mut Json)) -> Kchart {
    let mut state: Json = serde_json::from_slice(&kchart.read("box.json").unwrap()).unwrap();
    let objects = state["objects"].as_array_mut().unwrap();
    let of_charts =
        |object: &&mut Json| object["kind"] == "ConfigMap" && object["metadata"]["name"] != "kube-root-ca.crt";
    objects.iter_mut().filter(of_charts).for_each(change);
    let text = state.to_string();
    kchart.file("box.json", text)
}

#[test]
fn a_field_of_somebody_else_stops_the_run_before_anything_is_written() {
    let kchart = kchart().run("install ./web");
    kchart.success();
    let kchart = by_others(kchart, |map| {
        if map["metadata"]["name"] == "settings" {
            map["data"]["size"] = json!("large");
            let managers = map["metadata"]["managedFields"].as_array_mut().unwrap();
            for entry in managers.iter_mut() {
                entry["fieldsV1"].as_object_mut().unwrap().remove("f:data");
            }
            managers.push(json!({"manager": "kubectl-edit", "operation": "Update", "apiVersion": "v1",
                "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {"f:size": {}}}}));
        }
    });
    let kchart = kchart.run("upgrade web ./web --set size=medium");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: cannot apply `ConfigMap/settings`: field `data.size` belongs to `kubectl-edit`, which set it to `"large"`; wanted is `"medium"`
  --> ./web/templates/all.yaml.hbs:6:9
   |
 6 |   size: {{values.size}}
   |         ^
  ::: the command line
   |
   | --set size=medium
   |            - set here
hint: `--force-conflicts` takes such fields over; or leave the field out of the chart

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --set size=medium --dry-run");
    assert_text(
        &kchart.failure(1).stdout,
        str![[r#"
plan for web in namespace default
  ~ update  ConfigMap/other
      data.size: "small" → "medium"  (--set size=medium)
  ~ update  ConfigMap/settings
      data.size: "large" → "medium"  (drift: somebody changed it, --set size=medium)
refused: cannot apply `ConfigMap/settings`: field `data.size` belongs to `kubectl-edit`, which set it to `"large"`; wanted is `"medium"`
2 to update (2 fields)

"#]],
    );
    let kchart = kchart.run("history web");
    assert_eq!(kchart.success().stdout.lines().count(), 2, "no revision was made");
    let kchart = kchart.run("upgrade web ./web --set size=medium --force-conflicts");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web upgraded in namespace default, revision 2 (update 2)

"#]],
    );
    let kchart = kchart.run("upgrade web ./web --set size=medium");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web unchanged in namespace default, revision 2

"#]],
    );
}

#[test]
fn objects_of_others_are_named_and_taken_over_when_somebody_agrees() {
    let kchart = kchart().run("install old ./web");
    kchart.success();
    // As Helm left them, with a key that no chart knows.
    let kchart = by_others(kchart, |map| {
        map["metadata"]["labels"] = json!({"app.kubernetes.io/managed-by": "Helm"});
        map["metadata"]["annotations"] =
            json!({"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "default"});
        map["data"]["left"] = json!("over");
        map["metadata"]["managedFields"] = json!([{"manager": "helm", "operation": "Update", "apiVersion": "v1",
            "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {".": {}, "f:size": {}, "f:left": {}},
            "f:metadata": {"f:annotations": {".": {}, "f:meta.helm.sh/release-name": {},
            "f:meta.helm.sh/release-namespace": {}}, "f:labels": {".": {}, "f:app.kubernetes.io/managed-by": {}}}}}]);
    });
    let kchart = kchart.run("install web ./web");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: `ConfigMap/other` exists already, and it belongs to release `shop` of Helm
   --> ./web/templates/all.yaml.hbs:11:9
    |
 11 |   name: other
    |         ^
    = its fields are set by `helm`
hint: take it over: `--adopt configmap/other`, or choose another name
error: `ConfigMap/settings` exists already, and it belongs to release `shop` of Helm
  --> ./web/templates/all.yaml.hbs:4:9
   |
 4 |   name: settings
   |         ^
   = its fields are set by `helm`
hint: take it over: `--adopt configmap/settings`, or choose another name

"#]],
    );
    let kchart = kchart.run("install web ./web --adopt all");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: `--adopt all` would take over 2 objects
   = `ConfigMap/other`: it belongs to release `shop` of Helm
   = `ConfigMap/settings`: it belongs to release `shop` of Helm
hint: agree to it: `--yes`; or name them, one `--adopt KIND/NAME` each

"#]],
    );
    let kchart = kchart.run("install web ./web --adopt all --yes");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web installed in namespace default, revision 1 (update 2)

"#]],
    );
    let state = String::from_utf8(kchart.read("box.json").unwrap()).unwrap();
    assert!(!state.contains("\"left\"") && !state.contains("meta.helm.sh/release-name\":"), "what Helm set is gone");
    let kchart = kchart.run("upgrade web ./web");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web unchanged in namespace default, revision 1

"#]],
    );
}

#[test]
fn a_slip_in_what_is_to_be_adopted_is_told() {
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").chart("web");
    let kchart = kchart.run("install ./web --adopt foo");
    let printed = kchart.failure(64).stderr;
    assert!(printed.contains("error: `--adopt foo` is neither KIND/NAME nor `all`"), "{printed}");
    let kchart = kchart.run("install ./web --adopt secret/wep --adopt secret/web");
    let printed = kchart.success().stderr;
    let slip = "warning: `--adopt secret/wep` names nothing that the chart makes: did you mean `secret/web`?";
    assert!(printed.contains(slip), "{printed}");
    assert_eq!(printed.matches("names nothing").count(), 1, "{printed}");
}
