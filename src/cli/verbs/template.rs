//! `kchart template`.

mod folder;

use std::path::PathBuf;

use clap::Args;

use crate::action::template::{Piece, Request, run};
use crate::cli::flags::ValuesFlags;
use crate::cli::session::Session;
use crate::diagnostic::Failure;

/// Render a chart to standard output, without a cluster
///
/// Secrets are rendered as they will be applied; `--mask` masks them. Generated values are decided when the chart is
/// installed: here their keys are left out, and a comment says so.
#[derive(Debug, Args)]
#[command(override_usage = super::chart_usage!("template"))]
#[command(after_help = super::examples!(
    "kchart template orchestrator -f values.yaml",
    "kchart template my-release ./charts/web --set image.tag=1.10 -s templates/deployment.yaml"
))]
pub(in crate::cli) struct Template {
    #[command(flatten)]
    what: super::What,

    /// Write a file per template below this folder instead: all of them or none
    #[arg(long, value_name = "FOLDER")]
    output_dir: Option<PathBuf>,

    /// Only objects of this template, like templates/deployment.yaml; give it again for more
    #[arg(short, long, value_name = "TEMPLATE")]
    show_only: Vec<String>,

    /// Mask the data of Secrets; the result can't be installed
    #[arg(long)]
    mask: bool,

    /// Version of Kubernetes that templates see, like 1.34 or v1.34.2
    #[arg(long, value_name = "VERSION", value_parser = kube_version)]
    kube_version: Option<String>,

    /// API version that templates see beside the built-in ones, like monitoring.coreos.com/v1; give it again for more
    #[arg(short, long, value_name = "VERSION", value_delimiter = ',')]
    api_versions: Vec<String>,

    /// Let templates see an upgrade instead of an install
    #[arg(long)]
    is_upgrade: bool,

    #[command(flatten)]
    values: ValuesFlags,
}

impl Template {
    pub(in crate::cli) fn run(self, session: &mut Session) -> Result<(), Failure> {
        let strict = self.values.strict;
        let inputs = self.values.read(&mut session.reader())?;
        let (name, source) = self.what.source(session)?;
        let request = Request {
            source,
            inputs,
            name,
            namespace: session.globals.namespace.clone(),
            kube_version: self.kube_version,
            api_versions: self.api_versions,
            is_upgrade: self.is_upgrade,
            strict,
            show_only: self.show_only,
            mask: self.mask,
        };
        let templated = run(request, &mut session.reading)?;
        session.show_findings();
        match self.output_dir {
            Some(output) => {
                let written = folder::write(&templated, &session.directory.join(&output))?;
                session.say(&format!("wrote {written} files below {}", output.display()));
                Ok(())
            }
            None => session.print(&templated.pieces.iter().map(document).collect::<String>()),
        }
    }
}

/// The documents of one template, with its name.
fn document(piece: &Piece) -> String {
    format!("---\n# Source: {}\n{}", piece.template, piece.yaml)
}

/// `v1.34.2` for `1.34.2`, `v1.34.0` for `1.34`.
fn kube_version(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix('v').unwrap_or(text);
    let full = if bare.matches('.').count() == 1 { format!("{bare}.0") } else { bare.to_owned() };
    match semver::Version::parse(&full) {
        Ok(_) => Ok(format!("v{full}")),
        Err(_) => Err(format!("`{text}` is no version of Kubernetes; write it like `1.34` or `v1.34.2`")),
    }
}
