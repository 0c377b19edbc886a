//! What `-o json` prints is a contract: its schemas are documented, and change only on purpose.

use std::fs;

use kchart::cli::output_schemas;

use crate::suite::kchart::{assert_text, repository};

#[test]
fn the_documented_schemas_are_those_of_the_code() {
    let folder = repository().join("docs/output");
    let schemas = output_schemas();
    for (name, schema) in &schemas {
        let file = folder.join(format!("{name}.schema.json"));
        assert_text(&format!("{schema:#}\n"), snapbox::Data::read_from(&file, None));
    }
    let files = fs::read_dir(folder).expect("the folder can be read").flatten();
    for file in files.map(|file| file.file_name().to_string_lossy().into_owned()) {
        let known = file.strip_suffix(".schema.json").is_some_and(|name| schemas.contains_key(name));
        assert!(known || file == "README.md", "`docs/output/{file}` documents nothing");
    }
}

#[test]
fn every_field_of_the_output_is_described() {
    for (name, schema) in output_schemas() {
        let mut bare = Vec::new();
        undescribed(&schema, name, &mut bare);
        assert_eq!(bare, Vec::<String>::new());
    }
}

fn undescribed(schema: &serde_json::Value, path: &str, bare: &mut Vec<String>) {
    match schema {
        serde_json::Value::Object(map) => {
            let properties = map.get("properties").and_then(|properties| properties.as_object());
            for (name, field) in properties.into_iter().flatten() {
                if field.get("description").is_none() {
                    bare.push(format!("{path}.{name}"));
                }
            }
            map.iter().for_each(|(key, below)| undescribed(below, &format!("{path}/{key}"), bare));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| undescribed(item, path, bare)),
        _ => {}
    }
}
