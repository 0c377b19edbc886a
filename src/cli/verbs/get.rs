//! `kchart get`.

use clap::{Args, Subcommand};

use crate::action::get::{credentials, record};
use crate::cli::flags::Format;
use crate::cli::session::Session;
use crate::cli::view::{AllView, CredentialsView, ManifestView, NotesView, ValuesView, encode, masked};
use crate::diagnostic::Failure;
use crate::manifest;
use crate::release::{Record, Revision};
use crate::yaml;

/// Read back what is stored of a release
///
/// Secret values are masked; `--reveal` shows them.
#[derive(Debug, Args)]
#[command(after_help = super::examples!("kchart get credentials orchestrator --reveal"))]
pub(in crate::cli) struct Get {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The values that were given
    #[command(after_help = super::examples!("kchart get values orchestrator --revision 2"))]
    Values {
        #[command(flatten)]
        of: Of,
        /// With the chart's defaults
        #[arg(short, long)]
        all: bool,
    },
    /// The objects, as YAML
    #[command(after_help = super::examples!("kchart get manifest orchestrator"))]
    Manifest {
        #[command(flatten)]
        of: Of,
    },
    /// The chart's notes
    #[command(after_help = super::examples!("kchart get notes orchestrator"))]
    Notes {
        #[command(flatten)]
        of: Of,
    },
    /// The Secret keys that open the release's volumes, and those that kchart generated
    #[command(after_help = super::examples!("kchart get credentials orchestrator --reveal"))]
    Credentials {
        /// Name of the release
        name: String,
        /// Show the values
        #[arg(long)]
        reveal: bool,
    },
    /// All of it: values, manifest and notes
    #[command(after_help = super::examples!("kchart get all orchestrator -o json"))]
    All {
        #[command(flatten)]
        of: Of,
    },
}

/// Which revision, and how much of it.
#[derive(Debug, Args)]
struct Of {
    /// Name of the release
    name: String,
    /// Revision; else the newest
    #[arg(long, value_name = "N")]
    revision: Option<Revision>,
    /// Show the values of Secrets
    #[arg(long)]
    reveal: bool,
}

impl Of {
    async fn record(&self, session: &Session) -> Result<Record, Failure> {
        let target = session.target();
        record(&self.name, session.globals.namespace.as_deref(), self.revision, &target).await
    }
}

impl Get {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self.what {
            What::Values { of, all } => {
                let record = of.record(session).await?;
                let values = record.computed.as_ref().filter(|_| all).unwrap_or(&record.values);
                let values = masked(values, &record, of.reveal);
                match session.globals.output {
                    Format::Json => session.print(&encode(&ValuesView::new(&values), Format::Json)?),
                    Format::Text | Format::Wide | Format::Yaml => session.print(&yaml::write(&values)),
                }
            }
            What::Manifest { of } => {
                let record = of.record(session).await?;
                match session.globals.output {
                    Format::Json => session.print(&encode(&ManifestView::new(&record, of.reveal), Format::Json)?),
                    Format::Text | Format::Wide | Format::Yaml => {
                        session.print(&manifest::to_yaml(&record.objects, !of.reveal))
                    }
                }
            }
            What::Notes { of } => {
                let record = of.record(session).await?;
                if record.notes.is_none() && session.globals.output.is_text() {
                    session.say(&format!("revision {} of {} has no notes", record.revision, record.release.name));
                    return Ok(());
                }
                session.show(NotesView::new(record.notes))
            }
            What::Credentials { name, reveal } => {
                let target = session.target();
                let (release, openers) = credentials(&name, session.globals.namespace.as_deref(), &target).await?;
                let view = CredentialsView::new(&release, openers, reveal);
                if view.is_empty() && session.globals.output.is_text() {
                    session.say(&format!("release {} has no credentials that kchart knows of", release.name));
                    return Ok(());
                }
                session.show(view)
            }
            What::All { of } => {
                let record = of.record(session).await?;
                session.show(AllView::new(&record, of.reveal))
            }
        }
    }
}
