//! Values: what layers and charts make of each other.

mod flags;
mod laws;
mod schema;

use std::collections::BTreeMap;

use kchart::chart::{Chart, Dependency, Metadata};
use kchart::diagnostic::{Severity, SourceId, SourceMap};
use kchart::values::{ChartValues, Inputs, given, resolve, subcharts};
use kchart::yaml::{Dialect, Node, read_one};
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

fn flags(inputs: &Inputs) -> Json {
    given(inputs, &mut SourceMap::new()).unwrap_or_else(|errors| panic!("{errors:?}")).to_json()
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
