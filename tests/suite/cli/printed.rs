//! What `-o json` prints is what its schema says, in success and failure, and `-o yaml` says the same.

use kchart::cli::output_schemas;
use serde_json::Value as Json;

use crate::suite::kchart::Kchart;

/// A call, its exit code, and the schema of what it prints.
const CALLS: [(&str, u8, &str); 35] = [
    ("version", 0, "version"),
    ("list", 0, "list"),
    ("status web", 1, ""),
    ("diff web", 0, "diff"),
    ("install web --dry-run", 0, "dry-run"),
    ("install web --set image=registry.invalid/app:1 --timeout 1s", 4, "deploy"),
    ("status web", 0, "status"),
    ("install web -q", 0, "deploy"),
    ("install web -q", 1, "deploy"),
    ("upgrade web web --set nobody.reads=this --strict", 3, "deploy"),
    ("upgrade web web --set password=another-password", 0, "deploy"),
    ("rollback web 9", 1, "deploy"),
    ("credentials rotate web", 1, "deploy"),
    ("diff web --set replicas=2", 0, "diff"),
    ("list -A", 0, "list"),
    ("history web", 0, "history"),
    ("status web", 0, "status"),
    ("get all web", 0, "get-all"),
    ("get values web --all", 0, "get-values"),
    ("get manifest web", 0, "get-manifest"),
    ("get notes web", 0, "get-notes"),
    ("get credentials web", 0, "get-credentials"),
    ("get manifest web --revision 7", 1, ""),
    ("volumes", 0, "volumes"),
    ("volumes explain web-data", 0, "volumes-explain"),
    ("volumes purge web-data", 5, "volumes-purge"),
    ("uninstall web --dry-run", 0, "uninstall-dry-run"),
    ("uninstall web", 0, "uninstall"),
    ("uninstall other", 1, "uninstall"),
    ("status web", 0, "status"),
    ("volumes adopt nothing", 1, "volumes-adopt"),
    ("volumes adopt web-data", 0, "volumes-adopt"),
    ("volumes purge web-data --dry-run", 0, "volumes-purge"),
    ("volumes purge web-data", 0, "volumes-purge"),
    ("list", 0, "list"),
];

#[test]
fn what_is_printed_for_programs_is_as_documented() {
    let schemas = output_schemas();
    let mut seen: Vec<&str> = CALLS.iter().map(|(.., schema)| *schema).filter(|schema| !schema.is_empty()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert!(schemas.keys().eq(&seen), "of {:?} only {seen:?} are printed", schemas.keys());
    let mut kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json");
    for (line, code, schema) in CALLS {
        let before = kchart.read("box.json");
        kchart = kchart.run(&format!("{line} -o json"));
        let printed = kchart.failure(code).stdout;
        if schema.is_empty() {
            assert_eq!(printed, "", "`{line}` has no document");
            continue;
        }
        let json: Json = serde_json::from_str(&printed).unwrap_or_else(|error| panic!("`{line}`: {error}: {printed}"));
        let validator = jsonschema::validator_for(&schemas[schema]).expect("the schema is one");
        let wrong: Vec<String> = validator.iter_errors(&json).map(|error| format!("{error}")).collect();
        assert_eq!(wrong, Vec::<String>::new(), "`{line}` prints {printed}");
        // The same once more, as YAML.
        if let Some(before) = before {
            kchart = kchart.file("box.json", before);
            kchart = kchart.run(&format!("{line} -o yaml"));
            let printed = kchart.failure(code).stdout;
            if schema == "get-manifest" {
                assert!(printed.contains("\n---\n"), "objects are documents of their own: {printed}");
                continue;
            }
            let yaml: Json = serde_yaml::from_str(&printed).unwrap_or_else(|error| panic!("`{line}`: {error}"));
            assert_eq!(shape(&yaml), shape(&json), "`{line}`");
        }
    }
}

/// The same without what differs from run to run: times, names of volumes.
fn shape(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(shape).collect(),
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        Json::String(_) => "text".into(),
        other => other.clone(),
    }
}
