//! From what a user types to a chart: a path, or a name that is looked up.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::assemble::Assembly;
use super::chartfile::is_chart_name;
use super::folder::reason;
use super::home::BUNDLED;
use super::tree::{MAX_BYTES, is_archive};
use super::{Chart, Lookup, Taken, bundled};
use crate::diagnostic::{Diagnostic, SourceMap, nearest};

/// Finds and loads the chart that a user names: a path if it has a slash, ends in `.tgz` or is a folder with a
/// Chart.yaml; else a name, looked up in `./charts`, `$KCHART_CHARTS` and the bundled charts.
pub fn load(reference: &str, lookup: &Lookup, sources: &mut SourceMap) -> Result<(Chart, Taken), Vec<Diagnostic>> {
    if let Some((scheme, _)) = reference.split_once("://") {
        let error = Diagnostic::error(format!("kchart does not fetch charts by `{scheme}://` yet: `{reference}`"));
        return Err(vec![error.hint(format!("`helm pull {reference}` saves it as a .tgz, which can be installed"))]);
    }
    let shown = reference.trim_end_matches('/');
    let shown = if shown.is_empty() { reference } else { shown };
    let real = lookup.directory.join(shown);
    if reference.contains('/') || is_archive(reference) || real.join("Chart.yaml").is_file() {
        return load_path(&real, shown, sources);
    }
    // `..` is no name: it would lead off the shelf.
    let shelves = if is_chart_name(reference) { lookup.shelves() } else { Vec::new() };
    for (real, shown) in shelves {
        if real.join(reference).join("Chart.yaml").is_file() {
            return load_path(&real.join(reference), &format!("{shown}/{reference}"), sources);
        }
    }
    match Assembly::new(sources).bundled(reference) {
        Some(chart) => Ok((chart?, Taken::Bundled(reference.to_owned()))),
        None => Err(vec![not_found(reference, lookup)]),
    }
}

/// Loads a folder.
pub fn load_folder(folder: &Path, sources: &mut SourceMap) -> Result<Chart, Vec<Diagnostic>> {
    let (chart, _) = load_path(folder, &folder.display().to_string(), sources)?;
    Ok(chart)
}

impl Lookup {
    /// The folders in which names are looked up, and how they are shown.
    fn shelves(&self) -> Vec<(PathBuf, String)> {
        let own = (self.directory.join("charts"), "charts".to_owned());
        let others = self.folders.iter().filter(|folder| !folder.as_os_str().is_empty());
        let others = others.map(|folder| (self.directory.join(folder), folder.display().to_string()));
        std::iter::once(own).chain(others).collect()
    }
}

fn load_path(real: &Path, shown: &str, sources: &mut SourceMap) -> Result<(Chart, Taken), Vec<Diagnostic>> {
    let found = fs::metadata(real).map_err(|error| {
        vec![if error.kind() == std::io::ErrorKind::NotFound {
            let error = Diagnostic::error(format!("there is no chart at `{shown}`"));
            match neighbour(real, shown) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            }
        } else {
            Diagnostic::error(format!("can't read `{shown}`: {}", reason(&error)))
        }]
    })?;
    if found.is_dir() {
        if !real.join("Chart.yaml").is_file() && fs::symlink_metadata(real.join("Chart.yaml")).is_err() {
            return Err(vec![no_chart(real, shown)]);
        }
        let chart = Assembly::new(sources).folder(real, shown)?;
        return Ok((chart, Taken::Folder(PathBuf::from(shown))));
    }
    if !found.is_file() {
        return Err(vec![Diagnostic::error(format!("`{shown}` is neither a chart's folder nor an archive"))]);
    }
    if !is_archive(shown) {
        let error = Diagnostic::error(format!("`{shown}` is a file: a chart is a folder or a .tgz"));
        let parent = Path::new(shown).file_name().is_some_and(|name| name == "Chart.yaml").then(|| {
            Path::new(shown).parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("./"))
        });
        return Err(vec![match parent {
            Some(parent) => error.hint(format!("name its folder: `{}`", parent.display())),
            None => error.hint("rendered YAML is installed by `kchart install NAME --manifest FILE`"),
        }]);
    }
    let mut packed = Vec::new();
    let read = fs::File::open(real).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut packed));
    read.map_err(|error| vec![Diagnostic::error(format!("can't read `{shown}`: {}", reason(&error)))])?;
    if packed.len() as u64 > MAX_BYTES {
        return Err(vec![Diagnostic::error(format!("the archive `{shown}` is larger than {} MiB", MAX_BYTES >> 20))]);
    }
    let chart = Assembly::new(sources).archive(&packed, shown)?;
    Ok((chart, Taken::Archive(PathBuf::from(shown))))
}

/// A folder without a Chart.yaml; what the user may have meant is often near.
fn no_chart(real: &Path, shown: &str) -> Diagnostic {
    let error = Diagnostic::error(format!("`{shown}` is no chart: it has no Chart.yaml"));
    for name in ["Chart.yml", "chart.yaml", "chart.yml"] {
        if real.join(name).is_file() {
            return error.hint(format!("rename `{shown}/{name}` to `Chart.yaml`"));
        }
    }
    match chart_names(real).first() {
        Some(inside) => error.hint(format!("did you mean `{shown}/{inside}`?")),
        None => error,
    }
}

/// A chart beside a path that is not there, with a name that is nearly the same.
fn neighbour(real: &Path, shown: &str) -> Option<String> {
    let wanted = real.file_name()?.to_str()?;
    let parent = real.parent()?;
    let mut names = chart_names(parent);
    let files = fs::read_dir(parent).into_iter().flatten().flatten();
    names.extend(files.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| is_archive(name)));
    names.sort();
    let near = nearest(wanted, names.iter().map(String::as_str))?;
    Some(match shown.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{near}"),
        None => near.to_owned(),
    })
}

/// Names of the folders in `folder` that are charts, sorted.
fn chart_names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let charts = entries.filter(|entry| entry.path().join("Chart.yaml").is_file());
    let mut names: Vec<String> = charts.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn not_found(name: &str, lookup: &Lookup) -> Diagnostic {
    let mut known: Vec<String> = bundled::names().iter().map(|name| (*name).to_owned()).collect();
    let mut looked = Vec::new();
    for (real, shown) in lookup.shelves() {
        let names = chart_names(&real);
        let holds = if names.is_empty() { "no charts".to_owned() } else { names.join(", ") };
        looked.push(format!("in `{shown}`: {holds}"));
        known.extend(names);
    }
    looked.push(format!("in `{BUNDLED}`: {}", bundled::names().join(", ")));
    let error = Diagnostic::error(format!("there is no chart called `{}`", name.escape_debug()));
    let error = looked.into_iter().fold(error, Diagnostic::note);
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if lookup.directory.join(name).is_dir() => {
            error.hint(format!("the folder `{name}` has no Chart.yaml, so it is no chart"))
        }
        None => error.hint("a chart in a folder is named by its path, with a slash: `./NAME`"),
    }
}
