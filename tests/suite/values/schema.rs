//! Values against a chart's values.schema.json.

use kchart::chart::{Chart, Dependency};
use kchart::diagnostic::{Diagnostic, SourceId, SourceKind, SourceMap};
use kchart::values::{resolve, write_only};
use kchart::yaml::{Dialect, read_one};
use serde_json::{Value as Json, json};

use super::{chart, dependency, values, yaml};

fn with_schema(values: &str, schema: Json) -> Chart {
    let mut chart = chart("web", values);
    chart.schema = Some((schema, SourceId::NONE));
    chart
}

fn violations(chart: &Chart, text: &str) -> Vec<(String, Vec<String>)> {
    let mut sources = SourceMap::new();
    let source = sources.add("v.yaml", SourceKind::Values, text);
    let node = read_one(text, source, Dialect::Core12).expect("valid");
    let errors = resolve(chart, &node).expect_err("violations");
    let shown = |error: Diagnostic| {
        let place = error.span.map(|span| format!("{}:{}: ", span.place.line, span.place.column)).unwrap_or_default();
        (format!("{place}{}", error.message), error.hints)
    };
    errors.into_iter().map(shown).collect()
}

#[test]
fn a_value_that_breaks_the_schema_is_named_with_its_place_and_what_was_expected() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "additionalProperties": false,
        "required": ["image"],
        "properties": {
            "image": {"required": ["tag"], "additionalProperties": false, "properties": {"tag": {"type": "string"}, "pullPolicy": {"enum": ["Always", "IfNotPresent"]}}},
            "replicas": {"type": "integer", "minimum": 1},
            "debug": {"type": "boolean"},
            "mode": {"type": "integer"},
            "ratio": {"type": ["number", "null"]},
            "ports": {"type": "array", "items": {"$ref": "#/$defs/port"}},
            "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 1},
            "nested": {"properties": {"inner": {"anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"size": {"type": "integer"}}}
            ]}}},
            "either": {"anyOf": [{"type": "string"}, {"type": "array"}]},
            "shape": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"size": {"type": "integer"}}}]}
        },
        "$defs": {"port": {"type": "object", "additionalProperties": false, "properties": {"number": {"type": "integer"}}}}
    });
    let chart = with_schema("{}", schema);
    for (text, message, hint) in [
        (
            "image: {tag: x}\nreplcas: 1",
            "2:1: `replcas` is not in the schema of chart `web`",
            Some("did you mean `replicas`?"),
        ),
        (
            "image:\n  tagg: x\n  tag: x",
            "2:3: `image.tagg` is not in the schema of chart `web`",
            Some("did you mean `image.tag`?"),
        ),
        ("replicas: 1", "1:1: `image` is required by the schema of chart `web`", None),
        ("image:\n  pullPolicy: Always", "1:1: `image.tag` is required by the schema of chart `web`", None),
        (
            "image: {tag: x, pullPolicy: Alway}",
            "1:29: `image.pullPolicy`: expected `Always` or `IfNotPresent`",
            Some("did you mean `Always`?"),
        ),
        (
            "image: {tag: x}\nreplicas: \"3\"",
            "2:11: `replicas`: expected an integer, got a string",
            Some("write the number without quotes; on the command line `--set-json` takes any number"),
        ),
        ("image: {tag: x}\nreplicas: 0", "2:11: `replicas`: expected at least 1", None),
        ("image: {tag: x}\nreplicas: {}", "2:11: `replicas`: expected an integer, got a map", None),
        (
            "image: {tag: x}\ndebug: yes",
            "2:8: `debug`: expected a boolean, got a string",
            Some("write `true`, without quotes"),
        ),
        (
            "image: {tag: x}\nmode: 0644",
            "2:7: `mode`: expected an integer, got a string",
            Some("write the octal number as `420` or `0o644`"),
        ),
        ("image: {tag: x}\nratio: x", "2:8: `ratio`: expected null or a number, got a string", None),
        (
            "image: {tag: x}\nports:\n- number: 1\n- nmber: 1",
            "4:3: `ports[1].nmber` is not in the schema of chart `web`",
            Some("did you mean `ports[1].number`?"),
        ),
        ("image: {tag: x}\nname: X", "2:7: `name`: expected a string that matches `^[a-z]+$`", None),
        ("image: {tag: x}\nname: xx", "2:7: `name`: expected at most 1 character", None),
        ("image: {tag: x}\neither: {}", "2:9: `either`: expected a string or a list, got a map", None),
        (
            "image: {tag: x}\nnested: {inner: {size: x}}",
            "2:24: `nested.inner.size`: expected an integer, got a string",
            None,
        ),
        ("image: {tag: x}\nshape: {size: x}", "2:15: `shape.size`: expected an integer, got a string", None),
    ] {
        let expected = vec![(message.to_owned(), hint.into_iter().map(str::to_owned).collect())];
        assert_eq!(violations(&chart, text), expected, "{text}");
    }
}

#[test]
fn where_the_schema_wants_a_string_a_scalar_gives_its_spelling() {
    let string = json!({"type": "string"});
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"text": string},
        "properties": {
            "tag": string,
            "nullable": {"type": ["string", "null"]},
            "ref": {"$ref": "#/definitions/text"},
            "any": {"anyOf": [{"type": "null"}, string]},
            "version": {"enum": ["1.10", "1.20"]},
            "list": {"items": string},
            "env": {"additionalProperties": string},
            "8080": string,
            "count": {"type": "integer"}
        }
    });
    let chart = with_schema("{}", schema);
    let given = "tag: 1.10\nnullable: true\nref: 0x1F\nany: 1e3\nversion: 1.10\nlist: [1, x]\nenv: {A: 9007199254740993}\n8080: 1\ncount: 1";
    let expected = json!({"tag": "1.10", "nullable": "true", "ref": "0x1F", "any": "1e3", "version": "1.10",
        "list": ["1", "x"], "env": {"A": "9007199254740993"}, "8080": "1", "count": 1});
    assert_eq!(values(&chart, given).values.to_json(), expected);
}

#[test]
fn a_subcharts_schema_sees_its_values_and_the_parent_sees_what_became_of_them() {
    let mut top = chart("top", "{}");
    let mut db =
        with_schema("tag: 1.10", json!({"additionalProperties": false, "properties": {"tag": {"type": "string"}}}));
    db.metadata.name = "db".into();
    top.subcharts.push(db);
    top.schema = Some((json!({"additionalProperties": false, "properties": {"x": {}}}), SourceId::NONE));
    let values = values(&top, "global: {a: 1}\ntags: {b: true}\nx: 1");
    assert_eq!(values.values.to_json()["db"]["tag"], json!("1.10"));
    assert_eq!(
        violations(&top, "db: {tagg: 1}")[0].0,
        "1:6: `db.tagg` is not in the schema of chart `web`".replace("web", "db")
    );
    top.metadata.dependencies.push(Dependency { condition: Some("on".into()), ..dependency("db") });
    // The schema of a disabled subchart has no say.
    top.schema = None;
    assert!(resolve(&top, &yaml("on: false\ndb: {tagg: 1}")).is_ok());
}

#[test]
fn a_schema_that_is_no_schema_or_looks_outside_is_an_error() {
    let of = |schema: Json| violations(&with_schema("{}", schema), "a: 1")[0].0.clone();
    assert_eq!(of(json!({"type": "strin"})), "values.schema.json of chart `web` is no valid JSON Schema");
    let outside = "values.schema.json of chart `web` refers to what it does not contain";
    assert_eq!(of(json!({"$ref": "https://example.com/schema.json"})), outside);
    assert_eq!(of(json!({"$ref": "file:///etc/passwd"})), outside);
}

#[test]
fn write_only_values_are_found_and_no_message_repeats_a_value() {
    let schema = json!({
        "properties": {
            "password": {"$ref": "#/$defs/secret"},
            "users": {"items": {"allOf": [{"properties": {"pin": {"type": "string", "writeOnly": true, "maxLength": 3}}}]}},
            "secrets": {"additionalProperties": {"writeOnly": true, "type": "integer"}},
            "loop": {"$ref": "#/properties/loop"},
            "plain": {"type": "integer"}
        },
        "$defs": {"secret": {"writeOnly": true, "enum": ["other", "hunter1"], "pattern": "x", "format": "email", "not": {"const": "hunter2"}}}
    });
    let mut top = chart("top", "{}");
    let mut web = with_schema("password: hunter1", schema.clone());
    web.schema.as_mut().expect("set").0["$defs"]["secret"] = json!({"writeOnly": true});
    let chart = with_schema("{}", schema);
    let text = "password: hunter2\nusers: [{pin: hunter2}]\nsecrets: {A: hunter2}\nplain: hunter2";
    let shown = format!("{:?}", violations(&chart, text));
    assert!(!shown.contains("hunter2") && !shown.contains("did you mean"), "{shown}");

    top.subcharts.push(web);
    let values = values(&top, "web: {users: [{pin: 123, name: x}], secrets: {A: 1}, loop: 1}");
    let found = write_only(&values, &top);
    let found: Vec<_> = found.iter().map(|(path, node)| (path.to_string(), node.to_json())).collect();
    let expected = [
        ("web.password".to_owned(), json!("hunter1")),
        ("web.secrets.A".to_owned(), json!(1)),
        ("web.users[0].pin".to_owned(), json!("123")),
    ];
    assert_eq!(found, expected);
}
