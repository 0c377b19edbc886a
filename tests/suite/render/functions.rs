//! What each function gives.

use super::bench::Bench;

const VALUES: &str = "
text: Hello World
name: web
empty: \"\"
zero: 0
none: null
flag: true
number: 1.10
list: [b, a, c]
ports: [{name: http, port: 80}]
map: {a: 1, b: {c: 2}}
big: 18446744073709551615
";

/// Calls and the JSON of what they give.
const TABLE: [(&str, &str); 83] = [
    ("default \"x\" values.none", r#""x""#),
    ("default \"x\" values.empty", r#""x""#),
    ("default \"x\" values.name", r#""web""#),
    ("default 5 values.zero", "0"),
    ("default true (eq 1 2)", "false"),
    ("required \"needed\" values.name", r#""web""#),
    ("required values.name \"needed\"", r#""web""#),
    ("optional values.none", "null"),
    ("optional values.map.a", "1"),
    ("and values.name values.flag", "true"),
    ("and values.zero (required \"not reached\" values.none)", "false"),
    ("or values.none values.flag (required \"not reached\" values.none)", "true"),
    ("not values.empty", "true"),
    ("eq values.zero 0", "true"),
    ("eq 1 1.0", "true"),
    ("eq values.name \"web\"", "true"),
    ("eq values.zero \"0\"", "false"),
    ("eq values.list (list \"b\" \"a\" \"c\")", "true"),
    ("eq values.none null", "true"),
    ("ne values.name \"x\"", "true"),
    ("lt 1 1.5", "true"),
    ("le 2 2", "true"),
    ("gt \"b\" \"a\"", "true"),
    ("ge 1 2", "false"),
    ("gt values.big 9223372036854775807", "true"),
    ("semverCompare \">=1.29-0\" capabilities.kubeVersion", "true"),
    ("semverCompare \"<1.29\" \"v1.30.1\"", "false"),
    ("concat values.name \"-\" values.number", r#""web-1.10""#),
    ("concat values.list (list 1)", r#"["b","a","c",1]"#),
    ("join \",\" values.list", r#""b,a,c""#),
    ("join values.list \",\"", r#""b,a,c""#),
    ("split \"l\" values.text", r#"["He","","o Wor","d"]"#),
    ("replace values.text \"l\" \"L\"", r#""HeLLo WorLd""#),
    ("trim \"  x \"", r#""x""#),
    ("upper values.name", r#""WEB""#),
    ("lower values.text", r#""hello world""#),
    ("kebab values.text", r#""hello-world""#),
    ("trunc 5 values.text", r#""Hello""#),
    ("trunc -5 values.text", r#""World""#),
    ("quote values.number", r#""1.10""#),
    ("concat \"k = \" (quote values.text)", r#""k = \"Hello World\"""#),
    ("indent 2 \"a\\nb\\n\\nc\"", r#""a\n  b\n\n  c""#),
    ("int \"42\"", "42"),
    ("int 3.0", "3"),
    ("float \"1.50\"", "1.5"),
    ("string values.number", r#""1.10""#),
    ("string values.flag", r#""true""#),
    ("bool \"false\"", "false"),
    ("len values.text", "11"),
    ("len values.list", "3"),
    ("len values.map", "2"),
    ("has values.list \"a\"", "true"),
    ("has values.map \"c\"", "false"),
    ("has values.text \"World\"", "true"),
    ("has capabilities.apiVersions \"apps/v1\"", "true"),
    ("get values.map values.map.keyless", ""),
    ("get values.list 1", r#""a""#),
    ("get values.map \"b\"", r#"{"c":2}"#),
    ("first values.list", r#""b""#),
    ("last values.list", r#""c""#),
    ("keys values.map", r#"["a","b"]"#),
    ("values values.map", r#"[1,{"c":2}]"#),
    ("list 1 \"two\" null", r#"[1,"two",null]"#),
    ("list [1, \"x\"] {\"a\": true}", r#"[[1,"x"],{"a":true}]"#),
    ("dict a=1 b=(list)", r#"{"a":1,"b":[]}"#),
    ("dict values.name 1 \"k\" 2", r#"{"web":1,"k":2}"#),
    ("merge values.map (dict b=(dict d=3)) values.none", r#"{"a":1,"b":{"c":2,"d":3}}"#),
    ("pick values.map \"a\"", r#"{"a":1}"#),
    ("omit values.map \"a\"", r#"{"b":{"c":2}}"#),
    ("range 3", "[0,1,2]"),
    ("range 2 4", "[2,3]"),
    ("sha256 \"abc\"", r#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#),
    ("b64enc values.name", r#""d2Vi""#),
    ("b64dec \"d2Vi\"", r#""web""#),
    ("toJson values.map", r#""{\"a\":1,\"b\":{\"c\":2}}""#),
    ("toYaml values.map", r#""a: 1\nb:\n  c: 2\n""#),
    ("file \"a.txt\"", r#""text of a\n""#),
    ("file \"files/a.txt\" encoding=\"base64\"", r#""dGV4dCBvZiBhCg==""#),
    ("files \"conf/*\"", r#"{"b.conf":"b","c.conf":"c"}"#),
    ("fullname \"rabbitmq\"", r#""web-rabbitmq""#),
    ("fullname \"web\"", r#""web""#),
    ("len (generate \"p\")", ""),
    ("upper (lower (trim \" X \"))", r#""X""#),
];

fn bench(template: &str) -> Bench {
    let mut bench = Bench::new(VALUES).template("x.yaml.hbs", template);
    for (path, text) in [("a.txt", "text of a\n"), ("conf/b.conf", "b"), ("conf/c.conf", "c"), ("other.bin", "x")] {
        bench.chart.files.insert(path.into(), text.into());
    }
    bench
}

#[test]
fn functions_give_what_the_catalogue_says() {
    for (call, wanted) in TABLE {
        let mut bench = bench(&format!("x: {{{{{call}}}}}\n"));
        let found = match bench.render() {
            Ok(rendered) => rendered.documents[0].root.to_json()["x"].to_string(),
            Err(errors) if wanted.is_empty() => {
                assert!(errors[0].span.is_some(), "{call}");
                continue;
            }
            Err(errors) => panic!("{call}\n{}", bench.paint(&errors)),
        };
        assert_eq!(found, wanted, "{call}");
    }
}

#[test]
fn every_function_is_in_the_table() {
    for function in kchart::render::functions::all() {
        let name = function.name;
        let tested =
            name == "generate" || TABLE.iter().any(|(call, _)| call.split([' ', '(']).any(|word| word == name));
        assert!(tested, "`{name}` is not tested");
    }
}

#[test]
fn generated_values_stay_open() {
    let mut bench = bench("a: {{generate \"p\"}}\nb: \"amqp://u:{{generate \"p\" length=32 charset=\"alnum\"}}@h\"\n");
    let rendered = bench.render().expect("renders");
    let text = |key: &str| rendered.documents[0].root.get(key).and_then(|node| node.as_text().cloned()).expect("text");
    assert_eq!(text("a").generated_keys().count(), 1);
    assert_eq!(text("b").parts().len(), 3);
    assert_eq!(text("b").known(), None);
}
