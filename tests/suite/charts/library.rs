//! The Library as a chart's author meets it: what each partial makes, and how mistakes are shown.

use std::path::Path;

use kchart::chart;
use kchart::diagnostic::SourceMap;

use super::rendered::{golden, made};
use super::{CHART, told, write};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/library");

#[test]
fn every_partial_makes_its_object() {
    let mut sources = SourceMap::new();
    let chart = chart::load_folder(Path::new(FIXTURE), &mut sources).unwrap();
    let [manifest, _, warnings] = made(&chart, "library", "", &mut sources).unwrap();
    golden(&Path::new(FIXTURE).join("manifest.yaml"), manifest);
    golden(&Path::new(FIXTURE).join("warnings.txt"), warnings);
}

/// The errors of a chart whose only template is `template`.
#[track_caller]
fn refused(template: &str) -> String {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &[("Chart.yaml", CHART), ("values.yaml", "ports: 80\n"), ("templates/a.yaml.hbs", template)]);
    let mut sources = SourceMap::new();
    let chart = match chart::load_folder(root.path(), &mut sources) {
        Ok(chart) => chart,
        Err(errors) => panic!("{}", told(&errors, &sources)),
    };
    let error = made(&chart, "web", "", &mut sources).unwrap_err();
    error.replace(&format!("{}/", root.path().display()), "")
}

#[test]
fn mistakes_are_shown_at_the_argument() {
    for (template, expected) in [
        (
            "{{#> kchart/service}}\nname: web\nprots: []\nports: {{values.ports}}\n{{/kchart/service}}\n",
            "error: templates/a.yaml.hbs:3:1: `kchart/service` takes no `prots`\n\
             hint: did you mean `ports`?\n\
             error: templates/a.yaml.hbs:4:8: `kchart/service`: `ports` must be a list, not an integer\n\
             note: set here\n",
        ),
        (
            "{{> kchart/serviceAccount nmae=\"x\"}}\n",
            "error: templates/a.yaml.hbs:1:27: `kchart/serviceAccount` takes no `nmae`\n\
             hint: did you mean `name`?\n\
             error: templates/a.yaml.hbs:1:5: `kchart/serviceAccount` needs `name`\n",
        ),
        (
            "{{#> kchart/workload}}\nkind: Deployment\nname: web\nimage: web\nenv:\n  PORT:\n    value: 1\n    \
             valueFrom: {secretKeyRef: {name: s, key: k}}\n{{/kchart/workload}}\n",
            "error: templates/a.yaml.hbs:7:5: `env[0]` has both `value` and `valueFrom`\n",
        ),
        (
            "{{> kchart/servise name=\"x\"}}\n",
            "error: templates/a.yaml.hbs:1:5: the Library has no partial `kchart/servise`\n\
             hint: did you mean `kchart/service`?\n",
        ),
    ] {
        assert_eq!(refused(template), expected, "{template}");
    }
}
