//! From a loaded source and values to the objects that are wanted: shared by `template` and the deploying verbs.

use crate::diagnostic::{Failure, Severity};
use crate::manifest::{self, Manifest};
use crate::release::Release;
use crate::render::{self, Context, Document};
use crate::values::{self, ChartValues};
use crate::yaml::Node;

use super::{Loaded, Reading, mask_of};

/// What was rendered.
pub(super) struct Wanted {
    pub(super) manifest: Manifest,
    pub(super) notes: Option<String>,
    /// Which template wrote which object.
    pub(super) templates: Vec<Written>,
}

/// An object as a template wrote it, before it became an [`Object`](crate::object::Object).
pub(super) struct Written {
    pub(super) template: String,
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) name: String,
}

/// The values of the chart and its subcharts; nothing for documents that are no templates.
pub(super) fn resolve(loaded: &Loaded, given: &Node, reading: &mut Reading) -> Result<ChartValues, Failure> {
    match loaded {
        Loaded::Chart(chart, _) => {
            let (values, warnings) = values::resolve(chart, given)?;
            reading.warnings.extend(warnings);
            Ok(values)
        }
        Loaded::Documents(_) => Ok(ChartValues::default()),
    }
}

/// Renders and assembles. With `strict`, values that nothing reads are errors.
pub(super) fn render(
    loaded: Loaded,
    values: &ChartValues,
    context: &Context,
    strict: bool,
    reading: &mut Reading,
) -> Result<Wanted, Failure> {
    let (documents, notes) = match loaded {
        Loaded::Chart(chart, _) => {
            let rendered = render::render(&chart, values, context, &mut reading.sources)?;
            if strict && !rendered.warnings.is_empty() {
                let mut errors = rendered.warnings;
                errors.iter_mut().for_each(|diagnostic| diagnostic.severity = Severity::Error);
                return Err(errors.into());
            }
            reading.warnings.extend(rendered.warnings);
            (rendered.documents, rendered.notes)
        }
        Loaded::Documents(documents) => (documents, None),
    };
    let templates = documents.iter().filter_map(written).collect();
    let release = Release { namespace: context.namespace.clone(), name: context.release.clone() };
    let mut manifest = manifest::assemble(documents, &release)?;
    reading.mask.extend(&mask_of(&manifest.objects));
    reading.warnings.append(&mut manifest.warnings);
    Ok(Wanted { manifest, notes, templates })
}

fn written(document: &Document) -> Option<Written> {
    let text = |path: &[&str]| document.root.str_at(path).map(str::to_owned);
    Some(Written {
        template: document.template.clone(),
        api_version: text(&["apiVersion"])?,
        kind: text(&["kind"])?,
        name: text(&["metadata", "name"])?,
    })
}
