//! What the template language means: a table of small templates.

use serde_json::json;

use super::bench::{Bench, rendered};

#[test]
fn holes_hold_values_of_any_kind() {
    let values = "
env: {A: 1, B: [x, null]}
yes: yes
code: 0123
tag: 1.10
time: 12:30
big: 9007199254740993
exp: 1e3
on: true
none: null
list: [1, two]
";
    let template = "
a: {{values.env}}
yes: {{values.yes}}
code: {{values.code}}
image: repo:{{values.tag}}
tag: {{values.tag}}
time: {{values.time}}
big: {{values.big}}
exp: \"{{values.exp}}\"
quoted: '{{values.on}}'
bool: {{values.on}}
none: {{values.none}}
list:
  - {{values.list}}
  - [{{values.tag}}, {{values.yes}}]
{{values.yes}}-key: {x: {{values.big}}}
";
    assert_eq!(
        rendered(values, template),
        [json!({
            "a": {"A": 1, "B": ["x", null]}, "yes": "yes", "code": "0123", "image": "repo:1.10", "tag": 1.1,
            "time": "12:30", "big": 9_007_199_254_740_993_i64, "exp": "1e3", "quoted": "true", "bool": true,
            "none": null, "list": [[1, "two"], [1.1, "yes"]], "yes-key": {"x": 9_007_199_254_740_993_i64},
        })]
    );
}

#[test]
fn blocks_choose_and_repeat() {
    let values = "
a: 0
b: x
empty: {}
ports: [{name: http, port: 80}, {name: amqp, port: 5672}]
map: {k1: 1, k2: 2}
";
    let template = "
{{#if values.a}}
x: zero
{{else if values.b}}
x: b
{{else}}
x: none
{{/if}}
{{#if values.a includeZero=true}}
z: 1
{{/if}}
{{#unless values.empty}}
u: 1
{{/unless}}
ports:
  {{#each values.ports}}
  - name: {{name}}
    n: {{@index}}
    first: {{@first}}
    last: {{@last}}
    root: {{@root.release.name}} {{../values.b}}
  {{/each}}
named:
  {{#each values.ports as |p i|}}
  - {{p.name}}-{{i}}-{{p.port}}
  {{/each}}
map:
  {{#each values.map}}
  {{@key}}: {{this}}
  {{else}}
  none: 1
  {{/each}}
{{#each values.empty}}
bad: 1
{{else}}
e: 1
{{/each}}
{{#with values.ports.[1]}}
with: {{name}}
{{/with}}
";
    assert_eq!(
        rendered(values, template),
        [json!({
            "x": "b", "z": 1, "u": 1,
            "ports": [
                {"name": "http", "n": 0, "first": true, "last": false, "root": "web x"},
                {"name": "amqp", "n": 1, "first": false, "last": true, "root": "web x"},
            ],
            "named": ["http-0-80", "amqp-1-5672"], "map": {"k1": 1, "k2": 2}, "e": 1, "with": "amqp",
        })]
    );
}

#[test]
fn partials_are_indented_and_see_arguments() {
    let mut bench = Bench::new("name: n\nlabels: {a: 1}\n")
        .template("_labels.hbs", "app: {{name}}\nwho: {{values.name}}\n{{#if extra}}\nextra: {{extra}}\n{{/if}}\n")
        .template("_full.hbs", "{{values.name}}-full\n")
        .template(
            "x.yaml.hbs",
            "metadata:\n  labels:\n    {{> labels name=\"x\" extra=values.labels}}\n  name: {{> full}}\n\
             {{#*inline \"p\"}}\np: {{q}}\n{{/inline}}\n{{> p q=1.50}}\n",
        );
    assert_eq!(
        bench.json(),
        [json!({"metadata": {"labels": {"app": "x", "who": "n", "extra": {"a": 1}}, "name": "n-full"}, "p": 1.5})]
    );
}
