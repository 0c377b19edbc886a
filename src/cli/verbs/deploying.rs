//! What install and upgrade show, from the first request to the last.

use tokio::sync::mpsc::unbounded_channel;

use crate::action::deploy::{Request, prepare};
use crate::cli::flags::DryRun;
use crate::cli::progress::Progress;
use crate::cli::session::{Session, stopped};
use crate::cli::view::{DeployedView, PlanView};
use crate::diagnostic::{Diagnostic, Failure};

pub(super) async fn run(request: Request, dry_run: DryRun, session: &mut Session) -> Result<(), Failure> {
    let target = session.target();
    let mut prepared = prepare(request, &target, &mut session.reading).await?;
    session.show_findings();
    if dry_run == DryRun::Server {
        prepared.ask_server(session.globals.concurrency).await?;
    }
    if dry_run != DryRun::None {
        return session.show(PlanView::new(prepared.release(), &prepared.plan.report));
    }
    // Said before anything is done: while it waits for logins that fail, somebody wants to know why they might.
    let report = &prepared.plan.report;
    session.reading.warnings.extend(report.hazards.iter().map(|hazard| Diagnostic::warning(&hazard.message)));
    session.show_findings();
    report.notes.iter().for_each(|note| session.say(&format!("note: {note}")));
    let (sender, receiver) = unbounded_channel();
    let progress = Progress::new(session, prepared.plan.steps.len());
    let execution = session.execution();
    let working = async move { prepared.carry_out(&execution, &sender, stopped()).await };
    let (deployed, ()) = tokio::join!(working, progress.follow(receiver));
    session.show(DeployedView::from(deployed?))
}
