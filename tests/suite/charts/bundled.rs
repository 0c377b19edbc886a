//! The charts in the binary.

use kchart::chart::{self, Chart, Lookup};
use kchart::diagnostic::SourceMap;

use super::told;

#[track_caller]
fn bundled(name: &str) -> (Chart, SourceMap) {
    let nowhere = tempfile::tempdir().unwrap();
    let lookup = Lookup { directory: nowhere.path().to_owned(), folders: Vec::new() };
    let mut sources = SourceMap::new();
    match chart::load(name, &lookup, &mut sources) {
        Ok((chart, _)) => (chart, sources),
        Err(errors) => panic!("{}", told(&errors, &sources)),
    }
}

#[test]
fn every_bundled_chart_loads_without_a_warning() {
    assert_eq!(chart::bundled_names(), ["orchestrator", "rabbitmq"]);
    for name in chart::bundled_names() {
        let (chart, sources) = bundled(name);
        assert_eq!(told(&chart.warnings, &sources), "");
        assert_eq!(chart.metadata.name, name);
        assert!(chart.schema.is_some());
        let first = sources.get(chart.templates[0].source).unwrap();
        assert!(first.name.starts_with(&format!("<bundled>/{name}/templates/")), "{}", first.name);
    }
}

#[test]
fn the_orchestrator_brings_its_broker() {
    let (chart, sources) = bundled("orchestrator");
    let broker = &chart.subcharts[0];
    assert_eq!(broker.metadata.name, "rabbitmq");
    let template = sources.get(broker.templates[0].source).unwrap();
    assert!(template.name.starts_with("<bundled>/rabbitmq/templates/"), "{}", template.name);
}

#[test]
fn all_keys_of_the_values_are_described_in_the_schemas() {
    fn undescribed(path: &str, values: &serde_json::Value, schema: &serde_json::Value, found: &mut Vec<String>) {
        for (key, value) in values.as_object().into_iter().flatten() {
            let path = format!("{path}.{key}");
            let property = &schema["properties"][key];
            if property["description"].is_null() && property["properties"].is_null() {
                found.push(path.clone());
            }
            if !property["properties"].is_null() {
                undescribed(&path, value, property, found);
            }
        }
    }
    for name in chart::bundled_names() {
        let (chart, _) = bundled(name);
        let mut found = Vec::new();
        undescribed("values", &chart.values.to_json(), &chart.schema.unwrap().0, &mut found);
        assert_eq!(found, Vec::<String>::new(), "{name}");
    }
}
