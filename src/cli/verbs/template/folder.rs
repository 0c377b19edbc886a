//! `template --output-dir`: a file per template, all of them or none.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::document;
use crate::action::template::Templated;
use crate::diagnostic::{Diagnostic, Failure};

/// Writes everything beside the folder first, so that a full disk or a missing right leaves the folder as it was;
/// then moves the files in. Returns their number.
pub(super) fn write(templated: &Templated, folder: &Path) -> Result<usize, Failure> {
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    for piece in &templated.pieces {
        let text = files.entry(inside(&piece.template)).or_default();
        text.push_str(&document(piece));
    }
    stage_and_move(&files, folder).map_err(|error| {
        Failure::failed(Diagnostic::error(format!("cannot write below `{}`: {error}", folder.display())))
    })?;
    Ok(files.len())
}

/// The path of a template's file below the folder: never outside it, without `.hbs`.
fn inside(template: &str) -> PathBuf {
    let plain = template.strip_suffix(".hbs").unwrap_or(template);
    let names = Path::new(plain).components().filter(|part| matches!(part, Component::Normal(_)));
    let path: PathBuf = names.collect();
    if path.as_os_str().is_empty() { PathBuf::from("manifest.yaml") } else { path }
}

fn stage_and_move(files: &BTreeMap<PathBuf, String>, folder: &Path) -> io::Result<()> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let stage = tempfile::Builder::new().prefix(".kchart-").tempdir_in(parent)?;
    for (path, text) in files {
        let target = stage.path().join(path);
        fs::create_dir_all(target.parent().unwrap_or(stage.path()))?;
        fs::write(target, text)?;
    }
    for path in files.keys() {
        let target = folder.join(path);
        fs::create_dir_all(target.parent().unwrap_or(folder))?;
        fs::rename(stage.path().join(path), target)?;
    }
    Ok(())
}
