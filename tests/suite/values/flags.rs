//! The grammar of `--set` and its kin, checked against what Helm's own `strvals` does.

use kchart::diagnostic::{SourceMap, paint};
use kchart::values::{Inputs, given, set_file_paths};
use serde_json::{Value as Json, json};

use super::flags;

fn set(flag: &str) -> Json {
    flags(&Inputs { set: vec![flag.into()], ..Inputs::default() })
}

/// The messages of an error as they are painted.
fn painted(inputs: &Inputs) -> String {
    let mut sources = SourceMap::new();
    let errors = given(inputs, &mut sources).expect_err("an error");
    errors.iter().map(|error| paint(error, &sources, &str::to_owned, false)).collect()
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
