//! What a release is made from: a chart, or YAML that something else rendered.

use crate::chart::{self, Chart, Lookup};
use crate::diagnostic::{Failure, SourceKind};
use crate::manifest;
use crate::release::ChartSummary;
use crate::render::Document;

use super::{Reading, Remark};

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
    /// A chart.
    Chart(Box<Chart>),
    /// Documents that are no templates.
    Documents(Vec<Document>),
}

impl Source {
    /// Reads it; a cluster is not needed.
    pub fn load(&self, reading: &mut Reading) -> Result<Loaded, Failure> {
        match self {
            Self::Chart { reference, lookup } => {
                let (chart, taken) = chart::load(reference, lookup, &mut reading.sources)?;
                reading.remarks.push(Remark::Taken(summary(&chart), taken));
                collect_warnings(&chart, reading);
                Ok(Loaded::Chart(Box::new(chart)))
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
            Self::Chart(chart) => Some(&chart.metadata.name),
            Self::Documents(_) => None,
        }
    }

    /// What the history keeps of the chart.
    pub fn summary(&self) -> Option<ChartSummary> {
        match self {
            Self::Chart(chart) => Some(summary(chart)),
            Self::Documents(_) => None,
        }
    }
}

/// Warnings about a chart and its subcharts.
fn collect_warnings(chart: &Chart, reading: &mut Reading) {
    reading.warnings.extend(chart.warnings.iter().cloned());
    chart.subcharts.iter().for_each(|subchart| collect_warnings(subchart, reading));
}

fn summary(chart: &Chart) -> ChartSummary {
    ChartSummary {
        name: chart.metadata.name.clone(),
        version: chart.metadata.version.clone(),
        app_version: chart.metadata.app_version.clone(),
    }
}
