//! `[NAME] CHART` or `NAME --manifest FILE`: what a release is made from.

#![expect(clippy::doc_markdown, reason = "the doc comments of flags are the help, where backticks would be shown")]

use clap::Args;

use crate::action::Source;
use crate::cli::session::Session;
use crate::diagnostic::{Class, Diagnostic, Failure};

/// The usage line of verbs that take a chart.
macro_rules! chart_usage {
    ($verb:literal) => {
        concat!("kchart ", $verb, " [OPTIONS] [NAME] CHART\n       kchart ", $verb, " [OPTIONS] NAME --manifest FILE")
    };
}
pub(super) use chart_usage;

#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct What {
    /// Name of the release (the chart's name if it is left out), then the chart: a folder, a .tgz or a name that is
    /// looked up in ./charts, in the folders of KCHART_CHARTS and in kchart itself
    #[arg(value_name = "[NAME] CHART", required = true, num_args = 1..=2)]
    names: Vec<String>,

    /// Take rendered YAML instead of a chart: a file, a folder, or `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "set", "set_string", "set_file", "set_json", "set_literal"])]
    manifest: Option<String>,
}

impl What {
    /// The name that was given, and the source.
    pub(super) fn source(self, session: &mut Session) -> Result<(Option<String>, Source), Failure> {
        let mut names = self.names.into_iter();
        match (self.manifest, names.next(), names.next()) {
            (Some(manifest), Some(name), None) => {
                Ok((Some(name), Source::Manifest(session.reader().manifests(&manifest)?)))
            }
            (Some(_), _, _) => Err(usage(
                Diagnostic::error("`--manifest` takes the place of a chart: only the name of the release is left")
                    .hint("`kchart install NAME --manifest FILE`"),
            )),
            (None, Some(name), Some(chart)) if is_path(&name) => Err(usage(
                Diagnostic::error(format!(
                    "`{name}` is the path of a chart and stands where the release's name belongs"
                ))
                .hint(format!("the name comes first, then the chart: `{chart} {name}`")),
            )),
            (None, Some(name), Some(chart)) => Ok((Some(name), session.chart(chart))),
            (None, Some(chart), None) => Ok((None, session.chart(chart))),
            (None, None, _) => Err(usage(Diagnostic::error("a chart is missing"))),
        }
    }
}

/// Whether a name is the path of a chart, by the rule by which charts are looked up.
fn is_path(name: &str) -> bool {
    name.contains('/') || std::path::Path::new(name).extension().is_some_and(|ending| ending == "tgz")
}

fn usage(diagnostic: Diagnostic) -> Failure {
    Failure::new(Class::Usage, diagnostic)
}
