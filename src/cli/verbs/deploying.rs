//! What install and upgrade show, from the first request to the last.

use tokio::sync::mpsc::unbounded_channel;

use super::{adopting, planned};
use crate::action::deploy::{Request, prepare, prepare_locked};
use crate::cli::flags::{DryRun, RunFlags};
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::view::DeployedView;
use crate::diagnostic::{Diagnostic, Failure};

pub(super) async fn run(request: Request, run: &RunFlags, session: &mut Session) -> Result<(), Failure> {
    let target = session.target();
    if run.dry_run != DryRun::None {
        let prepared = prepare(request, &target, &mut session.reading).await?;
        return planned::show(prepared, run.dry_run, session).await.map(drop);
    }
    let request = adopting::agreed(request, run.yes, &target, session).await?;
    let stop = session.signals.listen();
    let tell = session.teller();
    let locking = session.locking(&run.lock, &stop, &tell);
    let prepared = prepare_locked(request, &target, &locking, &mut session.reading).await?;
    session.show_findings();
    // Said before anything is done: while it waits for logins that fail, somebody wants to know why they might.
    let report = &prepared.plan.report;
    session.reading.warnings.extend(report.hazards.iter().map(|hazard| Diagnostic::warning(&hazard.message)));
    session.show_findings();
    report.notes.iter().for_each(|note| session.say(&format!("note: {note}")));
    let (sender, receiver) = unbounded_channel();
    let progress = Progress::new(session, prepared.plan.steps.len());
    let execution = session.execution();
    let working = async move { prepared.carry_out(&execution, &sender, &stop).await };
    let (deployed, ()) = tokio::join!(working, progress.follow(receiver));
    session.show(DeployedView::from(deployed?))
}
