//! Results as JSON and YAML.

use serde::Serialize;

use crate::cli::flags::Format;
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::yaml::{self, Node};

/// One document. Keys stand in the order of the struct.
pub(in crate::cli) fn encode(view: &impl Serialize, format: Format) -> Result<String, Failure> {
    let bug = |error: serde_json::Error| {
        Failure::new(Class::Bug, Diagnostic::error(format!("the result can't be written as JSON: {error}")))
    };
    let json = serde_json::to_value(view).map_err(bug)?;
    match format {
        Format::Yaml => Ok(yaml::write(&Node::from(&json))),
        _ => Ok(format!("{json:#}\n")),
    }
}
