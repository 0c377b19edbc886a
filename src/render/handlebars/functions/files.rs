//! The chart's `files/`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use globset::GlobBuilder;

use super::super::held::Held;
use super::arguments::Arguments;
use super::{Function, Outcome};
use crate::diagnostic::nearest;
use crate::yaml::{Map, Node};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "file",
        signature: "file \"path\" encoding=\"base64\"",
        doc: "the text of a file below `files/`; with the option its bytes in base64",
        arity: (1, 1),
        options: &["encoding"],
        run: file,
    },
    Function {
        name: "files",
        signature: "files \"glob\" encoding=\"base64\"",
        doc: "a map of the files that match, by the last part of their path: the data of a ConfigMap",
        arity: (1, 1),
        options: &["encoding"],
        run: files,
    },
];

fn file<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let path = arguments.string(0)?;
    let files = arguments.root().files;
    if let Some(bytes) = files.get(path.strip_prefix("files/").unwrap_or(&path)) {
        return encoded(arguments, &path, bytes).map(Held::made);
    }
    let error = arguments.error(0, format!("the chart has no file `files/{path}`"));
    Err(match nearest(&path, files.keys().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("only files below the chart's `files/` can be read"),
    })
}

fn files<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let pattern = arguments.string(0)?;
    let glob = GlobBuilder::new(pattern.strip_prefix("files/").unwrap_or(&pattern)).literal_separator(true).build();
    let glob = glob.map_err(|_| arguments.error(0, "this is no glob pattern"))?.compile_matcher();
    let mut found = Map::default();
    for (path, bytes) in arguments.root().files.iter().filter(|(path, _)| glob.is_match(path)) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let node = encoded(arguments, path, bytes)?;
        if found.insert(name.to_owned(), node).is_some() {
            return Err(arguments.error(0, format!("two files that match are called `{name}`")));
        }
    }
    if found.is_empty() {
        return Err(arguments.error(0, "no file below the chart's `files/` matches"));
    }
    Ok(Held::made(Node::new(found)))
}

fn encoded(arguments: &Arguments<'_, '_>, path: &str, bytes: &[u8]) -> Result<Node, crate::diagnostic::Diagnostic> {
    match arguments.option("encoding")? {
        None => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Node::new(text)),
            Err(_) => Err(arguments
                .error(0, format!("`{path}` is no UTF-8 text"))
                .hint("put it into `binaryData` with `encoding=\"base64\"`")),
        },
        Some((held, _)) if held.node().as_str() == Some("base64") => Ok(Node::new(STANDARD.encode(bytes))),
        Some((_, span)) => Err(crate::diagnostic::Diagnostic::error("the only encoding is `base64`").at(span)),
    }
}
