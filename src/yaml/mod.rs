//! YAML text to [`Node`] and back. The only owner of the YAML parser.
//!
//! Every node knows where it stands, numbers keep the digits they were written with, and what is emitted is read
//! back by kubectl (YAML 1.1) and by YAML 1.2 readers as the same thing.

mod anchors;
mod dialect;
mod hook;
mod json;
mod json_text;
mod limits;
mod loader;
mod map;
mod node;
mod quote;
mod read;
mod spelled;
mod syntax;
mod tag;
mod text;
mod write;

pub use dialect::Dialect;
pub use hook::{Chomp, Hook, Scalar, Style};
pub use json_text::json;
pub use map::Map;
pub use node::{Node, Value};
pub use read::{read, read_one, read_with};
pub use spelled::Spelled;
pub use text::{Charset, GeneratedKey, Part, Text};
pub use write::{write, write_documents};
