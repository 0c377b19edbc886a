//! `kchart install`.

use clap::Args;

use super::deploying::Deployment;
use crate::action::deploy::{Reuse, Verb};
use crate::cli::session::Session;
use crate::diagnostic::Failure;

/// Install a chart, and wait until everything is ready
///
/// A release that is in force already is an error; one whose install failed or did not end is continued. Volumes that
/// an earlier install left are used again, with the credentials that open them.
#[derive(Debug, Args)]
#[command(override_usage = super::chart_usage!("install"))]
#[command(after_help = super::examples!(
    "kchart install orchestrator -f values.yaml",
    "kchart install my-release ./charts/web -n shop --create-namespace",
    "kchart install orchestrator -f values.yaml --sandbox",
    "helm template x ./chart | kchart install my-release --manifest -"
))]
pub(in crate::cli) struct Install {
    #[command(flatten)]
    deployment: Deployment,
}

impl Install {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        Box::pin(self.deployment.run(Verb::Install, Reuse::Nothing, false, session)).await
    }
}
