//! `kchart rollback`.

use clap::Args;

use super::deploying;
use crate::action::Reading;
use crate::action::rollback::{Request, prepare};
use crate::cli::flags::{PlanFlags, RunFlags};
use crate::cli::session::Session;
use crate::diagnostic::Failure;
use crate::release::Revision;

/// Bring back an earlier revision of a release, as a new revision
///
/// What is applied is the manifest in the record of that revision: no chart and no values are needed. Data does not roll
/// back: claims keep their size, and what opens them keeps its value.
#[derive(Debug, Args)]
#[command(after_help = super::examples!(
    "kchart rollback orchestrator",
    "kchart rollback orchestrator 3 --dry-run",
    "kchart rollback orchestrator 3 -n shop"
))]
pub(in crate::cli) struct Rollback {
    /// Name of the release
    name: String,

    /// Revision to go back to; without one, or with 0, the last one that worked before the present one
    revision: Option<Revision>,

    #[command(flatten)]
    plan: PlanFlags,

    #[command(flatten)]
    run: RunFlags,
}

impl Rollback {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let request = Request {
            name: self.name,
            namespace: session.globals.namespace.clone(),
            // As Helm takes it (`pkg/action/rollback.go`).
            what: self.revision.filter(|revision| *revision != 0),
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
