//! Subcharts see their own part of the values, `global`, their own chart, and names their parent can predict.

use std::collections::BTreeMap;

use kchart::chart::Dependency;
use kchart::render::render;
use kchart::values::ChartValues;
use serde_json::json;

use super::bench::Bench;

#[test]
fn a_subchart_is_known_by_its_alias_and_sees_its_own_values() {
    let mut parent = Bench::new("mq: {enabled: true, size: 2}\nglobal: {zone: z}\n").template(
        "x.yaml.hbs",
        "broker: {{fullname \"mq\"}}\nown: {{release.fullname}}\nsize: {{values.mq.size}}\n{{#if values.mq.colour}}c: 1{{/if}}\n",
    );
    let sub = Bench::new("size: 1\ncolour: null\n").template(
        "y.yaml.hbs",
        "name: {{release.fullname}}\nchart: {{chart.name}}\nlabels: {{release.selectorLabels}}\nsize: {{values.size}}\nzone: {{values.global.zone}}\nfile: {{file \"f\"}}\ntemplate: {{template.name}}\n",
    );
    let mut subchart = sub.chart;
    subchart.metadata.name = "rabbitmq".into();
    subchart.files.insert("f".into(), "of the subchart".into());
    // The texts of both charts lie in one map.
    for file in &mut subchart.templates {
        let text = sub.sources.get(file.source).expect("source").text.clone();
        file.source = parent.sources.add("demo/charts/rabbitmq/y", kchart::diagnostic::SourceKind::Template, text);
    }
    parent.chart.metadata.dependencies.push(Dependency {
        name: "rabbitmq".into(),
        alias: Some("mq".into()),
        condition: Some("mq.enabled".into()),
        ..Dependency::default()
    });
    parent.chart.subcharts.push(subchart);
    let below = kchart::yaml::read_one(
        "{enabled: true, size: 2, global: {zone: z}, colur: red}",
        parent.sources.add("my.yaml", kchart::diagnostic::SourceKind::Values, ""),
        kchart::yaml::Dialect::Core12,
    )
    .expect("YAML");
    let values = ChartValues {
        values: parent.values.clone(),
        subcharts: BTreeMap::from([("mq".to_owned(), ChartValues { values: below, ..ChartValues::default() })]),
    };
    let rendered = render(&parent.chart, &values, &parent.context, &mut parent.sources).expect("renders");
    let found: Vec<_> = rendered.documents.iter().map(|document| document.root.to_json()).collect();
    assert_eq!(
        found,
        [
            json!({"broker": "web-mq", "own": "web-demo", "size": 2}),
            json!({
                "name": "web-mq", "chart": "mq", "size": 2, "zone": "z", "file": "of the subchart",
                "labels": {"app.kubernetes.io/name": "mq", "app.kubernetes.io/instance": "web"},
                "template": "demo/charts/mq/templates/y.yaml.hbs",
            }),
        ]
    );
    let warnings: Vec<_> = rendered.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(warnings, ["no template of `mq` reads `colur`"], "`enabled` is a condition, `size` is read");
}
