//! What install and upgrade show, from the first request to the last.

use tokio::sync::mpsc::unbounded_channel;

use crate::action::deploy::{Prepared, Request, prepare};
use crate::chart::Taken;
use crate::cli::flags::DryRun;
use crate::cli::progress::Progress;
use crate::cli::session::{Session, stopped};
use crate::cli::view::{DeployedView, PlanView};
use crate::diagnostic::Failure;

pub(super) async fn run(request: Request, dry_run: DryRun, session: &mut Session) -> Result<(), Failure> {
    let target = session.target();
    let prepared = prepare(request, &target, &mut session.reading).await?;
    introduce(&prepared, session);
    session.show_warnings();
    if dry_run != DryRun::None {
        return session.show(&PlanView::new(prepared.release(), &prepared.plan.report));
    }
    let (sender, receiver) = unbounded_channel();
    let progress = Progress::new(session, prepared.plan.steps.len());
    let execution = session.execution();
    let working = async move { prepared.carry_out(&execution, &sender, stopped()).await };
    let (deployed, ()) = tokio::join!(working, progress.follow(receiver));
    session.show(&DeployedView::from(deployed?))
}

/// Which chart was taken, and from where the run goes on.
fn introduce(prepared: &Prepared, session: &Session) {
    if let (Some(taken), Some(chart)) = (&prepared.taken, &prepared.record().chart) {
        let place = match taken {
            Taken::Folder(path) => format!("folder {}", path.display()),
            Taken::Archive(path) => format!("archive {}", path.display()),
            Taken::Bundled(_) => "bundled with kchart".to_owned(),
        };
        session.say(&format!("chart: {} {} ({place})", chart.name, chart.version));
    }
    if let Some(revision) = prepared.reused {
        session.say(&format!("values: those given for revision {revision}, then the given ones"));
    }
    if let Some((revision, status)) = prepared.continues {
        session.say(&format!("going on from revision {revision}, which is {status}"));
    }
}
