//! `kchart version`.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::session::Session;
use crate::cli::view::View;
use crate::diagnostic::Failure;

/// Print the version
#[derive(Debug, Args)]
#[command(after_help = super::examples!("kchart version -o json"))]
pub(in crate::cli) struct Version {
    /// Print the number alone
    #[arg(long)]
    short: bool,
}

/// Version of this kchart.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct VersionView {
    /// Version of kchart (SemVer).
    version: &'static str,
    /// Newest version of Kubernetes whose types it knows.
    kubernetes: String,
}

impl View for VersionView {
    fn text(&self, _width: Option<u16>) -> String {
        format!("kchart {} (knows Kubernetes {})\n", self.version, self.kubernetes)
    }
}

impl Version {
    pub(in crate::cli) fn run(self, session: &Session) -> Result<(), Failure> {
        if self.short {
            return session.print(&format!("{}\n", env!("CARGO_PKG_VERSION")));
        }
        session.show(VersionView {
            version: env!("CARGO_PKG_VERSION"),
            kubernetes: crate::action::template::offline_kube_version(),
        })
    }
}
