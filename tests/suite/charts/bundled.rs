//! The charts in the binary.

use kchart::chart::{self, Chart, Lookup};
use kchart::diagnostic::SourceMap;
use kchart::values::{self, ChartValues, Inputs};

use super::told;

#[track_caller]
pub(super) fn bundled(name: &str) -> (Chart, SourceMap) {
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
    assert_eq!(chart::bundled_names(), ["orchestrator", "postgresql", "rabbitmq"]);
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

/// Values of a bundled chart with a values file and `--set` flags; warnings are failures.
#[track_caller]
fn valued(name: &str, file: &str, set: &[&str]) -> Result<(Chart, ChartValues, SourceMap), String> {
    let (chart, mut sources) = bundled(name);
    let inputs = Inputs {
        files: vec![("my.yaml".into(), file.into())],
        set: set.iter().map(|flag| (*flag).to_owned()).collect(),
        ..Inputs::default()
    };
    let done = values::given(&inputs, &mut sources).and_then(|given| values::resolve(&chart, &given));
    match done {
        Ok((values, warnings)) => {
            assert_eq!(told(&warnings, &sources), "");
            Ok((chart, values, sources))
        }
        Err(errors) => Err(told(&errors, &sources)),
    }
}

fn example() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/values.example.yaml")).unwrap()
}

#[test]
fn the_schemas_take_the_defaults_and_the_example() {
    for name in chart::bundled_names() {
        valued(name, "", &[]).unwrap();
    }
    valued("orchestrator", &example(), &["replicas=2", "extraEnv.LOG_LEVEL=debug"]).unwrap();
}

#[test]
fn the_schemas_refuse_what_no_template_reads() {
    for (name, file, expected) in [
        ("rabbitmq", "auth:\n  pasword: x\n", "my.yaml:2:3: "),
        ("rabbitmq", "persistence:\n  size: [1]\n", "my.yaml:2:9: "),
        ("postgresql", "settings:\n  max connections: 5\n", "my.yaml:2:3: "),
        ("postgresql", "auth:\n  databse: x\n", "my.yaml:2:3: "),
        ("orchestrator", "env:\n- name: A\n  valueFrom:\n    secretKeyRef: {name: s, kye: k}\n", "my.yaml:4:"),
        ("orchestrator", "rabbitmq:\n  auht: {}\n", "my.yaml:2:3: "),
        ("orchestrator", "replicas: two\n", "my.yaml:1:11: "),
    ] {
        let error = valued(name, file, &[]).map(|_| ()).unwrap_err();
        assert!(error.starts_with(&format!("error: {expected}")), "{file}: {error}");
    }
}
