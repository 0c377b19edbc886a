//! Values: what layers, flags, charts and schemas make of each other.

use std::collections::BTreeMap;

use kchart::chart::{Chart, Dependency, Metadata};
use kchart::diagnostic::{Diagnostic, Severity, SourceId, SourceKind, SourceMap, paint};
use kchart::values::{ChartValues, Inputs, given, merge, resolve, set_file_paths, subcharts, write_only};
use kchart::yaml::{Dialect, Node, read_one};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn yaml(text: &str) -> Node {
    read_one(text, SourceId::NONE, Dialect::Core12).unwrap_or_else(|error| panic!("{}: {text}", error.message))
}

fn chart(name: &str, values: &str) -> Chart {
    let metadata = Metadata { name: name.into(), version: "1.0.0".into(), ..Metadata::default() };
    Chart { metadata, values: yaml(values), ..Chart::default() }
}

fn dependency(name: &str) -> Dependency {
    Dependency { name: name.into(), ..Dependency::default() }
}

fn values(chart: &Chart, given: &str) -> ChartValues {
    match resolve(chart, &yaml(given)) {
        Ok((values, _)) => values,
        Err(errors) => panic!("{errors:?}"),
    }
}

fn warnings(chart: &Chart, given: &str) -> Vec<String> {
    let (_, warnings) = resolve(chart, &yaml(given)).expect("no errors");
    assert!(warnings.iter().all(|warning| warning.severity == Severity::Warning));
    warnings.into_iter().map(|warning| warning.message).collect()
}

fn set(flag: &str) -> Json {
    flags(&Inputs { set: vec![flag.into()], ..Inputs::default() })
}

fn flags(inputs: &Inputs) -> Json {
    given(inputs, &mut SourceMap::new()).unwrap_or_else(|errors| panic!("{errors:?}")).to_json()
}

/// The messages of an error as they are painted.
fn painted(inputs: &Inputs) -> String {
    let mut sources = SourceMap::new();
    let errors = given(inputs, &mut sources).expect_err("an error");
    errors.iter().map(|error| paint(error, &sources, &str::to_owned, false)).collect()
}

#[test]
fn layers_win_in_helms_order_of_families() {
    let inputs = Inputs {
        files: vec![
            ("a.yaml".into(), "a: 1\nb: 1\nc: 1\nm: {x: 1}".into()),
            ("b.yaml".into(), "b: 2\nm: {y: 2}".into()),
        ],
        set_json: vec!["c=3".into(), "{\"d\": 3, \"m\": {\"z\": 3}}".into()],
        set: vec!["d=4,e=4,f=4,g=4,h=4".into()],
        set_string: vec!["e=5,f=5,g=5".into()],
        set_file: vec!["f=six".into()],
        set_file_texts: BTreeMap::from([("six".into(), "6\n".into())]),
        set_literal: vec!["g=7,h=7".into()],
    };
    let expected = json!({"a": 1, "b": 2, "c": 3, "d": 4, "e": "5", "f": "6\n", "g": "7,h=7", "h": 4, "m": {"x": 1, "y": 2, "z": 3}});
    assert_eq!(flags(&inputs), expected);
    let order = Inputs { set: vec!["a=1".into(), "a=2".into()], ..Inputs::default() };
    assert_eq!(flags(&order), json!({"a": 2}));
}

#[test]
fn set_has_helms_grammar_and_types() {
    for (flag, expected) in [
        ("", json!({})),
        ("a=b", json!({"a": "b"})),
        ("a=b,", json!({"a": "b"})),
        ("a=,b=", json!({"a": "", "b": ""})),
        ("a=1,b=-1,c=0,d=007", json!({"a": 1, "b": -1, "c": 0, "d": "007"})),
        ("a=9007199254740993", json!({"a": 9_007_199_254_740_993_i64})),
        ("a=9223372036854775808", json!({"a": "9223372036854775808"})),
        ("a=1.10,b=1e3,c=0x1F,d=1_000", json!({"a": "1.10", "b": "1e3", "c": "0x1F", "d": "1_000"})),
        ("a=true,b=FALSE,c=null,d=yes", json!({"a": true, "b": false, "c": null, "d": "yes"})),
        ("a.b.c=1", json!({"a": {"b": {"c": 1}}})),
        ("a.b=1,a.c=2", json!({"a": {"b": 1, "c": 2}})),
        (r"a\.b=x\,y", json!({"a.b": "x,y"})),
        (r"a=x\=y=z", json!({"a": "x=y=z"})),
        (r"a=\\", json!({"a": "\\"})),
        ("a={1,two,null}", json!({"a": [1, "two", null]})),
        ("a={},b=1", json!({"a": [""], "b": 1})),
        (r"a={x\,y,z}", json!({"a": ["x,y", "z"]})),
        ("a[0]=x,a[2]=y", json!({"a": ["x", null, "y"]})),
        ("a[0].b=1,a[0].c=2,a[1].b=3", json!({"a": [{"b": 1, "c": 2}, {"b": 3}]})),
        ("a[1].b=3,a[0].b=1", json!({"a": [{"b": 1}, {"b": 3}]})),
        ("a[1][1]=1", json!({"a": [null, [null, 1]]})),
        ("a.b[0].c={x}", json!({"a": {"b": [{"c": ["x"]}]}})),
        ("a=ä 😀", json!({"a": "ä 😀"})),
        ("a= b ", json!({"a": " b "})),
        ("a=]{}", json!({"a": "]{}"})),
    ] {
        assert_eq!(set(flag), expected, "{flag}");
    }
}

#[test]
fn the_other_families_read_their_values_their_own_way() {
    let strings = Inputs { set_string: vec!["a=1,b=true,c=null,d={0,x}".into()], ..Inputs::default() };
    assert_eq!(flags(&strings), json!({"a": "1", "b": "true", "c": "null", "d": ["0", "x"]}));
    let literal = Inputs { set_literal: vec![r"a.b[0]={x\,y},c=1".into(), "d=".into()], ..Inputs::default() };
    assert_eq!(flags(&literal), json!({"a": {"b": [r"{x\,y},c=1"]}, "d": ""}));
    let json = vec!["a=[1, {\"b\": null}] , c=\"x\\u0041\"".into(), "d=,e.f[0]=18446744073709551615".into()];
    let json = Inputs { set_json: json, ..Inputs::default() };
    let expected = json!({"a": [1, {"b": null}], "c": "xA", "d": null, "e": {"f": [18_446_744_073_709_551_615_u64]}});
    assert_eq!(flags(&json), expected);
    let paths = set_file_paths(&["a=x.txt,b={y,z\\,z}".into(), "broken".into()]);
    assert_eq!(paths, ["x.txt", "y", "z,z"]);
}

#[test]
fn set_changes_what_lower_layers_gave() {
    let inputs = Inputs {
        files: vec![("v".into(), "list: [{a: 1, b: 2}]\nmap: {x: 1}\nnothing:".into())],
        set: vec!["list[0].a=9,map.y=2,nothing.deep=1".into()],
        ..Inputs::default()
    };
    let expected = json!({"list": [{"a": 9, "b": 2}], "map": {"x": 1, "y": 2}, "nothing": {"deep": 1}});
    assert_eq!(flags(&inputs), expected);
}

#[test]
fn a_flag_that_is_wrong_is_an_error_at_its_column() {
    for (flag, message, column) in [
        ("a", "expected `=` and a value after the path", 7),
        ("a,b=1", "expected `=` and a value after the path", 7),
        ("a.", "expected `=` and a value after the path", 9),
        ("a..b=1", "expected a key", 9),
        ("=1", "expected a key", 7),
        ("a=1,,b=2", "expected a key", 11),
        ("a[0]", "expected `=`, `.` or `[` after the position", 11),
        ("a[0]b=1", "expected `=`, `.` or `[` after the position", 11),
        ("a[-1]=1", "expected a position in a list, a number from 0 on", 9),
        ("a[x]=1", "expected a position in a list, a number from 0 on", 9),
        ("a[0=1", "expected `]` after the position", 9),
        ("a[65537]=1", "the highest position is 65536", 9),
        ("a={x", "expected `}` at the end of the list", 11),
        ("a={x}y=1", "expected `,` or the end", 12),
        ("a=x\\", "expected a character after `\\`", 11),
        ("a=1,a.b=2", "`a` is an integer, not a map", 13),
        ("a.b=1,a[0]=2", "`a` is a map, not a list", 15),
    ] {
        let mut sources = SourceMap::new();
        let inputs = Inputs { set: vec![flag.into()], ..Inputs::default() };
        let errors = given(&inputs, &mut sources).expect_err(flag);
        let place = errors[0].span.expect("a place").place;
        assert_eq!((errors[0].message.as_str(), place.line, place.column), (message, 1, column), "{flag}");
        assert_eq!(sources.name(place), format!("--set {flag}"));
    }
    let deep = format!("{}x=1", "a.".repeat(31));
    let errors = given(&Inputs { set: vec![deep], ..Inputs::default() }, &mut SourceMap::new()).expect_err("too deep");
    assert_eq!(errors[0].message, "more than 30 dots in one path");
}

#[test]
fn errors_in_flags_and_files_are_painted_without_credentials() {
    let inputs = Inputs {
        files: vec![("prod.yaml".into(), "image:\n  tag: 1\n tag: 2\n".into()), ("-".into(), "- a\n".into())],
        set: vec!["image.tag=1,image.tag.x=2".into(), "db.password=hunter2,x".into()],
        set_json: vec!["a={\"b\": tru}".into()],
        ..Inputs::default()
    };
    let expected = "\
error: the line is indented like none of the keys above
  --> prod.yaml:3:2
   |
 3 |  tag: 2
   |  ^
hint: indent it as the keys that it belongs beside
error: values are a map, found a list
  --> <stdin>:1:1
   |
 1 | - a
   | ^
hint: write `key: value` lines
error: not valid JSON: expected `true`, `false` or `null`
  --> the command line
   |
   | --set-json a={\"b\": tru}
   |                       ^
error: `image.tag` is an integer, not a map
  --> the command line
   |
   | --set image.tag=1,image.tag.x=2
   |                             ^
  ::: the command line
   |
   | --set image.tag=1,image.tag.x=2
   |                 - set here
error: expected `=` and a value after the path
  --> the command line
   |
   | --set db.password=•••
   |                   ^^^
hint: write `\\,` for a comma and `\\.` for a dot that belong to a key or a value
";
    assert_eq!(painted(&inputs), expected);
}

#[test]
fn every_leaf_remembers_the_place_that_set_it() {
    let mut sources = SourceMap::new();
    let inputs = Inputs {
        files: vec![("a.yaml".into(), "m:\n  x: 1\n  y: 1\n".into()), ("b.yaml".into(), "m:\n  x: 2\n".into())],
        set: vec!["m.z[1].q=3".into()],
        set_json: vec!["j={\"k\":\n [true]}".into()],
        ..Inputs::default()
    };
    let tree = given(&inputs, &mut sources).expect("no errors");
    let place = |path: &[&str]| sources.name(tree.at(path).expect("there").origin.from);
    assert_eq!(place(&["m", "x"]), "b.yaml:2:6");
    assert_eq!(place(&["m", "y"]), "a.yaml:3:6");
    let item = &tree.list_at(&["m", "z"])[1];
    let leaf = item.get("q").expect("there").origin.from;
    assert_eq!((sources.name(leaf).as_str(), leaf.column), ("--set m.z[1].q=3", 16));
    let leaf = tree.list_at(&["j", "k"])[0].origin.from;
    assert_eq!((leaf.line, leaf.column), (2, 3));
}

#[test]
fn spelling_survives_every_layer() {
    let chart = chart("web", "tag: 1.10\nid: 9007199254740993\nmode: 0o644\n");
    let values = values(&chart, "big: 18446744073709551615\nexp: 1e3\n").values;
    let spelled = |key: &str| match &values.get(key).expect("there").value {
        kchart::yaml::Value::Number(number) => number.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(spelled("tag"), "1.10");
    assert_eq!(spelled("exp"), "1e3");
    assert_eq!(values.get("id").and_then(Node::as_i64), Some(9_007_199_254_740_993));
    assert_eq!(values.to_json()["big"], json!(18_446_744_073_709_551_615_u64));
}

/// A chart `top` with the subchart `db`.
fn umbrella(top: &str, db: &str) -> Chart {
    let mut chart = chart("top", top);
    chart.subcharts.push(self::chart("db", db));
    chart.metadata.dependencies.push(dependency("db"));
    chart
}

#[test]
fn values_of_a_parent_win_over_its_subchart_and_given_ones_over_both() {
    let chart = umbrella("db: {a: parent, b: parent}\nown: 1", "a: sub\nb: sub\nc: sub\nd: sub");
    let values = values(&chart, "db: {b: given, d: given}");
    let expected = json!({"a": "parent", "b": "given", "c": "sub", "d": "given"});
    assert_eq!(values.subcharts["db"].values.to_json(), expected);
    assert_eq!(values.values.to_json(), json!({"db": expected, "own": 1}));
}

#[test]
fn null_always_deletes_also_in_a_parent_for_a_subchart() {
    let sub = "probe: {http: {path: /}, exec: {command: x}}\nkeep: 1\ngone: 1\ndeep: {er: {x: 1, y: 2}}";
    // In the parent's values.yaml (helm/helm#32132), given, and given where the parent had set something else.
    for (top, given) in [
        ("db: {probe: {http: null}, gone: null, deep: {er: {x: null}}}", "{}"),
        ("{}", "db: {probe: {http: null}, gone: null, deep: {er: {x: null}}}"),
        (
            "db: {probe: {http: {path: /x}}, gone: 2, deep: {er: {x: 5}}}",
            "db: {probe: {http: null}, gone: null, deep: {er: {x: null}}}",
        ),
    ] {
        let values = values(&umbrella(top, sub), given);
        let expected = json!({"probe": {"exec": {"command": "x"}}, "keep": 1, "deep": {"er": {"y": 2}}});
        assert_eq!(values.subcharts["db"].values.to_json(), expected, "{top} {given}");
        assert_eq!(values.values.to_json()["db"], expected, "{top} {given}");
    }
    let values = values(&chart("web", "a: {b: 1, c: 2}\nd: 1\nempty:"), "a: {b: null, x: null}\nd: null\ny: {z: null}");
    // A null that is a default declares a key and stays.
    assert_eq!(values.values.to_json(), json!({"a": {"c": 2}, "empty": null, "y": {}}));
}

#[test]
fn null_deletes_below_two_levels_of_subcharts() {
    let mut top = chart("top", "mid: {leaf: {a: null}}");
    let mut mid = chart("mid", "leaf: {a: mid, b: null}");
    mid.subcharts.push(chart("leaf", "a: leaf\nb: leaf\nc: leaf"));
    top.subcharts.push(mid);
    let values = values(&top, "{}");
    assert_eq!(values.subcharts["mid"].subcharts["leaf"].values.to_json(), json!({"c": "leaf"}));
    assert_eq!(values.values.to_json(), json!({"mid": {"leaf": {"c": "leaf"}}}));
}

#[test]
fn global_flows_down_and_the_parents_wins() {
    let mut top = chart("top", "global: {registry: top, deep: {a: 1}}");
    let mut mid = chart("mid", "global: {registry: mid, only: mid, deep: {b: 2}}");
    mid.subcharts.push(chart("leaf", "global: {only: leaf, leaf: 1, gone: 1}"));
    top.subcharts.push(mid);
    let values = values(&top, "global: {given: 1, gone: null}");
    let mid = &values.subcharts["mid"];
    let global = |values: &ChartValues| values.values.to_json()["global"].clone();
    assert_eq!(global(&values), json!({"registry": "top", "deep": {"a": 1}, "given": 1}));
    assert_eq!(global(mid), json!({"registry": "top", "only": "mid", "deep": {"a": 1, "b": 2}, "given": 1}));
    let leaf = json!({"registry": "top", "only": "mid", "leaf": 1, "deep": {"a": 1, "b": 2}, "given": 1});
    assert_eq!(global(&mid.subcharts["leaf"]), leaf);
}

#[test]
fn conditions_and_tags_switch_subcharts() {
    let mut chart = umbrella("db: {enabled: false}\ntags: {backend: false}", "a: 1\nsub: {on: true}");
    let switch = |chart: &mut Chart, condition: &str, tags: &[&str]| {
        let dependency = &mut chart.metadata.dependencies[0];
        dependency.condition = Some(condition.into());
        dependency.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    };
    let enabled = |chart: &Chart, given: &str| values(chart, given).subcharts.contains_key("db");

    switch(&mut chart, "db.enabled", &[]);
    assert!(!enabled(&chart, "{}"));
    assert!(enabled(&chart, "db: {enabled: true}"));
    // What the parent itself sets for it stays visible; defaults of the disabled chart do not.
    assert_eq!(values(&chart, "{}").values.to_json()["db"], json!({"enabled": false}));
    // No value: the next path, then the tags, else enabled.
    switch(&mut chart, "nothing.here, db.enabled", &[]);
    assert!(!enabled(&chart, "{}"));
    assert!(enabled(&chart, "nothing: {here: true}"));
    // The defaults of the subchart count.
    switch(&mut chart, "db.sub.on", &["backend"]);
    assert!(enabled(&chart, "{}"));
    assert!(!enabled(&chart, "db: {sub: {on: null}}"));
    switch(&mut chart, "", &["backend", "frontend"]);
    assert!(!enabled(&chart, "{}"));
    assert!(enabled(&chart, "tags: {frontend: true}"));
    assert!(enabled(&chart, "tags: {backend: null}"));
    switch(&mut chart, "db.enabled", &[]);
    assert_eq!(
        warnings(&chart, "db: {enabled: yes}"),
        ["`db.enabled` switches subchart `db` and must be true or false, it is a string"]
    );
}

#[test]
fn a_chart_can_be_there_twice_under_aliases_and_by_version() {
    let mut top = chart("top", "reader: {a: 1}");
    top.subcharts.push(chart("db", "a: 0\nb: 0"));
    let mut newer = chart("db", "a: new");
    newer.metadata.version = "2.1.0".into();
    top.subcharts.push(newer);
    top.subcharts.push(chart("loose", "x: 1"));
    for (alias, version) in [("reader", "1.x"), ("writer", "^1.0.0"), ("next", ">=2")] {
        let dependency = Dependency { alias: Some(alias.into()), version: Some(version.into()), ..dependency("db") };
        top.metadata.dependencies.push(dependency);
    }
    let names: Vec<_> = subcharts(&top).into_iter().map(|sub| sub.name).collect();
    assert_eq!(names, ["loose", "reader", "writer", "next"]);
    let values = values(&top, "writer: {b: 2}");
    let expected =
        json!({"reader": {"a": 1, "b": 0}, "loose": {"x": 1}, "writer": {"a": 0, "b": 2}, "next": {"a": "new"}});
    assert_eq!(values.values.to_json(), expected);
}

#[test]
fn a_map_and_a_scalar_that_replace_each_other_are_warnings() {
    let web = chart("web", "image: {tag: x}\nport: 80\nnothing:\nlist: [1]");
    let expected =
        ["`image` is a map by default and becomes a string", "`port` is an integer by default and becomes a map"];
    assert_eq!(warnings(&web, "image: web:1\nport: {http: 80}\nnothing: {a: 1}\nlist: none"), expected);
    let errors = resolve(&umbrella("{}", "a: 1"), &yaml("db: x")).unwrap_err();
    assert_eq!(errors[0].message, "`db` holds the values of a subchart and must be a map, it is a string");
}

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

fn tree() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![Just(json!(null)), (0..3_i32).prop_map(Json::from), Just(json!([1])), Just(json!("x"))];
    let map = leaf.prop_recursive(3, 24, 4, |inner| {
        proptest::collection::btree_map("[abc]", inner, 0..4).prop_map(|map| Json::Object(map.into_iter().collect()))
    });
    proptest::collection::btree_map("[abcd]", map, 0..4).prop_map(|map| Json::Object(map.into_iter().collect()))
}

fn merged(base: &Json, over: &Json) -> Json {
    merge(Node::from(base), Node::from(over)).to_json()
}

/// Whether anything below is null, which only defaults may keep.
fn has_null(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Object(map) => map.values().any(has_null),
        _ => false,
    }
}

proptest! {
    #[test]
    fn nothing_over_a_tree_is_the_tree(base in tree()) {
        prop_assert_eq!(merged(&base, &json!({})), base);
    }

    #[test]
    fn merging_twice_is_merging_once(base in tree(), over in tree()) {
        let once = merged(&base, &over);
        prop_assert_eq!(merged(&once, &over), once);
    }

    #[test]
    fn what_was_given_is_there_and_what_was_null_is_gone(base in tree(), over in tree()) {
        fn holds(result: &Json, over: &Json) -> bool {
            match over {
                Json::Object(over) => over.iter().all(|(key, over)| match result.get(key) {
                    None => over.is_null(),
                    Some(result) => holds(result, over),
                }),
                over => result == over,
            }
        }
        let result = merged(&base, &over);
        prop_assert!(holds(&result, &over), "{}", result);
    }

    #[test]
    fn what_was_not_given_stays(base in tree(), over in tree()) {
        let result = merged(&base, &over);
        for (key, value) in base.as_object().unwrap() {
            if over.get(key).is_none() {
                prop_assert_eq!(result.get(key), Some(value));
            }
        }
    }

    #[test]
    fn a_merge_adds_no_nulls(base in tree(), over in tree()) {
        prop_assume!(!has_null(&base));
        prop_assert!(!has_null(&merged(&base, &over)));
    }

    #[test]
    fn layers_can_be_joined_before_they_meet_the_defaults(base in tree(), first in tree(), second in tree()) {
        // Unless a layer makes a map of what another makes a scalar: then the order tells.
        fn agree(a: &Json, b: &Json) -> bool {
            match (a, b) {
                (Json::Object(a), Json::Object(b)) => a.iter().all(|(key, a)| b.get(key).is_none_or(|b| agree(a, b))),
                (a, b) => a.is_object() == b.is_object(),
            }
        }
        prop_assume!(agree(&first, &second) && agree(&base, &first) && agree(&base, &second));
        let inputs = Inputs {
            files: vec![("1".into(), first.to_string()), ("2".into(), second.to_string())],
            ..Inputs::default()
        };
        let joined = given(&inputs, &mut SourceMap::new()).expect("valid");
        let chart = Chart { values: Node::from(&base), ..chart("web", "{}") };
        let (values, _) = resolve(&chart, &joined).expect("valid");
        prop_assert_eq!(values.values.to_json(), merged(&merged(&base, &first), &second));
    }

    #[test]
    fn no_flag_makes_the_reader_panic(flag in "[a-c0-9.=,\\[\\]{}\\\\\"é: ]{0,24}") {
        let all = vec![flag];
        let inputs = Inputs { set: all.clone(), set_json: all.clone(), set_literal: all.clone(), ..Inputs::default() };
        let _ = given(&inputs, &mut SourceMap::new());
        let _ = set_file_paths(&all);
    }
}
