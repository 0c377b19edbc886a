//! Reads all templates of the charts to render, and the Library partials that they call.

use std::collections::{BTreeMap, BTreeSet};

use super::handlebars::{LIBRARY, Template, calls, read as read_template};
use super::unit::Unit;
use crate::chart::{Chart, Role, TemplateFile};
use crate::diagnostic::{Diagnostic, Place, SourceKind, SourceMap};
use crate::library;

/// The templates of one chart.
#[derive(Debug, Default)]
pub(super) struct Templates<'c> {
    /// Manifests and notes.
    pub(super) templates: Vec<(&'c TemplateFile, Template)>,
    /// Partials by name.
    pub(super) partials: BTreeMap<String, Template>,
}

/// All that was read.
#[derive(Debug, Default)]
pub(super) struct Read<'c> {
    /// Beside the units.
    pub(super) units: Vec<Templates<'c>>,
    /// Library partials that are called.
    pub(super) library: BTreeMap<&'static str, Template>,
}

/// Reads the templates of all units.
pub(super) fn read<'c>(units: &[Unit<'c>], sources: &mut SourceMap) -> Result<Read<'c>, Vec<Diagnostic>> {
    let mut all = Read::default();
    let mut errors = Vec::new();
    let mut wanted = BTreeSet::new();
    for unit in units {
        let templates = templates(unit.chart, sources, &mut errors);
        wanted.extend(templates.templates.iter().flat_map(|(_, template)| calls(template)));
        wanted.extend(templates.partials.values().flat_map(calls));
        all.units.push(templates);
    }
    // A computed name may be any.
    let any = wanted.contains(&None);
    let mut open: Vec<&str> = library::partials().iter().map(|partial| partial.name).collect();
    open.retain(|name| any || wanted.contains(&Some((*name).to_owned())));
    while let Some(name) = open.pop() {
        let Some(partial) = library::partials().iter().find(|partial| partial.name == name) else { continue };
        if all.library.contains_key(partial.name) {
            continue;
        }
        let source = sources.add(partial.file, SourceKind::Template, partial.text);
        match read_template(partial.text, source) {
            Ok(template) => {
                let called = calls(&template);
                open.extend(
                    library::partials()
                        .iter()
                        .map(|partial| partial.name)
                        .filter(|name| called.contains(&Some((*name).to_owned()))),
                );
                all.library.insert(partial.name, template);
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(all) } else { Err(errors) }
}

fn templates<'c>(chart: &'c Chart, sources: &SourceMap, errors: &mut Vec<Diagnostic>) -> Templates<'c> {
    let mut found = Templates::default();
    for file in &chart.templates {
        if file.role == Role::GoTemplate {
            errors.push(go_template(file));
            continue;
        }
        let Some(source) = sources.get(file.source) else { continue };
        match read_template(&source.text, file.source) {
            Err(error) => errors.push(error),
            Ok(template) if file.role == Role::Partial => {
                let name = partial_name(&file.path);
                let start = Place::new(file.source, 1, 1);
                if name.starts_with(LIBRARY) {
                    errors.push(
                        Diagnostic::error(format!("the partial `{name}` has a name of the Library's"))
                            .at(start)
                            .hint("names that begin with `kchart/` belong to the Library: move the file"),
                    );
                } else if let Some(first) = found.partials.insert(name.clone(), template) {
                    errors.push(
                        Diagnostic::error(format!("there are two partials `{name}`"))
                            .at(start)
                            .note_at("the other one is here", Place::new(first.source(), 1, 1)),
                    );
                }
            }
            Ok(template) => found.templates.push((file, template)),
        }
    }
    found
}

/// `templates/web/_labels.hbs` is `web/labels`.
fn partial_name(path: &str) -> String {
    let path = path.strip_prefix("templates/").unwrap_or(path);
    let (folder, file) = path.rsplit_once('/').map_or(("", path), |(folder, file)| (folder, file));
    let file = file.strip_prefix('_').unwrap_or(file);
    let file = file.strip_suffix(".hbs").unwrap_or(file);
    let file = file.strip_suffix(".yaml").unwrap_or(file);
    if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") }
}

fn go_template(file: &TemplateFile) -> Diagnostic {
    let path = &file.path;
    let error = Diagnostic::error(format!("`{path}` is a Go template, which kchart does not render yet"));
    let error = error.at(Place::new(file.source, 1, 1));
    match path.strip_suffix(".yml").or_else(|| path.strip_suffix(".yaml")) {
        Some(stem) => error.hint(format!("handlebars templates end in `.hbs`: `{stem}.yaml.hbs`")),
        None => error.hint("partials are `_name.hbs`, notes `notes.txt.hbs`"),
    }
}

#[cfg(test)]
mod tests {
    use super::partial_name;

    #[test]
    fn partials_are_named_by_their_files() {
        assert_eq!(partial_name("templates/_labels.hbs"), "labels");
        assert_eq!(partial_name("templates/_labels.yaml.hbs"), "labels");
        assert_eq!(partial_name("templates/web/_pod.hbs"), "web/pod");
    }
}
