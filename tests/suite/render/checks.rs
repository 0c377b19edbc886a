//! Reads of values that nobody declares, found before anything is evaluated; values that nobody reads.

use serde_json::json;

use super::bench::Bench;

const VALUES: &str = "\
image: {repository: r, tag: t}
persistence: {enabled: false}
open: {}
unset: null
ports: []
text: x
";

/// The messages for one template over [`VALUES`].
fn messages(template: &str) -> Vec<String> {
    let mut bench = Bench::new(VALUES).template("x.yaml.hbs", template);
    match bench.render() {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|error| error.message).collect(),
    }
}

#[test]
fn undeclared_values_are_errors_wherever_they_are_read() {
    let undeclared = [
        "a: {{values.image.tagg}}",
        "{{#if values.persistance.enabled}}a: 1{{/if}}",
        "{{#if values.persistence.enabled}}a: {{values.nope}}{{/if}}",
        "a: {{default \"x\" values.image.tga}}",
        "a: {{optional values.image.tga}}",
        "{{#if (and values.open (eq values.image.digest 1))}}a: 1{{/if}}",
        "{{#with values.image}}a: {{tga}}{{/with}}",
        "{{#with values.image as |i|}}a: {{i.tga}}{{/with}}",
        "{{#each values.ports}}a: {{@root.values.nope}}{{/each}}",
        "{{#each values.ports}}a: {{../values.nope}}{{/each}}",
        "{{#each values.nope}}a: 1{{/each}}",
        "a: {{> (concat values.nope \"\")}}",
        "{{#merge values.nope}}a: 1{{/merge}}",
        "{{#> kchart/service name=\"x\"}}ports: {{values.nope}}{{/kchart/service}}",
        "{{> kchart/env env=values.nope}}",
        "a: {{values.text.more}}",
        "{{#if values.persistence.enabled}}{{else if values.nope}}{{/if}}",
        "a: {{[values].[nope]}}",
    ];
    for template in undeclared {
        let messages = messages(template);
        assert!(messages.len() == 1 && messages[0].ends_with("is not declared"), "{template}: {messages:?}");
    }
}

#[test]
fn what_is_open_or_declared_may_be_read() {
    let declared = [
        "{{#if values.open.anything.below}}a: 1{{/if}}",
        "{{#if values.unset.deep}}a: 1{{/if}}",
        "{{#if values.global.x}}a: 1{{/if}}",
        "{{#each values.ports}}a: {{name}}{{/each}}",
        "{{#each values.image as |v k|}}x-{{k}}: {{v}}\n{{/each}}",
        "{{#with values.image}}a: {{tag}}{{/with}}",
        "{{#if values.ports.0.name}}a: 1{{/if}}",
    ];
    for template in declared {
        assert_eq!(messages(template), Vec::<String>::new(), "{template}");
    }
}

#[test]
fn partials_are_followed_with_their_arguments_and_checked_when_nobody_calls_them() {
    let mut followed = Bench::new(VALUES)
        .template("_p.hbs", "a: {{image.tga}}")
        .template("x.yaml.hbs", "{{#if values.open}}{{> p image=values.image}}{{/if}}");
    let errors = followed.render().expect_err("undeclared");
    assert_eq!(errors[0].message, "`values.image.tga` is not declared");
    let mut alone = Bench::new(VALUES).template("_p.hbs", "a: {{values.nope}}").template("x.yaml.hbs", "a: 1");
    assert_eq!(alone.render().expect_err("undeclared")[0].message, "`values.nope` is not declared");
    let mut endless = Bench::new("{x: {}}")
        .template("_p.hbs", "{{#if v.c}}{{> p v=v.c}}{{/if}}")
        .template("x.yaml.hbs", "a: {{> p v=values.x}}");
    assert!(endless.render().is_ok(), "a partial that walks down a tree ends");
}

#[test]
fn the_schema_declares_too() {
    let schema = json!({
        "$defs": {"probe": {"type": "object", "properties": {"path": {"type": "string"}}}},
        "type": "object",
        "properties": {
            "extra": {"type": "object"},
            "probe": {"$ref": "#/$defs/probe"},
            "either": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"a": {}}}]},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "open": {"type": "object", "properties": {"known": {}}},
            "list": {"type": "array", "items": {"type": "object", "properties": {"name": {}}}},
        },
    });
    let verdict = |path: &str| {
        let mut bench = Bench::new(VALUES).template("x.yaml.hbs", &format!("{{{{#if values.{path}}}}}a: 1{{{{/if}}}}"));
        let source = bench.sources.add("demo/values.schema.json", kchart::diagnostic::SourceKind::Metadata, "");
        bench.chart.schema = Some((schema.clone(), source));
        bench.render().is_ok()
    };
    for path in ["extra.x.y", "probe.path", "either.a", "labels.any", "open.known", "list.0.name", "image.tag"] {
        assert!(verdict(path), "{path}");
    }
    for path in ["probe.pth", "either.b", "labels.any.more", "open.unknown", "list.0.nme", "nope", "image.tga"] {
        assert!(!verdict(path), "{path}");
    }
}

#[test]
fn given_values_that_nothing_reads_are_warned_of() {
    let layer = "image: {tagg: x}\nopen: {a: 1}\nreplcas: 2\nports: [{name: a}]\nglobal: {x: 1}\nunset: {deep: 1}\n";
    let mut bench = Bench::new(VALUES).layer(layer).template(
        "x.yaml.hbs",
        "a: {{values.image.repository}}:{{values.image.tag}}\nb: {{values.ports}}\nc: {{values.open}}\n",
    );
    let rendered = bench.render().expect("renders");
    let expected = "\
warning: no template of `demo` reads `image.tagg`
 --> my.yaml:1:9
  |
1 | image: {tagg: [..]}
  |         ^
help: did you mean `tag`?

warning: no template of `demo` reads `unset`
 --> my.yaml:6:1

warning: no template of `demo` reads `replcas`
 --> my.yaml:3:1
";
    let found: Vec<_> = rendered.warnings.iter().map(|warning| warning.message.as_str()).collect();
    let wanted: Vec<_> = expected.lines().filter_map(|line| line.strip_prefix("warning: ")).collect();
    assert_eq!(found, wanted, "{}", bench.paint(&rendered.warnings));
    assert_eq!(rendered.warnings[0].hints, ["did you mean `tag`?"]);
}
