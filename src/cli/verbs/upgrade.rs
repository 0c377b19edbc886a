//! `kchart upgrade`.

use clap::Args;

use super::deploying;
use crate::action::deploy::{Request, Reuse, Verb};
use crate::cli::flags::{DeployFlags, ValuesFlags};
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
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub(in crate::cli) struct Upgrade {
    #[command(flatten)]
    what: super::What,

    /// Install the release if it is not there
    #[arg(short, long)]
    install: bool,

    /// Begin with the values given for the last revision, on the chart's defaults
    #[arg(long, conflicts_with_all = ["reset_values", "reset_then_reuse_values"])]
    reuse_values: bool,

    /// The same as --reuse-values: the defaults are always those of the chart at hand
    #[arg(long, conflicts_with = "reset_values")]
    reset_then_reuse_values: bool,

    /// Begin with the chart's defaults (the default)
    #[arg(long)]
    reset_values: bool,

    #[command(flatten)]
    values: ValuesFlags,

    #[command(flatten)]
    deploy: DeployFlags,
}

impl Upgrade {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let strict = self.values.strict;
        let inputs = self.values.read(&mut session.reader())?;
        let (name, source) = self.what.source(session)?;
        let reuse = self.reuse_values || self.reset_then_reuse_values;
        let request = Request {
            source,
            inputs,
            name,
            namespace: session.globals.namespace.clone(),
            verb: if self.install { Verb::UpgradeOrInstall } else { Verb::Upgrade },
            reuse: if reuse { Reuse::Given } else { Reuse::Nothing },
            options: self.deploy.options(),
            strict,
            history_max: self.deploy.history_max,
            description: self.deploy.description,
        };
        deploying::run(request, self.deploy.dry_run, &self.deploy.lock, session).await
    }
}
