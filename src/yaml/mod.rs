//! YAML text to [`Node`] and back. The only owner of the YAML parser.
//!
//! Every node knows where it stands, numbers keep the digits they were written with, and what is emitted is read
//! back by kubectl (YAML 1.1) and by YAML 1.2 readers as the same thing.

mod json;
mod node;
mod spelled;
mod text;

pub use node::{Map, Node, Value};
pub use spelled::Spelled;
pub use text::{Charset, GeneratedKey, Part, Text};
