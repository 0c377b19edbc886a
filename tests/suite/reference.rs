//! The reference pages under `docs/reference/` say what the code says. `SNAPSHOTS=overwrite cargo test` rewrites them.

mod commands;

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value as Json;

/// Compares a page with what it should say.
fn page(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference").join(name);
    snapbox::Assert::new()
        .action_env("SNAPSHOTS")
        .eq(snapbox::Data::from(text.to_owned()).raw(), snapbox::Data::read_from(&path, None).raw());
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[test]
fn the_page_of_functions_lists_them_all() {
    let mut text = String::from(
        "# Functions of templates\n\nCalled with arguments (`{{upper values.name}}`) or in parentheses \
         (`{{default (upper values.name) values.title}}`); a bare\n`{{name}}` is always data. Options are written \
         `option=value`.\n\n| function | gives |\n|---|---|\n",
    );
    for function in kchart::render::functions::all() {
        let _ = writeln!(text, "| `{}` | {} |", cell(function.signature), cell(function.doc));
    }
    page("functions.md", &text);
}

#[test]
fn the_page_of_the_library_lists_all_parameters() {
    let mut text = String::from(
        "# The Library\n\nPartials that every chart can use. The body of the block is YAML: the parameters.\n\n\
         ```\n{{#> kchart/service}}\nname: {{release.fullname}}\nports:\n  - name: http\n    port: 80\n\
         {{/kchart/service}}\n```\n\n`extra` is laid over the object as structure: maps merge, keyed lists merge by \
         name, so nobody must leave a partial for\none field.\n",
    );
    for partial in kchart::library::partials() {
        let schema = kchart::library::schema(partial.name).expect("every partial has a schema");
        let _ = write!(text, "\n## {}\n\n| parameter | type | what |\n|---|---|---|\n", partial.name);
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let what = property["description"].as_str().unwrap_or_default();
            assert!(!what.is_empty(), "`{name}` of `{}` says what it is", partial.name);
            let mark = if required.contains(&name.as_str()) { " (required)" } else { "" };
            let default = match &property["default"] {
                Json::Null => String::new(),
                default => format!(" Default: `{default}`."),
            };
            let _ = writeln!(
                text,
                "| `{name}`{mark} | {} | {}{} |",
                cell(&kind(schema, property)),
                cell(what),
                cell(&default)
            );
        }
    }
    page("library.md", &text);
}

/// The type of a property in words.
fn kind(root: &Json, property: &Json) -> String {
    if let Some(reference) = property["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return kind(root, &root["$defs"][name]);
    }
    for union in ["anyOf", "oneOf"] {
        if let Some(parts) = property[union].as_array() {
            let mut words: Vec<String> =
                parts.iter().map(|part| kind(root, part)).filter(|word| word != "null").collect();
            words.dedup();
            return words.join(" or ");
        }
    }
    if let Some(constant) = property["const"].as_str() {
        return format!("`{constant}`");
    }
    if let Some(values) = property["enum"].as_array() {
        let words: Vec<String> = values.iter().filter_map(Json::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(" or ");
    }
    match &property["type"] {
        Json::String(word) => word.clone(),
        Json::Array(words) => {
            words.iter().filter_map(Json::as_str).filter(|word| *word != "null").collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    }
}
