//! The Library's partials as a chart calls them.

#![expect(clippy::needless_raw_string_hashes, reason = "snapbox writes the expected texts")]

use serde_json::json;

use super::bench::Bench;

const CALL: &str = "\
{{#> kchart/service name=\"front\"}}
name: overruled
# holes in the parameters keep their types
ports:
  {{#each values.ports}}
  - name: {{name}}
    port: {{port}}
  {{/each}}
extra: {{values.extra}}
{{/kchart/service}}
";

#[test]
fn parameters_are_yaml_between_the_tags_and_arguments_win() {
    let mut bench = Bench::new("ports: [{name: http, port: 80}]\nextra: {spec: {sessionAffinity: ClientIP}}\n")
        .template("x.yaml.hbs", CALL);
    let service = &bench.json()[0];
    assert_eq!(service["metadata"]["name"], "front");
    assert_eq!(service["metadata"]["labels"]["app.kubernetes.io/version"], "2.1");
    assert_eq!(
        service["spec"]["ports"][0],
        json!({"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"})
    );
    assert_eq!(service["spec"]["sessionAffinity"], "ClientIP");
}

#[test]
fn places_lead_to_the_chart_not_into_the_library() {
    let mut bench = Bench::new("ports: [{name: http, port: 80}]\nextra: {spec: {x: 1}}\n").template("x.yaml.hbs", CALL);
    let rendered = bench.render().expect("renders");
    let place = |path: &[&str]| {
        let node = rendered.documents[0].root.at(path).expect("node");
        (bench.sources.name(node.origin.at), bench.sources.name(node.origin.from))
    };
    assert_eq!(place(&["metadata", "name"]), ("demo/templates/x.yaml.hbs:1:26".into(), String::new()));
    assert_eq!(place(&["spec", "x"]), ("demo/templates/x.yaml.hbs:9:8".into(), "demo/values.yaml:2:19".into()));
}

#[test]
fn wrong_parameters_are_shown_where_the_chart_writes_them() {
    let template =
        "{{#> kchart/service}}\nname: x\nprots: []\nports:\n- name: http\n  port: http\n{{/kchart/service}}\n";
    let mut bench = Bench::new("{}").template("x.yaml.hbs", template);
    let errors = bench.render().expect_err("wrong parameters");
    snapbox::assert_data_eq!(
        bench.paint(&errors),
        snapbox::str![[r#"
error: `kchart/service` takes no `prots`
  --> demo/templates/x.yaml.hbs:3:1
   |
 3 | prots: []
   | ^^^^^
hint: did you mean `ports`?
error: `kchart/service`: `ports[0].port` must be an integer, not a string
  --> demo/templates/x.yaml.hbs:6:9
   |
 6 |   port: http
   |         ^

"#]]
    );
    let mut bench = Bench::new("{}").template("x.yaml.hbs", "{{> kchart/servic name=\"x\"}}\n");
    let errors = bench.render().expect_err("no such partial");
    snapbox::assert_data_eq!(
        bench.paint(&errors),
        snapbox::str![[r#"
error: the Library has no partial `kchart/servic`
  --> demo/templates/x.yaml.hbs:1:5
   |
 1 | {{> kchart/servic name="x"}}
   |     ^^^^^^^^^^^^^
hint: did you mean `kchart/service`?

"#]]
    );
}
