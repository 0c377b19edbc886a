//! `kchart upgrade`.

use clap::Args;

use super::deploying;
use crate::action::deploy::{Request, Verb};
use crate::cli::flags::{PlanFlags, ReuseFlags, RunFlags, ValuesFlags};
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
    #[command(flatten)]
    what: super::What,

    /// Install the release if it is not there
    #[arg(short, long)]
    install: bool,

    #[command(flatten)]
    reuse: ReuseFlags,

    #[command(flatten)]
    values: ValuesFlags,

    #[command(flatten)]
    plan: PlanFlags,

    #[command(flatten)]
    run: RunFlags,
}

impl Upgrade {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let strict = self.values.strict;
        let inputs = self.values.read(&mut session.reader())?;
        let (name, source) = self.what.source(session)?;
        let request = Request {
            source,
            inputs,
            name,
            namespace: session.globals.namespace.clone(),
            verb: if self.install { Verb::UpgradeOrInstall } else { Verb::Upgrade },
            reuse: self.reuse.reuse(),
            options: self.plan.options(self.run.no_wait()),
            strict,
            history_max: self.run.history_max,
            description: self.run.description.clone(),
        };
        Box::pin(deploying::run(request, &self.run, session)).await
    }
}
