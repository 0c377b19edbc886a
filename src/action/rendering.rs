//! From a loaded source and values to the objects that are wanted: shared by `template` and the deploying verbs.

use crate::chart::{Metadata, Range, read_version};
use crate::diagnostic::{Diagnostic, Failure, Severity};
use crate::manifest::{self, Manifest};
use crate::object::{Mask, Secrecy};
use crate::release::Release;
use crate::render::{self, Context};
use crate::values::{self, ChartValues};
use crate::yaml::Node;

use super::{Loaded, Reading};

/// What was rendered.
pub(super) struct Wanted {
    pub(super) manifest: Manifest,
    pub(super) notes: Option<String>,
}

/// The values of the chart and its subcharts; nothing for documents that are no templates.
pub(super) fn resolve(loaded: &Loaded, given: &Node, reading: &mut Reading) -> Result<ChartValues, Failure> {
    match loaded {
        Loaded::Chart(chart) => {
            let (values, warnings) = values::resolve(chart, given)?;
            reading.warnings.extend(warnings);
            let mut mask = Mask::default();
            for (_, secret) in values::write_only(&values, chart) {
                mask.hide_node(&secret, Secrecy::Sure);
            }
            reading.mask.extend(&mask);
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
        Loaded::Chart(chart) => {
            check_kube_version(&chart.metadata, &context.kube_version)?;
            let rendered = render::render(&chart, values, context, &mut reading.sources)?;
            if strict && !rendered.warnings.is_empty() {
                let mut errors = rendered.warnings;
                for error in &mut errors {
                    error.severity = Severity::Error;
                }
                return Err(errors.into());
            }
            reading.warnings.extend(rendered.warnings);
            (rendered.documents, rendered.notes)
        }
        Loaded::Documents(documents) => (documents, None),
    };
    tracing::info!("the templates rendered {} documents", documents.len());
    let release = Release { namespace: context.namespace.clone(), name: context.release.clone() };
    // Before the checks, so that their messages show no line of a file as it stands there.
    reading.mask.extend(&manifest::mask_documents(&documents));
    let mut manifest = manifest::assemble(documents, &release)?;
    manifest.hide(&reading.mask.now());
    reading.mask.extend(&manifest::mask(&manifest.objects, []));
    reading.warnings.append(&mut manifest.warnings);
    // Notes are shown and stored, never applied.
    let notes = notes.map(|notes| reading.mask.now().text(&notes));
    Ok(Wanted { manifest, notes })
}

/// Whether the chart is for this version of Kubernetes.
fn check_kube_version(metadata: &Metadata, version: &str) -> Result<(), Failure> {
    let wanted = metadata.kube_version.as_deref().filter(|range| !range.is_empty());
    let range = wanted.and_then(Range::parse);
    match (wanted, range, read_version(version)) {
        (Some(wanted), Some(range), Some(known)) if !range.contains(&known) => {
            let message = format!("chart `{}` is for Kubernetes {wanted}, not for {version}", metadata.name);
            let mut diagnostic = Diagnostic::error(message);
            if !known.pre.is_empty() {
                diagnostic =
                    diagnostic.hint(format!("`{version}` counts as a prerelease: a range like `>=1.30.0-0` takes it"));
            }
            Err(Failure::input(vec![diagnostic]))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_says_for_which_kubernetes_it_is() {
        let chart = |range: &str| Metadata { kube_version: Some(range.to_owned()), ..Metadata::default() };
        assert!(check_kube_version(&chart(">=1.30"), "v1.37.2").is_ok());
        assert!(check_kube_version(&chart(""), "v1.37.2").is_ok());
        assert!(check_kube_version(&chart("<1.30"), "v1.37.2").is_err());
        assert!(check_kube_version(&chart(">=1.30.0-0"), "v1.30.5-gke.1").is_ok());
        let failure = check_kube_version(&chart(">=1.30"), "v1.30.5-gke.1").unwrap_err();
        assert_eq!(failure.diagnostics[0].hints.len(), 1);
    }
}
