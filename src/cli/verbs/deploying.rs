//! What install, upgrade, deploy and rollback share: what they are given, and what they show from the first request to
//! the last.

use clap::Args;
use tokio::sync::mpsc::unbounded_channel;

use super::{adopting, planned};
use crate::action::Reading;
use crate::action::deploy::{Prepared, Request, Reuse, Verb, locked, prepare, prepare_locked};
use crate::apply::Stop;
use crate::cli::flags::{DryRun, PlanFlags, RunFlags, ValuesFlags};
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::view::{DeployedView, Ending};
use crate::diagnostic::{Diagnostic, Failure};
use crate::release::Release;

/// What is deployed, and how.
#[derive(Debug, Args)]
pub(super) struct Deployment {
    #[command(flatten)]
    what: super::What,

    #[command(flatten)]
    values: ValuesFlags,

    #[command(flatten)]
    plan: PlanFlags,

    #[command(flatten)]
    run: RunFlags,

    /// After a failure, go back to the last revision that worked; take a failed first install away, but not its volumes
    /// and what opens them
    #[arg(long, visible_alias = "atomic", conflicts_with = "no_wait", help_heading = "Deploying")]
    rollback_on_failure: bool,
}

impl Deployment {
    /// Deploys it; `undoes` is what `--rollback-on-failure` says.
    pub(super) async fn run(
        self,
        verb: Verb,
        reuse: Reuse,
        undoes: bool,
        session: &mut Session,
    ) -> Result<(), Failure> {
        let is_real = self.run.dry_run == DryRun::None;
        if is_real {
            session.fails_with(DeployedView::named(None, session.globals.namespace.clone()));
        }
        let strict = self.values.strict;
        let inputs = self.values.read(&mut session.reader())?;
        let (name, source) = self.what.source(session)?;
        if is_real {
            session.fails_with(DeployedView::named(name.clone(), session.globals.namespace.clone()));
        }
        let request = Request {
            source,
            inputs,
            name,
            namespace: session.globals.namespace.clone(),
            verb,
            reuse,
            options: self.plan.options(self.run.no_wait()),
            strict,
            history_max: self.run.history_max,
            description: self.run.description,
            rollback_on_failure: undoes || self.rollback_on_failure,
        };
        let target = session.target();
        if !is_real {
            let prepared = prepare(request, &target, &mut session.reading).await?;
            return planned::show(prepared, self.run.dry_run, self.run.short, session).await.map(drop);
        }
        let request = Box::pin(adopting::agreed(request, self.run.yes, &target, session)).await?;
        let stop = session.signals.hand_over();
        let tell = session.teller();
        let locking = session.locking(&self.run.lock, &stop, &tell);
        let prepared = Box::pin(prepare_locked(request, &target, &locking, &mut session.reading)).await?;
        Box::pin(carry_out(prepared, &stop, session)).await
    }
}

/// Decides about a release of this name and shows it; or decides under the lock, and carries it out.
pub(super) async fn run_stored(
    name: String,
    decide: impl AsyncFn(&mut Reading) -> Result<Prepared, Failure>,
    run: &RunFlags,
    session: &mut Session,
) -> Result<(), Failure> {
    if run.dry_run != DryRun::None {
        let prepared = decide(&mut session.reading).await?;
        return planned::show(prepared, run.dry_run, run.short, session).await.map(drop);
    }
    session.fails_with(DeployedView::named(Some(name), session.globals.namespace.clone()));
    let stop = session.signals.hand_over();
    let tell = session.teller();
    let locking = session.locking(&run.lock, &stop, &tell);
    let prepared = Box::pin(locked(decide, &locking, &mut session.reading)).await?;
    Box::pin(carry_out(prepared, &stop, session)).await
}

/// Carries a plan out and shows what comes of it.
pub(super) async fn carry_out(prepared: Prepared, stop: &Stop, session: &mut Session) -> Result<(), Failure> {
    let Release { name, namespace } = prepared.release().clone();
    session.fails_with(DeployedView::named(Some(name), Some(namespace)));
    // Said before anything is done: while it waits for logins that fail, somebody wants to know why they might.
    let report = &prepared.plan.report;
    session.reading.warnings.extend(report.hazards.iter().map(|hazard| Diagnostic::warning(&hazard.message)));
    session.show_findings();
    report.notes.iter().for_each(|note| session.say(&format!("note: {note}")));
    let (sender, receiver) = unbounded_channel();
    let progress = Progress::new(session);
    let execution = session.execution();
    let working = async move { prepared.carry_out(&execution, &sender, stop).await };
    let (deployed, ()) = tokio::join!(working, progress.follow(receiver));
    match deployed {
        Ok(deployed) => {
            session.ending = None;
            session.show(DeployedView::from(deployed))
        }
        Err(aborted) => {
            let (ending, failure) = Ending::of(*aborted, |wanted, _| DeployedView::from(wanted));
            session.ending = Some(ending);
            Err(failure)
        }
    }
}
