//! The layers that a command line gives, one over the other.

use std::collections::BTreeMap;

use super::merge::overlay;
use super::set::{Family, apply};
use crate::diagnostic::{Diagnostic, SourceKind, SourceMap, conceal_flag};
use crate::object::MASKED;
use crate::yaml::{Dialect, Node, Value, read_one};

/// Values layers as they were given on the command line, texts already read (`cli` and `action` do the reading).
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `-f`: name as given and text, left to right.
    pub files: Vec<(String, String)>,
    /// `--set-json`.
    pub set_json: Vec<String>,
    /// `--set`.
    pub set: Vec<String>,
    /// `--set-string`.
    pub set_string: Vec<String>,
    /// `--set-file`: the flag's text; `set_file_texts` has the files by path.
    pub set_file: Vec<String>,
    /// Texts of the files that `--set-file` names; [`set_file_paths`] says which.
    pub set_file_texts: BTreeMap<String, String>,
    /// `--set-literal`.
    pub set_literal: Vec<String>,
}

/// Characters of a flag that are its name in messages.
const NAME: usize = 60;

/// Merges the given layers into one tree. Nulls stay: they delete when the tree meets defaults.
pub fn given(inputs: &Inputs, sources: &mut SourceMap) -> Result<Node, Vec<Diagnostic>> {
    let mut tree = Node::map();
    let mut errors = Vec::new();
    for (name, text) in &inputs.files {
        match file(name, text, sources) {
            Ok(layer) => tree = overlay(tree, layer),
            Err(error) => errors.push(error),
        }
    }
    let files = &inputs.set_file_texts;
    for (family, flags) in [
        (Family::Json, &inputs.set_json),
        (Family::Typed, &inputs.set),
        (Family::Strings, &inputs.set_string),
        (Family::Files(files), &inputs.set_file),
        (Family::Literal, &inputs.set_literal),
    ] {
        for argument in flags {
            // The name is shown in messages, the text behind it only where it is concealed line by line.
            let flag = family.flag();
            let text = format!("{flag} {argument}");
            let source = sources.add(shorten(&conceal_flag(&text)), SourceKind::Values, text);
            if let Err(error) = apply(&mut tree, family, argument, source) {
                errors.push(error);
            }
        }
    }
    masks(&tree, &mut errors);
    if errors.is_empty() { Ok(tree) } else { Err(errors) }
}

/// What `get values` shows of a secret is no value: it would be installed in its place.
fn masks(node: &Node, errors: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::Map(map) => map.values().for_each(|node| masks(node, errors)),
        Value::List(items) => items.iter().for_each(|node| masks(node, errors)),
        _ if node.as_str().is_some_and(|text| text.contains(MASKED)) => errors.push(
            Diagnostic::error("a mask stands where a value was")
                .at(node.origin.from)
                .hint("write the value itself; `kchart get values RELEASE --reveal` shows those of a release"),
        ),
        _ => {}
    }
}

/// The paths of the files that `--set-file` flags name, for the reader of files. Flags that are wrong name none:
/// [`given`] says what is wrong with them.
pub fn set_file_paths(flags: &[String]) -> Vec<String> {
    super::set::file_paths(flags)
}

fn file(name: &str, text: &str, sources: &mut SourceMap) -> Result<Node, Diagnostic> {
    let name = if name == "-" { "<stdin>" } else { name };
    let source = sources.add(name, SourceKind::Values, text);
    let node = read_one(text, source, Dialect::Core12)?;
    match node.value {
        Value::Map(_) => Ok(node),
        _ => Err(Diagnostic::error(format!("values are a map, found {}", node.kind()))
            .at(node.origin.at)
            .hint("write `key: value` lines")),
    }
}

fn shorten(flag: &str) -> String {
    if flag.chars().count() <= NAME {
        return flag.to_owned();
    }
    flag.chars().take(NAME).chain(std::iter::once('…')).collect()
}
