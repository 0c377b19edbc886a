//! Every node knows its template's line, and which values layer set it.

use kchart::yaml::Node;

use super::bench::Bench;

/// `at` and `from` of the node at a path, as `file:line:column`.
fn origin(bench: &Bench, root: &Node, path: &[&str]) -> (String, String) {
    let node = path.iter().fold(root, |node, key| match key.parse::<usize>() {
        Ok(index) => &node.as_list().expect("list")[index],
        Err(_) => node.get(key).expect(key),
    });
    (bench.sources.name(node.origin.at), bench.sources.name(node.origin.from))
}

#[test]
fn origins_are_exact_in_loops_partials_and_spliced_structure() {
    let mut bench = Bench::new("image: {repo: r, tag: 1}\nports:\n  - {n: 80}\n  - {n: 81}\nlabels:\n  a: b\n")
        .template("_one.hbs", "repo: {{image.repo}}\n  # more\nlit: {{lit}}\n")
        .template(
            "x.yaml.hbs",
            "a: text\n{{! gone }}\nimage: x/{{values.image.repo}}:{{values.image.tag}}\nports:\n  {{#each values.ports}}\n  - port: {{n}}\n    é: {{upper \"x\"}} # c\n  {{/each}}\n\
             labels: {{values.labels}}\nsub:\n    {{> one image=values.image lit=\"z\"}}\nlast: 1\n",
        )
        .layer("ports:\n- {n: 90}\n");
    let rendered = bench.render().expect("renders");
    let root = &rendered.documents[0].root;
    let table = [
        (&["a"][..], "demo/templates/x.yaml.hbs:1:4", ""),
        (&["image"], "demo/templates/x.yaml.hbs:3:8", "demo/values.yaml:1:15"),
        (&["ports"], "demo/templates/x.yaml.hbs:6:3", ""),
        (&["ports", "0", "port"], "demo/templates/x.yaml.hbs:6:11", "my.yaml:2:7"),
        (&["ports", "0", "é"], "demo/templates/x.yaml.hbs:7:16", ""),
        (&["labels"], "demo/templates/x.yaml.hbs:9:9", "demo/values.yaml:6:3"),
        (&["labels", "a"], "demo/templates/x.yaml.hbs:9:9", "demo/values.yaml:6:6"),
        (&["sub", "repo"], "demo/templates/_one.hbs:1:7", "demo/values.yaml:1:15"),
        (&["sub", "lit"], "demo/templates/x.yaml.hbs:11:36", ""),
        (&["last"], "demo/templates/x.yaml.hbs:12:7", ""),
    ];
    for (path, at, from) in table {
        assert_eq!(origin(&bench, root, path), (at.to_owned(), from.to_owned()), "{path:?}");
    }
    let key = root.get("last").expect("last").key;
    assert_eq!(bench.sources.name(key), "demo/templates/x.yaml.hbs:12:1");
}

#[test]
fn functions_through_which_one_value_flows_keep_its_origin() {
    let mut bench = Bench::new("a: x\nb: null\n").template(
        "x.yaml.hbs",
        "up: {{upper values.a}}\nde: {{default \"z\" values.a}}\nre: {{required \"m\" values.a}}\nco: {{concat \"p-\" values.a}}\nfb: {{default values.a values.b}}\n",
    );
    let rendered = bench.render().expect("renders");
    for key in ["up", "de", "re", "co", "fb"] {
        assert_eq!(origin(&bench, &rendered.documents[0].root, &[key]).1, "demo/values.yaml:1:4", "{key}");
    }
}

#[test]
fn of_several_values_in_a_string_the_one_that_was_set_last_is_named() {
    for (layer, from) in [("image: {tag: 2}\n", "my.yaml:1:14"), ("other: 1\n", "demo/values.yaml:1:15")] {
        let mut bench = Bench::new("image: {repo: r, tag: 1}\n")
            .template("x.yaml.hbs", "image: {{values.image.repo}}:{{values.image.tag}}\n")
            .layer(layer);
        let rendered = bench.render().expect("renders");
        assert_eq!(origin(&bench, &rendered.documents[0].root, &["image"]).1, from);
    }
}
