//! `kchart install`.

use clap::Args;

use super::deploying;
use crate::action::deploy::{Request, Reuse, Verb};
use crate::cli::flags::{PlanFlags, RunFlags, ValuesFlags};
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
    what: super::What,

    #[command(flatten)]
    values: ValuesFlags,

    #[command(flatten)]
    plan: PlanFlags,

    #[command(flatten)]
    run: RunFlags,
}

impl Install {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let strict = self.values.strict;
        let inputs = self.values.read(&mut session.reader())?;
        let (name, source) = self.what.source(session)?;
        let request = Request {
            source,
            inputs,
            name,
            namespace: session.globals.namespace.clone(),
            verb: Verb::Install,
            reuse: Reuse::Nothing,
            options: self.plan.options(self.run.no_wait()),
            strict,
            history_max: self.run.history_max,
            description: self.run.description.clone(),
        };
        Box::pin(deploying::run(request, &self.run, session)).await
    }
}
