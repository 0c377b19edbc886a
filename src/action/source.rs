//! What a release is made from: a chart, or YAML that something else rendered.

use crate::chart::{self, Chart, Lookup, Taken};
use crate::diagnostic::{Failure, SourceKind};
use crate::manifest;
use crate::release::ChartSummary;
use crate::render::Document;

use super::Reading;

/// What a release is made from, as it was named.
#[derive(Clone, Debug)]
pub enum Source {
    /// A chart by path or name.
    Chart {
        /// As the user named it.
        reference: String,
        /// Where names are looked up.
        lookup: Lookup,
    },
    /// Rendered YAML: name and text of each file.
    Manifest(Vec<(String, String)>),
}

/// The same, read.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// A chart and where it was found.
    Chart(Box<Chart>, Taken),
    /// Documents that are no templates.
    Documents(Vec<Document>),
}

impl Source {
    /// Reads it; a cluster is not needed.
    pub fn load(&self, reading: &mut Reading) -> Result<Loaded, Failure> {
        match self {
            Self::Chart { reference, lookup } => {
                let (chart, taken) = chart::load(reference, lookup, &mut reading.sources)?;
                collect_warnings(&chart, reading);
                Ok(Loaded::Chart(Box::new(chart), taken))
            }
            Self::Manifest(files) => {
                let (mut documents, mut wrong) = (Vec::new(), Vec::new());
                for (name, text) in files {
                    let source = reading.sources.add(name.as_str(), SourceKind::Manifest, text.as_str());
                    match manifest::read(text, source) {
                        Ok(more) => documents.extend(more),
                        Err(more) => wrong.extend(more),
                    }
                }
                if wrong.is_empty() { Ok(Loaded::Documents(documents)) } else { Err(wrong.into()) }
            }
        }
    }
}

impl Loaded {
    /// Name of the chart.
    pub fn chart_name(&self) -> Option<&str> {
        match self {
            Self::Chart(chart, _) => Some(&chart.metadata.name),
            Self::Documents(_) => None,
        }
    }

    /// What the history keeps of the chart.
    pub fn summary(&self) -> Option<ChartSummary> {
        match self {
            Self::Chart(chart, _) => Some(ChartSummary {
                name: chart.metadata.name.clone(),
                version: chart.metadata.version.clone(),
                app_version: chart.metadata.app_version.clone(),
            }),
            Self::Documents(_) => None,
        }
    }

    /// Where the chart was found.
    pub fn taken(&self) -> Option<&Taken> {
        match self {
            Self::Chart(_, taken) => Some(taken),
            Self::Documents(_) => None,
        }
    }
}

/// Warnings about a chart and its subcharts.
fn collect_warnings(chart: &Chart, reading: &mut Reading) {
    reading.warnings.extend(chart.warnings.iter().cloned());
    chart.subcharts.iter().for_each(|subchart| collect_warnings(subchart, reading));
}
