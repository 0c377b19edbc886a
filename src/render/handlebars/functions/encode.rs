//! Encodings and digests.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::arguments::Arguments;
use super::{Function, Outcome};
use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, Value, write};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "b64enc",
        signature: "b64enc text",
        doc: "the string in base64",
        arity: (1, 1),
        options: &[],
        run: |arguments| {
            let text = arguments.string(0)?;
            arguments.made(0, STANDARD.encode(text))
        },
    },
    Function {
        name: "b64dec",
        signature: "b64dec text",
        doc: "the string that base64 stands for",
        arity: (1, 1),
        options: &[],
        run: b64dec,
    },
    Function {
        name: "sha256",
        signature: "sha256 text",
        doc: "the SHA-256 of the string, in hexadecimal",
        arity: (1, 1),
        options: &[],
        run: sha256,
    },
    Function {
        name: "toJson",
        signature: "toJson value",
        doc: "the value as one line of JSON, for files and annotations",
        arity: (1, 1),
        options: &[],
        run: |arguments| {
            let held = arguments.value(0)?;
            known(arguments, held.node())?;
            arguments.made(0, held.node().to_json().to_string())
        },
    },
    Function {
        name: "toYaml",
        signature: "toYaml value",
        doc: "the value as YAML text, for files; in a manifest a hole takes the value itself",
        arity: (1, 1),
        options: &[],
        run: |arguments| {
            let held = arguments.value(0)?;
            known(arguments, held.node())?;
            arguments.made(0, write(held.node()))
        },
    },
];

fn b64dec<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let text = arguments.string(0)?;
    let bytes = STANDARD.decode(text.trim()).map_err(|_| arguments.error(0, "this is no base64"))?;
    let text =
        String::from_utf8(bytes).map_err(|_| arguments.error(0, "this is base64 of something that is no text"))?;
    arguments.made(0, text)
}

fn sha256<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let digest = Sha256::digest(arguments.string(0)?.as_bytes());
    let mut text = String::with_capacity(64);
    for byte in digest {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    arguments.made(0, text)
}

/// Refuses values that are not known before the chart is applied.
fn known(arguments: &Arguments<'_, '_>, node: &Node) -> Result<(), Diagnostic> {
    let has_generated = |node: &Node| match &node.value {
        Value::List(items) => items.iter().try_for_each(|item| known(arguments, item)),
        Value::Map(map) => map.values().try_for_each(|value| known(arguments, value)),
        Value::Text(text) if text.is_generated() => Err(arguments
            .error(0, "a generated value can't be part of this text")
            .hint("it is decided when the chart is applied")),
        _ => Ok(()),
    };
    has_generated(node)
}
