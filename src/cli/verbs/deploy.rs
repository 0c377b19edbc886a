//! `kchart deploy`.

use clap::Args;

use super::deploying::Deployment;
use crate::action::deploy::Verb;
use crate::cli::flags::ReuseFlags;
use crate::cli::session::Session;
use crate::diagnostic::Failure;

/// Install or upgrade, and go back if that fails: the step for CI
///
/// The same as `upgrade --install --rollback-on-failure`. It can be run again after any failure, also by another
/// runner, and goes on from where the last one stood. After a failure the last revision that worked is in force again;
/// of a failed first install the workloads are taken away, while its volumes and what opens them stay for the next try.
/// The exit code is that of the failure.
#[derive(Debug, Args)]
#[command(override_usage = super::chart_usage!("deploy"))]
#[command(after_help = super::examples!(
    "kchart deploy orchestrator -f values.yaml -n shop --create-namespace --timeout 5m",
    "kchart deploy my-release ./charts/web -f values.yaml --set image.tag=1.4.2"
))]
pub(in crate::cli) struct Deploy {
    #[command(flatten)]
    reuse: ReuseFlags,

    #[command(flatten)]
    deployment: Deployment,
}

impl Deploy {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        Box::pin(self.deployment.run(Verb::UpgradeOrInstall, self.reuse.reuse(), true, session)).await
    }
}
