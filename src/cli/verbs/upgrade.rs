//! `kchart upgrade`.

use clap::Args;

use super::deploying::Deployment;
use crate::action::deploy::Verb;
use crate::cli::flags::ReuseFlags;
use crate::cli::session::Session;
use crate::diagnostic::Failure;

/// Bring a release to a chart and values, and wait until everything is ready
///
/// Values begin with the chart's defaults; what was given for the last revision is only taken when asked for. An
/// upgrade that changes nothing makes no revision. What the release no longer wants is pruned; volumes never are.
#[derive(Debug, Args)]
#[command(override_usage = super::chart_usage!("upgrade"))]
#[command(after_help = super::examples!(
    "kchart upgrade orchestrator orchestrator -f values.yaml",
    "kchart upgrade --install my-release ./charts/web -f values.yaml -n shop --create-namespace",
    "kchart upgrade my-release ./charts/web --reuse-values --set replicas=3 --dry-run"
))]
pub(in crate::cli) struct Upgrade {
    /// Install the release if it is not there
    #[arg(short, long)]
    install: bool,

    #[command(flatten)]
    reuse: ReuseFlags,

    #[command(flatten)]
    deployment: Deployment,
}

impl Upgrade {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let verb = if self.install { Verb::UpgradeOrInstall } else { Verb::Upgrade };
        Box::pin(self.deployment.run(verb, self.reuse.reuse(), false, session)).await
    }
}
