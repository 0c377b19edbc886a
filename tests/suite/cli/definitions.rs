//! CustomResourceDefinitions of a chart, in its templates or under `crds/`: upgraded, kept, deleted by name.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.org
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Thing, listKind: ThingList, plural: things, singular: thing}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer}}}
";

const THING: &str = "apiVersion: example.org/v1
kind: Thing
metadata:
  name: one
spec:
  size: {{values.size}}
";

#[test]
fn they_are_made_before_their_objects_and_go_only_when_they_are_named() {
    let kchart = Kchart::new()
        .file("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
        .file("web/values.yaml", "size: 1\n")
        .file("web/crds/things.yaml", DEFINITION)
        .file("web/templates/thing.yaml.hbs", THING)
        .env("KCHART_SANDBOX", "box.json")
        .run("install ./web");
    let told = kchart.success().stderr;
    let at = ["created CustomResourceDefinition/things.example.org", "created Thing.example.org/one"]
        .map(|line| told.find(line).unwrap_or_else(|| panic!("{told}")));
    assert!(at.is_sorted(), "{told}");
    // What the definition does not allow is found before the cluster is asked.
    let kchart = kchart.run("upgrade web ./web --set size=big");
    assert_text(
        &kchart.failure(3).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: expected an integer, got a string "big"
  --> ./web/templates/thing.yaml.hbs:6:9
   |
 6 |   size: {{values.size}}
   |         ^
  ::: the command line
   |
   | --set size=big
   |            --- set here
   = in Thing/one at `spec.size`

"#]],
    );
    // What is stored stays readable.
    let other = DEFINITION.replace("name: v1", "name: v2");
    let kchart = kchart.file("web/crds/things.yaml", other).file("web/templates/thing.yaml.hbs", "");
    let kchart = kchart.run("upgrade web ./web");
    assert_text(
        &kchart.failure(5).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
chart: web 0.1.0 (folder ./web)
error: `CustomResourceDefinition/things.example.org` would no longer serve `v1`, in which objects may be stored
   --> ./web/crds/things.yaml:10:5
    |
 10 |     - name: v2
    |     ^
    = nobody could read or delete them any more
hint: keep `v1` in the chart, with `served: true` and `storage: false`
hint: once all objects are stored in another version: `kubectl patch crd things.example.org --subresource=status --type=merge -p '{"status":{"storedVersions":["…"]}}'`, then take `v1` away

"#]],
    );
    let kchart = kchart.run("uninstall web --prune-crd thing.example.org");
    assert_text(
        &kchart.failure(1).stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: `--prune-crd thing.example.org`: the release has no such definition
hint: did you mean `things.example.org`?

"#]],
    );
    let kchart = kchart.run("uninstall web --dry-run");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
plan for web in namespace default
  - delete  Thing.example.org/one
kept
  OBJECT                                       SIZE  VOLUME  WHY
  CustomResourceDefinition/things.example.org  -     -       all objects of its kind would go too
  to remove it: kubectl delete customresourcedefinition things.example.org
1 to delete, 1 kept

"#]],
    );
    let kchart = kchart.run("uninstall web --prune-crd things.example.org");
    assert_text(
        &kchart.success().stdout,
        str![[r#"
web uninstalled in namespace default (delete 2)

"#]],
    );
    let state = String::from_utf8(kchart.read("box.json").unwrap()).unwrap();
    assert!(!state.contains("example.org"), "neither the definition nor its objects are left");
}
