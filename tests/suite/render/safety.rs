//! A value can't change the structure of a document, whatever it holds.

use serde_json::json;

use super::bench::{Bench, rendered};

const EVIL: &str = "x\"\n  injected: true # '\n---\n- {{values.other}} &a *a !!x |\n\t";

#[test]
fn no_value_changes_more_than_its_own_string() {
    let values = format!("evil: {}\n", serde_json::Value::from(EVIL));
    let template = "
plain: {{values.evil}}
longer: a {{values.evil}} b
double: \"{{values.evil}}\"
single: '{{values.evil}}'
block: |
  {{values.evil}}
folded: >-
  {{values.evil}}
{{values.evil}}: key
flow: [{{values.evil}}, {k: {{values.evil}}}]
list:
  - {{values.evil}}
# comment {{values.evil}}
upper: {{concat values.evil \"!\"}}
";
    let document = rendered(&values, template);
    assert_eq!(
        document,
        [json!({
            "plain": EVIL, "longer": format!("a {EVIL} b"), "double": EVIL, "single": EVIL,
            "block": format!("{EVIL}\n"), "folded": EVIL, EVIL: "key", "flow": [EVIL, {"k": EVIL}], "list": [EVIL],
            "upper": format!("{EVIL}!"),
        })]
    );
}

#[test]
fn values_with_the_tokens_own_characters_stay_strings() {
    let values = "a: \"\\uE0000\\uE001\"\nb: \"\\uE0001\\uE001\"\n";
    assert_eq!(
        rendered(values, "x: {{values.a}}\ny: \"{{values.b}}-{{values.a}}\"\n"),
        [json!({"x": "\u{E000}0\u{E001}", "y": "\u{E000}1\u{E001}-\u{E000}0\u{E001}"})]
    );
    let mut bench = Bench::new("{}").template("x.yaml.hbs", "a: \u{E000}0\u{E001}\n");
    let errors = bench.render().expect_err("tokens in a template");
    assert!(errors[0].message.contains("U+E000"), "{}", bench.paint(&errors));
}

#[test]
fn a_hole_that_ends_a_block_is_chomped_as_the_block_says() {
    let values = "one: a\nmany: \"a\\nb\\n\\n\"\nempty: \"\"\n";
    let template = "
clip: |
  {{values.many}}
strip: |-
  {{values.many}}
keep: |+
  {{values.many}}
middle: |
  {{values.many}}
  end
one: |
  {{values.one}}
empty: |
  {{values.empty}}
";
    assert_eq!(
        rendered(values, template),
        [json!({
            "clip": "a\nb\n", "strip": "a\nb", "keep": "a\nb\n\n\n", "middle": "a\nb\n\n\nend\n", "one": "a\n",
            "empty": "",
        })]
    );
}

#[test]
fn keys_are_unique_after_filling() {
    let mut bench = Bench::new("a: x\n").template("x.yaml.hbs", "x: 1\n{{values.a}}: 2\n");
    let errors = bench.render().expect_err("duplicate key");
    assert!(errors[0].message.contains("`x`"), "{}", bench.paint(&errors));
}
