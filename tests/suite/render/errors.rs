//! What is said of wrong templates and values: the exact text.

#![expect(clippy::needless_raw_string_hashes, reason = "snapbox writes the expected texts")]

use snapbox::{IntoData as _, str};

use super::bench::Bench;

const VALUES: &str = "image:\n  repository: nginx\n  tag: \"1.27\"\nports: [80, 81]\n";

/// The messages for one template.
fn painted(template: &str) -> String {
    of(&mut Bench::new(VALUES).template("x.yaml.hbs", template))
}

fn of(bench: &mut Bench) -> String {
    match bench.render() {
        Ok(_) => "renders".to_owned(),
        Err(errors) => bench.paint(&errors),
    }
}

#[test]
fn a_missing_value_names_the_nearest_and_where_it_is_set() {
    let text = of(&mut Bench::new("image: {}\n")
        .layer("image:\n  tag: x\n")
        .template("x.yaml.hbs", "a: {{values.image.tagg}}\n"));
    snapbox::assert_data_eq!(
        text,
        str![[r#"
error: `values.image.tagg` is not set
  --> demo/templates/x.yaml.hbs:1:6
   |
 1 | a: {{values.image.tagg}}
   |      ^^^^^^^^^^^^^^^^^
  ::: my.yaml:2:3
   |
 2 |   tag: x
   |   --- `tag` is set here
hint: did you mean `values.image.tag`?

"#]]
    );
}

#[test]
fn undeclared_values() {
    snapbox::assert_data_eq!(
        painted("kind: A\nspec:\n  image: {{values.image.tga}}\n"),
        str![[r#"
error: `values.image.tga` is not declared
  --> demo/templates/x.yaml.hbs:3:12
   |
 3 |   image: {{values.image.tga}}
   |            ^^^^^^^^^^^^^^^^
  ::: demo/values.yaml:3:3
   |
 3 |   tag: "1.27"
   |   --- `tag` is declared here
hint: did you mean `values.image.tag`?

"#]]
    );
    snapbox::assert_data_eq!(
        painted("{{#if values.persistence}}\na: 1\n{{/if}}\n"),
        str![[r#"
error: `values.persistence` is not declared
  --> demo/templates/x.yaml.hbs:1:7
   |
 1 | {{#if values.persistence}}
   |       ^^^^^^^^^^^^^^^^^^
hint: declare it in values.yaml (`null` if it has no default) or in values.schema.json

"#]]
    );
    snapbox::assert_data_eq!(
        painted("a: {{upper (default \"x\" values.imagee.tag)}}\n"),
        str![[r#"
error: `values.imagee` is not declared
  --> demo/templates/x.yaml.hbs:1:25
   |
 1 | a: {{upper (default "x" values.imagee.tag)}}
   |                         ^^^^^^^^^^^^^^^^^
  ::: demo/values.yaml:1:1
   |
 1 | image:
   | ----- `image` is declared here
hint: did you mean `values.image`?

"#]]
    );
}

#[test]
fn broken_templates() {
    let templates = [
        "a: 1\n{{#if values.image}}\nb: 1\n",
        "{{#if values.image}}\na: 1\n{{/each}}\n",
        "a: {{values.image.tag\nb: {{values.ports}}\n",
        "a: {{ .Values.image.tag | quote }}\n",
        "a: {{ .Values.image.tag }}\n",
        "{{- if .Values.image }}\na: 1\n{{- end }}\n",
        "{{if values.image}}a: 1{{end}}\n",
        "{{ range .Values.ports }}{{ . }}{{ end }}\n",
        "a: {{ include \"x\" $ | nindent 4 }}\n",
        "a: {{{values.image.tag}}: 1}\n",
        "{{! a {{values.image}} b }}\n",
        "a: {{elsewhere}}\n",
        "a: {{values.image.tag,}}\n",
        "{{#each values.ports as port}}{{/each}}\n",
        "a: {{values.image.tag | upper}}\n",
        "{{#if values.image.tag == \"1\"}}a: 1{{/if}}\n",
        "a: {{eq (len values.ports 2}}\n",
        "{{#iff values.image}}{{/iff}}\n",
        "a: {{\"x}}\n",
        "{{/if}}\n",
    ];
    let text: String = templates.iter().map(|template| painted(template) + "\n").collect();
    snapbox::assert_data_eq!(
        text,
        str![[r#"
error: `{{#if}}` is not closed
  --> demo/templates/x.yaml.hbs:2:1
   |
 2 | {{#if values.image}}
   | ^^^^^^^^^^^^^^^^^^^^
hint: end it with `{{/if}}`

error: `{{/each}}` can't close `{{#if}}`
  --> demo/templates/x.yaml.hbs:3:1
   |
 3 | {{/each}}
   | ^^^^^^^^^
  ::: demo/templates/x.yaml.hbs:1:1
   |
 1 | {{#if values.image}}
   | -------------------- opened here
hint: write `{{/if}}`

error: `{{` is not closed
  --> demo/templates/x.yaml.hbs:1:4
   |
 1 | a: {{values.image.tag
   |    ^^
hint: end the tag with `}}`
hint: write `\{{` for braces that are text

error: handlebars has no pipes
  --> demo/templates/x.yaml.hbs:1:25
   |
 1 | a: {{ .Values.image.tag | quote }}
   |                         ^
   = this looks like a Go template; `.hbs` files are handlebars templates
hint: write `{{values.image.tag}}`: values are put in with their type, whatever they hold

error: `.Values.image.tag` is not handlebars
  --> demo/templates/x.yaml.hbs:1:7
   |
 1 | a: {{ .Values.image.tag }}
   |       ^^^^^^^^^^^^^^^^^
   = this looks like a Go template; `.hbs` files are handlebars templates
hint: write `values.image.tag`

error: `{{if}}` is not handlebars
  --> demo/templates/x.yaml.hbs:1:1
   |
 1 | {{- if .Values.image }}
   | ^^^^^^^^^^^^^^^^^^^^^^^
   = this looks like a Go template; `.hbs` files are handlebars templates
hint: write `{{#if …}}` and end the block with `{{/if}}`
hint: write `values.image`

error: `{{if}}` is not handlebars
  --> demo/templates/x.yaml.hbs:1:1
   |
 1 | {{if values.image}}a: 1{{end}}
   | ^^^^^^^^^^^^^^^^^^^
   = this looks like a Go template; `.hbs` files are handlebars templates
hint: write `{{#if …}}` and end the block with `{{/if}}`

error: `{{range}}` is not handlebars
  --> demo/templates/x.yaml.hbs:1:1
   |
 1 | {{ range .Values.ports }}{{ . }}{{ end }}
   | ^^^^^^^^^^^^^^^^^^^^^^^^^
   = this looks like a Go template; `.hbs` files are handlebars templates
hint: write `{{#each …}}` and end the block with `{{/each}}`
hint: write `values.ports`

error: `{{include}}` is not handlebars
  --> demo/templates/x.yaml.hbs:1:4
   |
 1 | a: {{ include "x" $ | nindent 4 }}
   |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = this looks like a Go template; `.hbs` files are handlebars templates
hint: write `{{> name}}` to use the partial `templates/_name.hbs`
hint: call functions with arguments, nested in parentheses: `{{upper (default "x" values.name)}}`

error: `{{{` is not closed
  --> demo/templates/x.yaml.hbs:1:4
   |
 1 | a: {{{values.image.tag}}: 1}
   |    ^^^
hint: end the tag with `}}}`
hint: put a space after a brace that is text: `{ {{`

error: this comment ends at the first `}}`
  --> demo/templates/x.yaml.hbs:1:1
   |
 1 | {{! a {{values.image}} b }}
   | ^^^^^^^^^^^^^^^^^^^^^^
hint: write `{{!-- … --}}` around text with tags

error: `elsewhere` begins with `else`, which handlebars takes for `{{else}}`
  --> demo/templates/x.yaml.hbs:1:4
   |
 1 | a: {{elsewhere}}
   |    ^^^^^^^^^^^^^
hint: write `{{this.elsewhere}}`

error: can't read `values.image.tag,`
  --> demo/templates/x.yaml.hbs:1:6
   |
 1 | a: {{values.image.tag,}}
   |      ^^^^^^^^^^^^^^^^^
hint: arguments are separated by spaces

error: `{{#each}}` takes one value
  --> demo/templates/x.yaml.hbs:1:1
   |
 1 | {{#each values.ports as port}}{{/each}}
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: names stand between bars: `{{#each … as |name|}}`

error: handlebars has no pipes
  --> demo/templates/x.yaml.hbs:1:23
   |
 1 | a: {{values.image.tag | upper}}
   |                       ^
   = this looks like a Go template; `.hbs` files are handlebars templates
hint: write `{{upper values.image.tag}}`

error: can't read `values.image.tag == "1"`
  --> demo/templates/x.yaml.hbs:1:7
   |
 1 | {{#if values.image.tag == "1"}}a: 1{{/if}}
   |       ^^^^^^^^^^^^^^^^^^^^^^^
hint: compare with `(eq a b)`

error: `(` is not closed
  --> demo/templates/x.yaml.hbs:1:9
   |
 1 | a: {{eq (len values.ports 2}}
   |         ^^^^^^^^^^^^^^^^^^^

error: there is no block `iff`
  --> demo/templates/x.yaml.hbs:1:1
   |
 1 | {{#iff values.image}}{{/iff}}
   | ^^^^^^^^^^^^^^^^^^^^^
hint: did you mean `if`?

error: string is not closed
  --> demo/templates/x.yaml.hbs:1:6
   |
 1 | a: {{"x}}
   |      ^
hint: end it with `"`

error: `{{/if}}` closes nothing
  --> demo/templates/x.yaml.hbs:1:1
   |
 1 | {{/if}}
   | ^^^^^^^


"#]]
        .raw()
    );
}

#[test]
fn values_where_they_do_not_fit() {
    snapbox::assert_data_eq!(
        painted("a: x-{{values.ports}}\n"),
        str![[r#"
error: a list can't be part of a string
  --> demo/templates/x.yaml.hbs:1:6
   |
 1 | a: x-{{values.ports}}
   |      ^^^^^^^^^^^^^^^^
  ::: demo/values.yaml:4:8
   |
 4 | ports: [80, 81]
   |        - set here
hint: join its items (`{{join ", " …}}`), or let the hole be the whole value, without quotes

"#]]
    );
    snapbox::assert_data_eq!(
        painted("a: \"{{values.image}}\"\n"),
        str![[r#"
error: a map can't be part of a string
  --> demo/templates/x.yaml.hbs:1:5
   |
 1 | a: "{{values.image}}"
   |     ^^^^^^^^^^^^^^^^
  ::: demo/values.yaml:2:3
   |
 2 |   repository: nginx
   |   - set here
hint: take one of its keys, or let the hole be the whole value, without quotes

"#]]
    );
    snapbox::assert_data_eq!(
        painted("{{#each values.image.tag}}{{/each}}a: 1\n"),
        str![[r#"
error: `{{#each}}` wants a list or a map, not a string
  --> demo/templates/x.yaml.hbs:1:9
   |
 1 | {{#each values.image.tag}}{{/each}}a: 1
   |         ^^^^^^^^^^^^^^^^
  ::: demo/values.yaml:3:8
   |
 3 |   tag: "1.27"
   |        - set here

"#]]
    );
}

#[test]
fn functions() {
    snapbox::assert_data_eq!(
        painted("a: {{uper values.image.tag}}\n"),
        str![[r#"
error: there is no function `uper`
  --> demo/templates/x.yaml.hbs:1:6
   |
 1 | a: {{uper values.image.tag}}
   |      ^^^^
hint: did you mean `upper`?

"#]]
    );
    snapbox::assert_data_eq!(
        painted("a: {{upper values.ports}}\n"),
        str![[r#"
error: `upper` wants a string here, not a list
  --> demo/templates/x.yaml.hbs:1:12
   |
 1 | a: {{upper values.ports}}
   |            ^^^^^^^^^^^^
  ::: demo/values.yaml:4:8
   |
 4 | ports: [80, 81]
   |        - set here
hint: usage: `upper text`

"#]]
    );
    snapbox::assert_data_eq!(
        painted("a: {{default values.image.tag}}\n"),
        str![[r#"
error: `default` takes 2 arguments, not 1
  --> demo/templates/x.yaml.hbs:1:6
   |
 1 | a: {{default values.image.tag}}
   |      ^^^^^^^
hint: usage: `default fallback value`

"#]]
    );
    snapbox::assert_data_eq!(
        painted("a: {{default values.image.tag \"x\"}}\n"),
        str![[r#"
error: the fallback of `default` comes first
  --> demo/templates/x.yaml.hbs:1:31
   |
 1 | a: {{default values.image.tag "x"}}
   |                               ^^^
hint: usage: `default fallback value`

"#]]
    );
    snapbox::assert_data_eq!(
        painted("a: {{generate \"p\" length=8}}\nb: {{generate \"q\" lenght=32}}\n"),
        str![[r#"
error: `generate` has no option `lenght`
  --> demo/templates/x.yaml.hbs:2:19
   |
 2 | b: {{generate "q" lenght=32}}
   |                   ^^^^^^
hint: did you mean `length`?
hint: usage: `generate "name" length=32 charset="alnum"`

"#]]
    );
    snapbox::assert_data_eq!(
        painted("a: {{generate \"p\" length=8}}\n"),
        str![[r#"
error: 8 characters of this charset are too easy to guess
  --> demo/templates/x.yaml.hbs:1:6
   |
 1 | a: {{generate "p" length=8}}
   |      ^^^^^^^^
hint: 128 bits take at least 22 characters: `length=22`

"#]]
    );
}

#[test]
fn wrong_yaml_is_shown_in_the_template_with_what_included_it() {
    let mut bench = Bench::new(VALUES)
        .template("_labels.hbs", "ok: 1\n{{values.image.tag}}: [\nmore: 1\n")
        .template("_outer.hbs", "labels:\n  {{> labels}}\n")
        .template(
            "x.yaml.hbs",
            "{{#each values.ports}}\n---\nport: {{this}}\n{{/each}}\n---\nmetadata:\n  {{> outer}}\n",
        );
    snapbox::assert_data_eq!(
        of(&mut bench),
        str![[r#"
error: `[` is never closed
  --> demo/templates/_labels.hbs:2:23
   |
 2 | {{values.image.tag}}: [
   |                       ^
  ::: demo/templates/_outer.hbs:2:3
   |
 2 |   {{> labels}}
   |   ------------ included from here
  ::: demo/templates/x.yaml.hbs:7:3
   |
 7 |   {{> outer}}
   |   ----------- included from here

"#]]
    );
    snapbox::assert_data_eq!(
        painted("{{#if values.image}}\na: 1\n{{/if}}\n\n  b: {{values.image.tag}}\n"),
        str![[r#"
error: the line is indented deeper than the one above, whose value is already complete
  --> demo/templates/x.yaml.hbs:5:3
   |
 5 |   b: {{values.image.tag}}
   |   ^
hint: indent it as the line above, or take the value above away if this belongs below its key

"#]]
    );
}

#[test]
fn recursion() {
    let mut bench = Bench::new("on: true\n")
        .template("_a.hbs", "{{#if values.on}}{{> b}}{{/if}}\n")
        .template("_b.hbs", "x: 1\n{{> a}}\n")
        .template("x.yaml.hbs", "{{> a}}\n");
    snapbox::assert_data_eq!(
        of(&mut bench),
        str![[r#"
error: blocks and partials nest deeper than 100
  --> demo/templates/_a.hbs:1:7
   |
 1 | {{#if values.on}}{{> b}}{{/if}}
   |       ^^^^^^^^^
  ::: demo/templates/_b.hbs:2:1
   |
 2 | {{> a}}
   | ------- included from here
  ::: demo/templates/_a.hbs:1:18
   |
 1 | {{#if values.on}}{{> b}}{{/if}}
   |                  ------- included from here
  ::: demo/templates/_b.hbs:2:1
   |
 2 | {{> a}}
   | ------- included from here
  ::: demo/templates/_a.hbs:1:18
   |
 1 | {{#if values.on}}{{> b}}{{/if}}
   |                  ------- included from here
   = … and so on
  ::: demo/templates/x.yaml.hbs:1:1
   |
 1 | {{> a}}
   | ------- included from here
hint: does a partial call itself?

"#]]
    );
}

#[test]
fn missing_in_a_partial_shows_the_calls() {
    let mut bench = Bench::new(VALUES)
        .template("_p.hbs", "name: {{name}}\nother: {{nmae}}\n")
        .template("x.yaml.hbs", "{{#each values.ports}}\n- {{> p name=this}}\n{{/each}}\n");
    snapbox::assert_data_eq!(
        of(&mut bench),
        str![[r#"
error: `nmae` is not set
  --> demo/templates/_p.hbs:2:10
   |
 2 | other: {{nmae}}
   |          ^^^^
  ::: demo/templates/x.yaml.hbs:2:3
   |
 2 | - {{> p name=this}}
   |   ----------------- included from here
hint: did you mean `name`?

"#]]
    );
}

#[test]
fn go_templates_and_clashing_names() {
    let mut bench =
        Bench::new(VALUES).template("deployment.yaml", "kind: {{ .Values.x }}\n").template("_helpers.tpl", "");
    snapbox::assert_data_eq!(
        of(&mut bench),
        str![[r#"
error: `templates/deployment.yaml` is a Go template, which kchart does not render yet
  --> demo/templates/deployment.yaml:1:1
   |
 1 | kind: {{ .Values.x }}
   | ^
hint: handlebars templates end in `.hbs`: `templates/deployment.yaml.hbs`

"#]]
    );
    let mut bench = Bench::new(VALUES).template("kchart/_service.hbs", "").template("x.yaml.hbs", "a: 1\n");
    bench.chart.templates[0].role = kchart::chart::Role::Partial;
    snapbox::assert_data_eq!(
        of(&mut bench),
        str![[r#"
error: the partial `kchart/service` has a name of the Library's
  --> demo/templates/kchart/_service.hbs:1:1
hint: names that begin with `kchart/` belong to the Library: move the file

"#]]
    );
}
