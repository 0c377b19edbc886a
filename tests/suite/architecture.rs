//! The shape of the code: which folder may use which, what pure rooms must not know, how files begin and what they
//! are called. Reads `src/**`; ARCHITECTURE.md says the same in prose.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders in the order of the pipeline: each may use those before it, and itself.
const ORDER: &[&str] = &[
    "diagnostic",
    "yaml",
    "schema",
    "object",
    "readiness",
    "release",
    "chart",
    "values",
    "library",
    "render",
    "manifest",
    "plan",
    "cluster",
    "apply",
    "sandbox",
    "action",
    "cli",
];

/// Folders that use fewer than their place allows: the sandbox must not prove the planner with the planner's code.
const ONLY: &[(&str, &[&str])] = &[
    ("schema", &[]),
    ("readiness", &["diagnostic", "yaml", "schema", "object"]),
    ("sandbox", &["diagnostic", "yaml", "schema", "object"]),
];

/// Rooms that know no clock, no randomness, no file system, no network and no concurrency.
const PURE: &[&str] = &[
    "diagnostic",
    "yaml",
    "schema",
    "object",
    "release",
    "chart",
    "values",
    "library",
    "render",
    "manifest",
    "plan",
    "readiness",
];

/// What pure rooms must not name.
const EFFECTS: &[&str] = &[
    "async fn",
    "async move",
    ".await",
    "tokio",
    "futures::",
    "kube::",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::time",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "getrandom",
    "std::io::std",
];

/// The files of pure rooms that read files: charts are found and loaded there.
const LOADER: &[&str] = &["src/chart/folder.rs", "src/chart/lookup.rs"];

/// Words that say nothing; they are no names of files, modules or types.
const EMPTY_WORDS: &[&str] =
    &["manager", "helper", "helpers", "util", "utils", "misc", "info", "data", "impl", "handler"];

/// Type names that hold such a word because Kubernetes calls the thing so.
const KUBERNETES_WORDS: &[&str] = &["FieldManager"];

#[test]
fn folders_use_only_what_stands_before_them() {
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(room) = file.room() else { continue };
        let place = ORDER.iter().position(|each| *each == room);
        let Some(place) = place else {
            wrong.push(format!("{}: the folder `{room}` has no place in the order", file.name));
            continue;
        };
        let only = ONLY.iter().find(|(each, _)| *each == room).map(|(_, allowed)| *allowed);
        for used in file.rooms_used() {
            let allowed = only.unwrap_or(&ORDER[..place]);
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: `{room}` must not use `{used}`", file.name));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn pure_rooms_have_no_effects() {
    let mut wrong = Vec::new();
    for file in sources() {
        if !file.room().is_some_and(|room| PURE.contains(&room)) || LOADER.contains(&file.name.as_str()) {
            continue;
        }
        for effect in EFFECTS.iter().filter(|effect| file.code.contains(**effect)) {
            wrong.push(format!("{}: `{effect}`", file.name));
        }
    }
    assert_none(&wrong);
}

#[test]
fn each_foreign_thing_has_one_owner() {
    let owned = [
        ("granit_parser", &["src/yaml/"][..]),
        ("handlebars::", &["src/render/"]),
        ("DynamicObject", &["src/cluster/"]),
        ("indicatif", &["src/cli/"]),
        ("clap::", &["src/cli/", "src/main.rs"]),
        ("anyhow", &["src/main.rs", "src/cli/"]),
        ("println!", &[]),
    ];
    let mut wrong = Vec::new();
    for file in sources() {
        for (thing, owners) in owned {
            if file.code.contains(thing) && !owners.iter().any(|owner| file.name.starts_with(owner)) {
                wrong.push(format!("{}: `{thing}` belongs to {owners:?}", file.name));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn every_file_says_what_it_is_for() {
    let wrong: Vec<_> =
        sources().into_iter().filter(|file| !file.text.starts_with("//! ")).map(|file| file.name).collect();
    assert_none(&wrong);
}

#[test]
fn names_say_something() {
    let mut wrong = Vec::new();
    for file in sources() {
        let stem = file.name.trim_end_matches(".rs");
        if stem.split(['/', '_']).any(|word| EMPTY_WORDS.contains(&word)) {
            wrong.push(file.name.clone());
        }
        for name in file.names_of_types() {
            let words = words(&name);
            if !KUBERNETES_WORDS.contains(&name.as_str())
                && words.iter().any(|word| EMPTY_WORDS.contains(&word.as_str()))
            {
                wrong.push(format!("{}: `{name}`", file.name));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn nothing_is_left_to_be_written() {
    let open = |file: &SourceFile| file.code.contains("todo!(") || file.code.contains("unimplemented!(");
    let wrong: Vec<_> = sources().into_iter().filter(open).map(|file| file.name).collect();
    assert_none(&wrong);
}

/// A source file. `code` is its text without comments and without its tests.
struct SourceFile {
    name: String,
    text: String,
    code: String,
}

impl SourceFile {
    fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a readable file");
        let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        let is_test = name.ends_with("/tests.rs") || name.contains("/tests/");
        let shown = if is_test { "" } else { text.as_str() };
        let code = shown.lines().take_while(|line| *line != "#[cfg(test)]");
        let code = code
            .filter(|line| !line.trim_start().starts_with("//"))
            .fold(String::new(), |code, line| code + line + "\n");
        Self { name, text, code }
    }

    /// Its folder below `src`; none for the files that stand there themselves.
    fn room(&self) -> Option<&str> {
        let (room, rest) = self.name.strip_prefix("src/")?.split_once('/')?;
        (!rest.is_empty()).then_some(room)
    }

    /// Folders named by `crate::room` and `use crate::{room, …}`.
    fn rooms_used(&self) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for (at, found) in self.code.match_indices("crate::") {
            let rest = &self.code[at + found.len()..];
            let group = rest.strip_prefix('{').and_then(|inner| inner.split_once("};")).map(|(inner, _)| inner);
            let names = group.map_or_else(|| vec![rest], top_level);
            used.extend(names.into_iter().map(|name| {
                name.trim().chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect::<String>()
            }));
        }
        used.retain(|name| ORDER.contains(&name.as_str()));
        used
    }

    fn names_of_types(&self) -> Vec<String> {
        let declared = |line: &str| {
            // The trait has named what an `impl` has to have; `impl` items of our own are not `type`s.
            if line.starts_with("    type ") && line.ends_with(';') {
                return None;
            }
            let line = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            let line = line.strip_prefix("pub(super) ").unwrap_or(line);
            let (keyword, rest) = line.split_once(' ')?;
            ["struct", "enum", "trait", "type", "mod"]
                .contains(&keyword)
                .then(|| rest.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect::<String>())
        };
        self.code.lines().filter_map(declared).collect()
    }
}

/// The parts of `a::{b, c}, d` between commas outside of braces.
fn top_level(group: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
}

/// The lower-case words of `CamelCase` or `snake_case`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for char in name.chars() {
        if (char.is_uppercase() || char == '_') && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char != '_') {
            word.extend(char.to_lowercase());
        }
    }
    words
}

fn sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    assert!(files.len() > 50, "the sources are found");
    files.iter().map(|path| SourceFile::read(root, path)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
