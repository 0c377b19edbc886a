//! Loading of charts: where they are found, what they are made of, and everything that is refused, word by word.

mod archives;
mod bundled;
mod folders;
mod library;
mod lookup;
mod rendered;

use std::fs;
use std::path::Path;

use kchart::diagnostic::{Diagnostic, Severity, SourceMap};

/// Chart.yaml of a chart without content.
const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.2.3\n";

/// Writes files below a folder.
#[track_caller]
fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Messages as plain lines: severity, place, text, notes, hints.
fn told(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut lines = Vec::new();
    for diagnostic in diagnostics {
        let severity = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
        let place = diagnostic.span.map_or_else(String::new, |span| format!("{}: ", sources.name(span.place)));
        lines.push(format!("{severity}: {place}{}\n", diagnostic.message));
        lines.extend(diagnostic.notes.iter().map(|note| format!("note: {}\n", note.text)));
        lines.extend(diagnostic.hints.iter().map(|hint| format!("hint: {hint}\n")));
    }
    lines.concat()
}
