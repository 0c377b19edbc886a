//! Manifests: what is refused, with the exact text; what comes out of what is accepted.
//!
//! A case is a folder of `tests/fixtures/manifest`: `manifest.yaml` as a template would render it (a scalar `$name`
//! stands for the value `name` of `values.yaml`, `$generate` for a generated value), or `kubectl.yaml` as `--manifest`
//! reads it; `messages.txt` is what a user is told, `objects.yaml` what is applied.

use std::fs;
use std::path::Path;

use kchart::diagnostic::{Diagnostic, SourceId, SourceKind, SourceMap, paint};
use kchart::manifest::{self, Manifest};
use kchart::object::{MASKED, Mask};
use kchart::release::Release;
use kchart::render::Document;
use kchart::yaml::{Charset, Dialect, GeneratedKey, Node, Text, Value, read, read_one};
use proptest::prelude::*;
use snapbox::data::DataFormat;
use snapbox::{Assert, Data, IntoData as _};

#[test]
fn every_case_gives_exactly_these_messages_and_objects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/manifest");
    let mut cases: Vec<_> = fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("entry").path()).collect();
    cases.sort();
    assert!(cases.len() > 15);
    for case in cases {
        let mut sources = SourceMap::new();
        let documents = load(&case, &mut sources);
        let mask = documents.as_deref().map(manifest::mask_documents).unwrap_or_default();
        let result = documents.and_then(|documents| manifest::assemble(documents, &release()));
        let (messages, objects) = match &result {
            Ok(Manifest { objects, warnings, .. }) => (warnings, manifest::to_yaml(objects, false)),
            Err(errors) => (errors, String::new()),
        };
        golden(&case.join("messages.txt"), painted(messages, &sources, &mask));
        golden(&case.join("objects.yaml"), objects);
    }
}

#[test]
fn what_was_accepted_is_accepted_again_and_stays_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/manifest");
    for entry in fs::read_dir(folder).expect("fixtures") {
        let mut sources = SourceMap::new();
        let Ok(documents) = load(&entry.expect("entry").path(), &mut sources) else { continue };
        let Ok(first) = manifest::assemble(documents, &release()) else { continue };
        let text = manifest::to_yaml(&first.objects, false);
        let again = manifest::read(&text, SourceId::NONE).expect("our own text");
        let second = manifest::assemble(again, &release()).expect("our own objects");
        // What is generated is a comment in the text.
        let text = text.lines().filter(|line| !line.contains("# password: generated")).collect::<Vec<_>>().join("\n");
        assert_eq!(manifest::to_yaml(&second.objects, false).trim_end(), text);
    }
}

#[test]
fn a_masked_manifest_shows_nothing_and_can_not_be_installed() {
    let mut sources = SourceMap::new();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/manifest/references");
    let documents = load(&case, &mut sources).expect("readable");
    let wanted = manifest::assemble(documents, &release()).expect("accepted");
    let masked = manifest::to_yaml(&wanted.objects, true);
    assert!(masked.matches(MASKED).count() == 2 && !masked.contains("aHVudGVyM"), "{masked}");
    let again = manifest::read(&masked, SourceId::NONE).expect("YAML");
    let errors = manifest::assemble(again, &release()).expect_err("a mask");
    assert!(errors.iter().any(|error| error.message == "the value of `password` is not base64"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands anywhere in an object, it is refused in words or accepted, and what is accepted is accepted again.
    #[test]
    fn any_value_anywhere_is_judged(at in 0_usize..200, json in "(null|true|-?(0|[1-9][0-9]{0,11})|\"[ -!#-Z^-~é•]{0,9}\"|\\[1, null\\]|\\{\"a\": \\[\\]\\})") {
        let mut sources = SourceMap::new();
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/manifest/finished");
        let mut documents = load(&case, &mut sources).expect("readable");
        let value = Node::from(&serde_json::from_str::<serde_json::Value>(&json).expect("JSON"));
        let mut left = at;
        for document in &mut documents {
            replace(&mut document.root, &mut left, &value);
        }
        match manifest::assemble(documents, &release()) {
            Err(errors) => prop_assert!(!errors.is_empty()),
            Ok(wanted) => {
                let text = manifest::to_yaml(&wanted.objects, false);
                let again = manifest::read(&text, SourceId::NONE).expect("our own text");
                prop_assert!(manifest::assemble(again, &release()).is_ok(), "{text}");
            }
        }
    }
}

/// Replaces the node that comes `left` nodes later.
fn replace(node: &mut Node, left: &mut usize, value: &Node) {
    if *left == 0 {
        node.value = value.value.clone();
    }
    *left = left.wrapping_sub(1);
    match &mut node.value {
        Value::Map(map) => map.values_mut().for_each(|child| replace(child, left, value)),
        Value::List(items) => items.iter_mut().for_each(|child| replace(child, left, value)),
        _ => {}
    }
}

fn release() -> Release {
    Release { namespace: "team".into(), name: "shop".into() }
}

fn load(case: &Path, sources: &mut SourceMap) -> Result<Vec<Document>, Vec<Diagnostic>> {
    let mut add = |name: &str, kind| {
        let text = fs::read_to_string(case.join(name)).ok()?;
        Some((sources.add(name, kind, text.as_str()), text))
    };
    let values = add("values.yaml", SourceKind::Values)
        .map(|(source, text)| read_one(&text, source, Dialect::Core12).expect("values"))
        .unwrap_or_default();
    if let Some((source, text)) = add("kubectl.yaml", SourceKind::Manifest) {
        return manifest::read(&text, source);
    }
    let (source, text) = add("manifest.yaml", SourceKind::Template).expect("a case has a manifest");
    let mut roots = read(&text, source, Dialect::Core12).map_err(|error| vec![error])?;
    for root in &mut roots {
        fill(root, &values);
    }
    Ok(roots.into_iter().map(|root| Document { template: "shop/templates/all.yaml.hbs".into(), root }).collect())
}

/// Puts values where `$name` stands, with their origin.
fn fill(node: &mut Node, values: &Node) {
    node.origin.from = kchart::diagnostic::Place::NOWHERE;
    match &mut node.value {
        Value::Map(map) => map.values_mut().for_each(|child| fill(child, values)),
        Value::List(items) => items.iter_mut().for_each(|child| fill(child, values)),
        Value::Text(text) => {
            let Some(name) = text.known().and_then(|text| text.strip_prefix('$')) else { return };
            let at = node.origin.at;
            let filled = match name {
                "generate" => Node::new(Text::generated(GeneratedKey {
                    name: "password".into(),
                    length: 32,
                    charset: Charset::Alnum,
                })),
                name => values.get(name).cloned().expect("a value"),
            };
            *node = Node { origin: filled.origin.through(at), key: node.key, ..filled };
        }
        _ => {}
    }
}

fn painted(messages: &[Diagnostic], sources: &SourceMap, mask: &Mask) -> String {
    messages
        .iter()
        .map(|message| paint(message, sources, &|text| mask.text(text), false))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Compares with a file; there is none for an empty text.
fn golden(file: &Path, actual: String) {
    if actual.is_empty() {
        assert!(!file.exists(), "{} should be gone", file.display());
        return;
    }
    let expected = Data::read_from(file, Some(DataFormat::Text)).raw();
    Assert::new().action_env("SNAPSHOTS").eq(actual.into_data().raw(), expected);
}
