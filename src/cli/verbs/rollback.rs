//! `kchart rollback`.

use clap::Args;

use super::{deploying, planned};
use crate::action::rollback::{Request, prepare, prepare_locked};
use crate::cli::flags::{DryRun, PlanFlags, RunFlags};
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

    /// Revision to go back to; else the last one that worked before the present one
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
            to: self.revision,
            options: self.plan.options(self.run.no_wait()),
            history_max: self.run.history_max,
            description: self.run.description,
        };
        let target = session.target();
        if self.run.dry_run != DryRun::None {
            let prepared = prepare(request, &target, &mut session.reading).await?;
            return planned::show(prepared, self.run.dry_run, session).await.map(drop);
        }
        let stop = session.signals.hand_over();
        let tell = session.teller();
        let locking = session.locking(&self.run.lock, &stop, &tell);
        let prepared = prepare_locked(request, &target, &locking, &mut session.reading).await?;
        Box::pin(deploying::carry_out(prepared, &stop, session)).await
    }
}
