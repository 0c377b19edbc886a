//! `kchart credentials`.

use clap::{Args, Subcommand};

use super::deploying;
use crate::action::Reading;
use crate::action::rotate::{self, Request, prepare};
use crate::cli::flags::{PlanFlags, RunFlags};
use crate::cli::session::Session;
use crate::diagnostic::Failure;

/// Change what opens the volumes of a release
///
/// `kchart get credentials` shows it.
#[derive(Debug, Args)]
#[command(after_help = super::examples!("kchart credentials rotate orchestrator"))]
pub(in crate::cli) struct Credentials {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Rotate(Box<Rotate>),
}

/// Give a credential another value: inside the service, in its Secret, and to all that read it
///
/// The chart's own Job changes it inside the service and tries it; then the Secret changes, what reads it starts again
/// and is waited for. Until then a second Secret holds both values. A rotation that is interrupted is ended by the next
/// one, and by any install, upgrade or rollback.
///
/// A rotation that is not over is given up with --abort: the Job then goes the other way round, finds out which of the two
/// values the service has, and leaves it with the old one. Where no Job can run, --skip-jobs gives it up without: the
/// Secret has the old value, and the second Secret keeps both.
///
/// A value that is given and not generated is changed by `kchart upgrade … --rotate-credentials`.
#[derive(Debug, Args)]
#[command(after_help = super::examples!(
    "kchart credentials rotate orchestrator",
    "kchart credentials rotate orchestrator orchestrator-rabbitmq/password --dry-run",
    "kchart credentials rotate broker -n shop",
    "kchart credentials rotate orchestrator --abort"
))]
struct Rotate {
    /// Name of the release
    name: String,

    /// Which credential, as Secret and key; else the only one that can be rotated
    #[arg(value_name = "SECRET/KEY")]
    key: Option<String>,

    /// Give a rotation up that is not over, and have the old value in force
    #[arg(long, help_heading = "Rotating")]
    abort: bool,

    /// With --abort: run no Job, so that nothing finds out which value works
    #[arg(long, requires = "abort", help_heading = "Rotating")]
    skip_jobs: bool,

    #[command(flatten)]
    plan: PlanFlags,

    #[command(flatten)]
    run: RunFlags,
}

impl Credentials {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let What::Rotate(rotate) = self.what;
        Box::pin(rotate.run(session)).await
    }
}

impl Rotate {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let request = Request {
            name: self.name,
            namespace: session.globals.namespace.clone(),
            what: rotate::What { key: self.key, abort: self.abort, skip_job: self.skip_jobs },
            options: self.plan.options(self.run.no_wait()),
            history_max: self.run.history_max,
            description: self.run.description.clone(),
        };
        let target = session.target();
        let name = request.name.clone();
        let decide = async |reading: &mut Reading| prepare(request.clone(), &target, reading).await;
        Box::pin(deploying::run_stored(name, decide, &self.run, session)).await
    }
}
