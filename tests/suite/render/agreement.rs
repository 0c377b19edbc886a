//! Where handlebars and kchart mean the same thing, they write the same text: white space, blocks, partials.

use super::bench::Bench;

const VALUES: &str = r#"{"name": "n", "on": true, "off": false, "zero": 0, "list": ["a", "b"], "map": {"k": "v"}}"#;

const PARTIAL: &str = "p1 {{q}}\np2\n";

/// Templates whose holes hold strings only: in plain text both engines must write the same.
const TEMPLATES: [&str; 27] = [
    "a\n{{#if values.on}}\nb\n{{/if}}\nc\n",
    "a\n  {{#if values.on}}\n  b\n  {{/if}}\nc\n",
    "a {{#if values.on}} b {{/if}} c\n",
    "a {{~#if values.on~}} b {{~/if~}} c\n",
    "a\n{{#if values.off}}\nb\n{{else}}\nc\n{{/if}}\nd",
    "a\n{{#if values.off}}\nb\n{{else if values.on}}\nc\n{{else}}\nd\n{{/if}}\ne",
    "{{#if values.off}}b{{else if values.zero}}c{{else}}d{{/if}}",
    "{{#unless values.off}}\nx\n{{/unless}}\n",
    "{{#each values.list}}\n- {{this}}\n{{/each}}\nend",
    "{{#each values.list}}{{@index}}{{@first}}{{@last}}{{this}},{{/each}}",
    "{{#each values.map}}{{@key}}={{this}}{{/each}}",
    "{{#each values.list as |item index|}}{{index}}:{{item}} {{/each}}",
    "{{#each values.list}}{{#each ../values.list}}{{this}}{{../this}}{{@../index}} {{/each}}{{/each}}",
    "{{#with values.map}}{{k}}{{../values.name}}{{@root.values.name}}{{/with}}",
    "{{#with values.map as |m|}}{{m.k}}{{/with}}",
    "{{! comment }}\nx {{!-- }} --}} y\n",
    "  {{! alone }}\nx\n",
    "\\{{values.name}} \\\\{{values.name}}\n",
    "{{{values.name}}}{{&values.name}}{{[values].name}}\n",
    "{{~values.name~}}  x  {{~ values.name ~}}\n",
    "a\n  {{> p q=values.name}}\nb\n",
    "a\n{{> p q=\"x\"}}\nb\n",
    "{{#*inline \"i\"}}\nin {{values.name}}\n{{/inline}}\nx\n{{> i}}\ny\n",
    "{{#*inline \"lay\"}}[{{> @partial-block}}]{{/inline}}{{#> lay}}body {{values.name}}{{/lay}}\n",
    "{{#if values.zero includeZero=true}}z{{/if}}{{#if values.zero}}y{{/if}}",
    "a\r\n{{#if values.on}}\r\nb\r\n{{/if}}\r\nc",
    "{{#if values.on}}{{#if values.on}}\nx\n{{/if}}{{/if}}\n",
];

#[test]
fn text_is_written_as_handlebars_writes_it() {
    for template in TEMPLATES {
        let mut handlebars = handlebars::Handlebars::new();
        handlebars.register_escape_fn(handlebars::no_escape);
        handlebars.register_partial("p", PARTIAL).expect("partial");
        let values: serde_json::Value = serde_json::from_str(VALUES).expect("JSON");
        let theirs = handlebars.render_template(template, &serde_json::json!({"values": values})).expect(template);
        let mut bench = Bench::new(VALUES).template("_p.hbs", PARTIAL).template("notes.txt.hbs", template);
        let ours = match bench.render() {
            Ok(rendered) => rendered.notes.unwrap_or_default(),
            Err(errors) => panic!("{template}\n{}", bench.paint(&errors)),
        };
        assert_eq!(ours, theirs, "{template}");
    }
}
