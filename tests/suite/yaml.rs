//! Text to nodes and back: what is written is read back as the same by both dialects, and hostile texts are errors.

use kchart::diagnostic::{Diagnostic, Origin, Place, SourceId, SourceKind, SourceMap};
use kchart::yaml::{
    Charset, Chomp, Dialect, GeneratedKey, Hook, Map, Node, Scalar, Spelled, Style, Text, Value, read, read_one,
    read_with, write, write_documents,
};
use proptest::prelude::*;

const BOTH: [Dialect; 2] = [Dialect::Core12, Dialect::Kubectl11];

/// Strings that some reader of YAML is known to take for something else.
const TRICKY: &[&str] = &[
    "",
    " ",
    "yes",
    "no",
    "on",
    "off",
    "On",
    "y",
    "n",
    "Y",
    "true",
    "False",
    "null",
    "~",
    "1_000",
    "0123",
    "1e3",
    "12:30",
    "12:30:45",
    "0x1F",
    "0o17",
    "0b11",
    "1.",
    ".5",
    "-",
    "-1",
    "+1",
    "- x",
    "# x",
    "x # y",
    "x: y",
    "x:",
    ":x",
    "? x",
    "! x",
    "!x",
    "&x",
    "*x",
    "@x",
    "`x",
    "%x",
    "[x",
    "{x",
    "]",
    "}",
    ",",
    "|",
    ">",
    "'x'",
    "\"x\"",
    "<<",
    "=",
    "2001-01-01",
    "2001-01-01T00:00:00Z",
    ".inf",
    ".nan",
    "---",
    "...",
    "--- x",
    "\t",
    "\tx",
    "x\t",
    "x\ty",
    " x",
    "x ",
    "\n",
    "x\n",
    "x\n\n",
    "\nx",
    "x\n y\n",
    " x\ny",
    "x\n\ty",
    "\tx\ny",
    "x\n \ny",
    "x\r\ny",
    "x\u{85}y",
    "x\u{2028}y",
    "x\u{2029}y\n",
    "\u{feff}x",
    "\u{7f}",
    "\u{0}",
    "x\n---\ny",
    "x\n# y\n",
    "{{ x }}",
    "grün",
    "😀",
    "C:\\x",
    "a, b",
    "9007199254740993",
    "18446744073709551616",
    "1e400",
    "0xfffffffffffffffff",
    "x\"\n  injected: true # ",
];

fn reread(text: &str, dialect: Dialect) -> Vec<Node> {
    read(text, SourceId::NONE, dialect).unwrap_or_else(|error| panic!("{}: {text}", error.message))
}

fn one(text: &str) -> Node {
    read_one(text, SourceId::NONE, Dialect::Core12).unwrap_or_else(|error| panic!("{}: {text}", error.message))
}

fn fails(text: &str) -> Diagnostic {
    read(text, source().1, Dialect::Core12).expect_err(text)
}

fn source() -> (SourceMap, SourceId) {
    let mut sources = SourceMap::new();
    let id = sources.add("values.yaml", SourceKind::Values, "");
    (sources, id)
}

fn at(error: &Diagnostic) -> (u32, u32) {
    error.span.map(|span| (span.place.line, span.place.column)).unwrap_or_default()
}

#[test]
fn tricky_strings_stay_strings_as_values_keys_and_items() {
    for text in TRICKY {
        let mut node = Node::map();
        node.set(&["map", "deeper"], text, "value");
        node.set(&["map"], "value", *text);
        node.set(&[], "list", vec![Node::new(*text), Node::new(vec![Node::new(*text)])]);
        let written = write(&node);
        for dialect in BOTH {
            assert_eq!(reread(&written, dialect), [node.clone()], "{dialect:?} {text:?}\n{written}");
            assert_eq!(reread(&write(&Node::new(*text)), dialect), [Node::new(*text)], "{dialect:?} {text:?}");
        }
    }
}

#[test]
fn a_document_is_written_in_block_style_with_lists_at_the_indentation_of_their_key() {
    let text = "\
apiVersion: v1
empty: {}
list:
- a: 1
  b:
  - - x
    - 'y z'
none: null
script: |
  #!/bin/sh
  exec true
version: \"1.10\"
";
    assert_eq!(write(&one(text)), text.replace("'y z'", "y z"));
    assert_eq!(write_documents([&one("a: 1"), &one("b: []")]), "a: 1\n---\nb: []\n");
}

#[test]
fn numbers_keep_their_digits_where_every_reader_agrees() {
    for (text, written) in [
        ("1.10", "1.10"),
        ("1e3", "1e3"),
        ("+7", "+7"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("9007199254740993", "9007199254740993"),
        ("18446744073709551615", "18446744073709551615"),
    ] {
        assert_eq!(write(&one(&format!("a: {text}"))), format!("a: {written}\n"));
    }
    for (text, written) in
        [("0777", "511"), ("1_000", "1000"), ("1_0.5", "10.5"), ("08", "8.0"), ("1e3_0", "1.0e+30"), ("0b11", "3")]
    {
        let nodes = reread(&format!("a: {text}"), Dialect::Kubectl11);
        assert_eq!(write_documents(&nodes), format!("a: {written}\n"));
    }
}

#[test]
fn generated_strings_are_left_out_with_a_comment_in_their_place() {
    let key = GeneratedKey { name: "password".into(), length: 32, charset: Charset::Alnum };
    let mut node = one("data: {user: app}\nother: {}\nlist: []");
    node.set(&["data"], "password", Text::generated(key.clone()));
    node.set(&["other"], "a\nb", Text::generated(key.clone()));
    node.set(&[], "list", vec![Node::new(Text::generated(key))]);
    let written = write(&node);
    let expected = "\
data:
  user: app
  # password: generated at install, never rendered
other: {}
  # \"a\\nb\": generated at install, never rendered
list: []
";
    assert_eq!(written, expected);
    assert_eq!(one(&written), one("data: {user: app}\nother: {}\nlist: []"));
}

#[test]
fn a_key_of_any_length_is_read_back() {
    let key = "k".repeat(2000);
    for value in ["[1, 2]", "{a: 1}", "text", "{}"] {
        let mut node = Node::map();
        node.set(&["below"], &key, one(value).value);
        for dialect in BOTH {
            assert_eq!(reread(&write(&node), dialect), [node.clone()]);
        }
    }
}

#[test]
fn every_node_knows_its_place_and_the_place_of_its_key() {
    let (_, id) = source();
    let nodes = read("a: 1\nlist:\n  - b: 'x'\n  - |\n    text\n", id, Dialect::Core12).unwrap();
    let node = nodes[0].at(&["a"]).unwrap();
    assert_eq!((node.key, node.origin), (Place::new(id, 1, 1), Origin::value(Place::new(id, 1, 4))));
    let items = nodes[0].list_at(&["list"]);
    let entry = items[0].get("b").unwrap();
    assert_eq!((entry.key, entry.origin.at), (Place::new(id, 3, 5), Place::new(id, 3, 8)));
    assert_eq!((items[0].key, items[1].origin.at), (Place::NOWHERE, Place::new(id, 5, 5)));
}

#[test]
fn documents_are_told_apart() {
    assert_eq!(reread("", Dialect::Core12), []);
    assert_eq!(reread("# only a comment\n", Dialect::Core12), []);
    assert_eq!(reread("---\n---\na: 1\n...\n", Dialect::Core12), [Node::default(), one("a: 1")]);
    assert_eq!(one("# nothing\n"), Node::map());
    assert_eq!(one("---\n# nothing\n---\na: 1\n"), one("a: 1"));
    let error = read_one("a: 1\n---\nb: 2\n", source().1, Dialect::Core12).unwrap_err();
    assert_eq!((error.message.as_str(), at(&error)), ("expected one document, found a second one", (3, 1)));
}

#[test]
fn duplicate_keys_are_errors_in_our_files_and_the_last_one_wins_in_manifests() {
    let error = fails("a:\n  b: 1\n  c: 2\n  b: 3\n");
    assert_eq!((error.message.as_str(), at(&error)), ("duplicate key `b`", (4, 3)));
    assert_eq!(error.notes[0].span.unwrap().place.line, 2);
    assert_eq!(reread("a: 1\na: 2\n", Dialect::Kubectl11), [one("a: 2")]);
}

#[test]
fn merge_keys_and_aliases_are_resolved() {
    let text = "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\nx:\n  a: 0\n  <<: [*base, *more]\ny: *base\n";
    let node = one(text);
    assert_eq!(node.get("x"), Some(&one("{a: 0, b: 2, c: 4}")));
    assert_eq!(node.get("y"), node.get("base"));
    // goyaml v2 lets a merge replace what stands above it.
    assert_eq!(reread(text, Dialect::Kubectl11)[0].get("x"), Some(&one("{a: 1, b: 2, c: 4}")));
    assert_eq!(fails("a: 1\nb:\n  <<: 5\n").message, "`<<` merges a map or a list of maps");
}

#[test]
fn keys_are_their_text_in_our_files_and_resolved_in_manifests() {
    let text = "yes: 1\n1.50: 2\n0777: 3\nTrue: 4\n1e7: 5\n";
    let keys = |dialect| reread(text, dialect)[0].as_map().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(Dialect::Core12), ["yes", "1.50", "0777", "True", "1e7"]);
    // `yes` and `True` are one key there.
    assert_eq!(keys(Dialect::Kubectl11), ["true", "1.5", "511", "1e+07"]);
    assert_eq!(fails("~: 1").message, "a key can't be null");
    assert_eq!(fails("a:\n  : 1").message, "expected a key before `:`");
    assert_eq!(fails("[a]: 1").message, "a key must be a string, not a list or a map");
}

#[test]
fn tags_say_what_a_scalar_is() {
    let node = one("a: !!str 5\nb: !!float 5\nc: !!int 0x10\nd: ! 5\ne: !!bool true\nf: !!map {}");
    let expected = serde_json::json!({"a": "5", "b": 5.0, "c": 16, "d": "5", "e": true, "f": {}});
    assert_eq!(node.to_json(), expected);
    assert_eq!(fails("a: !!int x").message, "the value is no `!!int`");
    assert_eq!(fails("a: !foo x").message, "the `!` begins a tag, and this tag is not known");
    assert_eq!(fails("a: !foo {}").message, "the `!` begins a tag, and this tag is not known");
    let node = &reread("a: !foo 5\nb: !!binary aGFs\n  bG8=\nc: !foo {d: 1}", Dialect::Kubectl11)[0];
    assert_eq!(node.to_json(), serde_json::json!({"a": "5", "b": "hallo", "c": {"d": 1}}));
}

#[test]
fn json_with_tabs_is_read() {
    assert_eq!(one("{\n\t\"a\": [\n\t\t1\n\t]\n}").to_json(), serde_json::json!({"a": [1]}));
}

#[test]
fn a_text_that_is_no_yaml_says_what_was_expected_and_where() {
    for (text, message, place) in [
        ("a: {{ .Values.x }}\n", "expected a value, found a template expression `{{`", (1, 4)),
        ("{{- if x }}\na: 1\n", "expected a value, found a template expression `{{`", (1, 1)),
        ("a: 1\n\tb: 2\n", "a tab can't be used for indentation", (2, 1)),
        ("a:\n\t- b\n", "a tab can't be used for indentation", (2, 1)),
        ("a: 1\n  b: 2\n", "the line is indented deeper than the one above, whose value is already complete", (2, 3)),
        ("a:\n  b: 1\n c: 2\n", "the line is indented like none of the keys above", (3, 2)),
        ("a: \"x\nb: 2\n", "the quote is never closed", (1, 4)),
        ("a: [1, 2\nb: 3\n", "expected `,` or a closing bracket before this `:`", (2, 2)),
        ("a: [1, 2\n", "`[` is never closed", (1, 4)),
        ("a: [1}\n", "`[` is closed by `}`", (1, 4)),
        ("a: x: y\n", "a second `: ` in one line", (1, 5)),
        ("a 1\nb: 2\n", "expected `key: value`, found a line without `: `", (1, 1)),
        ("a: @x\n", "a value without quotes can't begin with `@`", (1, 4)),
        ("a: 'it's'\n", "expected the end of the value after the closing `'`", (1, 8)),
        ("- a\nb: 1\n", "expected `- ` for the next item of the list above", (2, 1)),
        ("a: 1\n- b\n", "expected `key: value`, found an item of a list", (2, 1)),
        ("a: *x\n", "the alias names no anchor above it", (1, 4)),
        ("a: \"\\q\"\n", "a backslash in this double-quoted string begins an escape that YAML does not know", (1, 4)),
        ("a: b\u{1}\n", "the control character U+0001 can't stand in YAML", (1, 4)),
        ("a: 18446744073709551616\n", "the integer does not fit into 64 bits", (1, 4)),
        ("a: .inf\n", "the number is not finite", (1, 4)),
    ] {
        let error = fails(text);
        assert_eq!((error.message.as_str(), at(&error)), (message, place), "{text}");
    }
}

#[test]
fn hostile_texts_are_errors() {
    let level = |level: usize| format!("a{}: &a{} [{}]\n", level + 1, level + 1, format!("*a{level}, ").repeat(9));
    let bomb = format!("a0: &a0 x\n{}", (0..12).map(level).collect::<String>());
    assert!(fails(&bomb).message.starts_with("the text has too many values"));

    let deep = "the text is nested deeper than 200 levels";
    assert_eq!(fails(&"[".repeat(10_000)).message, deep);
    assert_eq!(fails(&"- ".repeat(10_000)).message, deep);
    assert_eq!(fails(&"{a: ".repeat(10_000)).message, deep);
    let nested = format!("a0: &a0 {}x{}\n", "[".repeat(150), "]".repeat(150));
    assert_eq!(fails(&format!("{nested}a1: {}*a0{}\n", "[".repeat(150), "]".repeat(150))).message, deep);
    assert_eq!(fails("a: &a [*a]").message, "an anchor can't contain itself");
    assert_eq!(fails(&" ".repeat(64 * 1024 * 1024 + 1)).message, "the text is larger than 64 MiB");
}

/// Fills `T` with a number, and counts what it sees.
#[derive(Default)]
struct Filling {
    seen: Vec<(String, Style, Option<Chomp>)>,
}

impl Hook for Filling {
    fn place(&mut self, line: u32, column: u32) -> Place {
        Place::new(SourceId::NONE, line + 100, column)
    }

    fn scalar(&mut self, scalar: &Scalar<'_>) -> Result<Option<Node>, Diagnostic> {
        self.seen.push((scalar.text.to_owned(), scalar.style, scalar.chomp));
        Ok((scalar.text == "T").then(|| Node::new(Spelled::from(7))))
    }

    fn key(&mut self, scalar: &Scalar<'_>) -> Result<Option<String>, Diagnostic> {
        Ok((scalar.text == "T").then(|| "filled".to_owned()))
    }
}

#[test]
fn a_hook_fills_values_and_keys_before_duplicates_are_looked_for() {
    let mut hook = Filling::default();
    let nodes = read_with("T: T\nb: [T, !!str T, 'T']\n", Dialect::Core12, &mut hook).unwrap();
    assert_eq!(nodes, [one("filled: 7\nb: [7, '7', 7]")]);
    let node = one("a: 1");
    assert_eq!(node.get("a").unwrap().origin.from, node.get("a").unwrap().origin.at);
    let error = read_with("filled: 1\nT: 2\n", Dialect::Core12, &mut hook).unwrap_err();
    assert_eq!(error.message, "duplicate key `filled`");
}

#[test]
fn a_hook_is_told_how_a_scalar_was_written() {
    let mut hook = Filling::default();
    let text = "a: x\nb: 'x'\nc: \"x\"\nd: |\n  x\ne: |2-\n    x\n\nf: >+ # note\n\n\n  x\n\ng: >\n  x\n";
    read_with(text, Dialect::Core12, &mut hook).unwrap();
    let seen: Vec<_> = hook.seen.iter().map(|(text, style, chomp)| (text.as_str(), *style, *chomp)).collect();
    assert_eq!(
        seen,
        [
            ("x", Style::Plain, None),
            ("x", Style::SingleQuoted, None),
            ("x", Style::DoubleQuoted, None),
            ("x\n", Style::Literal, Some(Chomp::Clip)),
            ("  x", Style::Literal, Some(Chomp::Strip)),
            ("\n\nx\n\n", Style::Folded, Some(Chomp::Keep)),
            ("x\n", Style::Folded, Some(Chomp::Clip)),
        ]
    );
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(TRICKY).prop_map(str::to_owned),
        "[-0-9a-fxo._:+~#\\[\\]{},|>'\"!&*?=%@ \\t\\n\\r]{0,12}",
        "\\PC{0,8}",
        proptest::collection::vec(any::<char>(), 0..6).prop_map(|chars| chars.into_iter().collect()),
    ]
}

fn number() -> impl Strategy<Value = Spelled> {
    prop_oneof![
        any::<i64>().prop_map(Spelled::from),
        any::<u64>().prop_map(|value| Spelled::unsigned(value.to_string(), value)),
        (any::<f64>().prop_filter("finite", |value| value.is_finite()))
            .prop_map(|value| Spelled::float(format!("{value}"), value)),
    ]
}

fn tree() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number().prop_map(Value::Number),
        text().prop_map(Value::from),
    ];
    leaf.prop_map(Node::new).prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Node::new),
            proptest::collection::vec((text(), inner), 0..5)
                .prop_map(|entries| Node::new(entries.into_iter().collect::<Map>())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_by_both_dialects(node in tree()) {
        let written = write(&node);
        for dialect in BOTH {
            let nodes = read(&written, SourceId::NONE, dialect);
            prop_assert_eq!(nodes, Ok(vec![node.clone()]), "{:?}\n{}", dialect, written);
        }
    }

    #[test]
    fn writing_is_canonical(node in tree()) {
        let written = write(&node);
        let again = read(&written, SourceId::NONE, Dialect::Core12).expect("just written");
        prop_assert_eq!(write_documents(&again), written);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[-a: \\t\\n\\[\\]{},|>'\"!&*?%{0-9.~]{0,40}", dialect in 0..2_usize) {
        let _ = read(&text, SourceId::NONE, BOTH[dialect]);
    }
}
