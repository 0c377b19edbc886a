//! `kchart volumes purge`.

use clap::Args;
use tokio::sync::mpsc::unbounded_channel;

use crate::action::volumes::purge::{Prepared, Request, prepare};
use crate::apply::Stop;
use crate::cli::flags::LockFlags;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::verbs::consent;
use crate::cli::view::{Ending, PurgedView, PurgedVolumes, View};
use crate::diagnostic::Failure;
use crate::plan::volumes::Name;

/// Destroy the named claims and volumes with their data, and what opened only them
///
/// Only what is named is destroyed, and nothing that a Pod mounts or that a release wants. On a terminal it asks first;
/// without a terminal the command itself is the consent.
#[derive(Debug, Args)]
#[command(after_help = crate::cli::verbs::examples!(
    "kchart volumes purge data-orchestrator-rabbitmq-0 -n shop --dry-run",
    "kchart volumes purge pv/pvc-1f3c4b0e -n shop --yes"
))]
pub(super) struct Purge {
    /// Names of claims or volumes; claim/NAME and pv/NAME say which
    #[arg(value_name = "NAME", value_parser = Name::parse, required = true)]
    names: Vec<Name>,

    /// Do not ask before they are destroyed
    #[arg(short, long)]
    yes: bool,

    /// Show what would be done and change nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    lock: LockFlags,
}

impl Purge {
    pub(super) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let target = session.target();
        let request = Request { names: self.names, namespace: session.globals.namespace.clone() };
        if !self.dry_run {
            session.fails_with(PurgedView::default().and_named(request.namespace.clone(), None));
        }
        let prepared = prepare(&request, &target, &mut session.reading).await?;
        session.show_findings();
        let mut plans = PurgedView(prepared.iter().map(PurgedVolumes::planned).collect());
        if self.dry_run {
            return session.show(plans);
        }
        if !self.yes && consent::can_ask(session) {
            plans.complete(&session.globals.advice);
            session.tell(plans.text(Some(session.terminal.width)).trim_end());
            consent::ask("Destroy these volumes and their data?", session).await?;
        }
        let stop = session.signals.hand_over();
        let mut done = PurgedView::default();
        for prepared in prepared {
            Box::pin(carry_out(prepared, &self.lock, &stop, &mut done, session)).await?;
        }
        session.ending = None;
        session.show(done)
    }
}

/// Destroys those of one release.
async fn carry_out(
    prepared: Prepared,
    lock: &LockFlags,
    stop: &Stop,
    done: &mut PurgedView,
    session: &mut Session,
) -> Result<(), Failure> {
    let (namespace, release) = (prepared.namespace.clone(), prepared.release.clone());
    let tell = session.teller();
    let prepared = match prepared.lock(&session.locking(lock, stop, &tell)).await {
        Ok(prepared) => prepared,
        Err(failure) => {
            let before = session.done_before(done);
            session.fails_with(before.and_named(Some(namespace), release.map(|release| release.name)));
            return Err(failure);
        }
    };
    let (sender, receiver) = unbounded_channel();
    let progress = Progress::new(session);
    let execution = session.execution();
    let working = async move { prepared.carry_out(&execution, &sender, stop).await };
    match tokio::join!(working, progress.follow(receiver)).0 {
        Ok(purged) => done.push(&purged),
        Err(aborted) => {
            let before = session.done_before(done);
            let (ending, failure) = Ending::of(*aborted, |wanted, left| before.and_in_part(wanted, left));
            session.ending = Some(ending);
            return Err(failure);
        }
    }
    Ok(())
}
