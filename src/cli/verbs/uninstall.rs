//! `kchart uninstall`.

use clap::Args;
use tokio::sync::mpsc::unbounded_channel;

use super::consent;
use crate::action::uninstall::{Found, Prepared, Request, prepare};
use crate::apply::Stop;
use crate::cli::flags::LockFlags;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::view::{Contents, Ending, PlanView, PlansView, RemovedView, View};
use crate::diagnostic::Failure;
use crate::release::Release;

/// Take a release away; keep its volumes and what opens them
///
/// Without a name the only release of the namespace is meant, also one that was uninstalled and left something; with
/// several nothing is done, and they are listed.
///
/// --purge-volumes destroys the volumes and their data too. On a terminal it asks first; without a terminal the flag
/// itself is the consent.
#[derive(Debug, Args)]
#[command(visible_aliases = ["un", "del", "delete"])]
#[command(after_help = super::examples!(
    "kchart uninstall orchestrator",
    "kchart uninstall orchestrator --purge-volumes --dry-run",
    "kchart uninstall --purge-volumes --yes -n shop"
))]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub(in crate::cli) struct Uninstall {
    /// Names of releases
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Destroy the volumes and their data, and what opens them
    #[arg(long)]
    purge_volumes: bool,

    /// Do not ask before volumes are destroyed
    #[arg(short, long)]
    yes: bool,

    /// Delete this CustomResourceDefinition too, with all objects of its kind
    #[arg(long, value_name = "NAME")]
    prune_crd: Vec<String>,

    /// Do not run the Jobs that the chart wants to run before an uninstall
    #[arg(long, visible_alias = "no-hooks")]
    skip_jobs: bool,

    /// Keep the records of the release
    #[arg(long)]
    keep_history: bool,

    /// It is no error when a release is not there
    #[arg(long)]
    ignore_not_found: bool,

    /// Show what would be done and change nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    lock: LockFlags,
}

impl Uninstall {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let target = session.target();
        let request = Request {
            names: self.names,
            namespace: session.globals.namespace.clone(),
            purge: self.purge_volumes,
            prune_crds: self.prune_crd,
            skip_jobs: self.skip_jobs,
            keep_history: self.keep_history,
            ignore_not_found: self.ignore_not_found,
        };
        if !self.dry_run {
            let only = if let [only] = request.names.as_slice() { Some(only.clone()) } else { None };
            session.fails_with(RemovedView::default().and_named(only, request.namespace.clone()));
        }
        let Found { prepared, missing } = prepare(&request, &target, &mut session.reading).await?;
        session.show_findings();
        for release in &missing {
            is_missing(release, session);
        }
        if self.dry_run {
            return session.show(PlansView(prepared.iter().map(|it| plan_of(it, session)).collect()));
        }
        if self.purge_volumes && !self.yes {
            ask(&prepared, session).await?;
        }
        let stop = session.signals.hand_over();
        let mut removed = RemovedView::default();
        for prepared in prepared {
            Box::pin(carry_out(prepared, &self.lock, &stop, &mut removed, session)).await?;
        }
        session.ending = None;
        session.show(removed)
    }
}

/// Takes one release away, unless another run did it meanwhile.
async fn carry_out(
    prepared: Prepared,
    lock: &LockFlags,
    stop: &Stop,
    removed: &mut RemovedView,
    session: &mut Session,
) -> Result<(), Failure> {
    let (release, tell) = (prepared.release.clone(), session.teller());
    let prepared = match prepared.lock(&session.locking(lock, stop, &tell)).await {
        Ok(Some(prepared)) => prepared,
        Ok(None) => {
            is_missing(&release, session);
            return Ok(());
        }
        Err(failure) => {
            let Release { name, namespace } = release;
            session.fails_with(session.done_before(removed).and_named(Some(name), Some(namespace)));
            return Err(failure);
        }
    };
    let (sender, receiver) = unbounded_channel();
    let progress = Progress::new(session);
    let execution = session.execution();
    let working = async move { prepared.carry_out(&execution, &sender, stop).await };
    match tokio::join!(working, progress.follow(receiver)).0 {
        Ok(release) => removed.push(release),
        Err(aborted) => {
            let before = session.done_before(removed);
            let (ending, failure) = Ending::of(*aborted, |wanted, left| before.and_in_part(wanted, left));
            session.ending = Some(ending);
            return Err(failure);
        }
    }
    Ok(())
}

fn is_missing(release: &Release, session: &Session) {
    session.say(&format!("there is no release {} in namespace {}", release.name, release.namespace));
}

fn plan_of(prepared: &Prepared, session: &Session) -> PlanView {
    PlanView::new(&prepared.release, &prepared.plan.report, &Contents::default(), &session.reading)
}

/// Asks before volumes are destroyed, where somebody can answer. Without a terminal the flag is the consent.
async fn ask(prepared: &[Prepared], session: &mut Session) -> Result<(), Failure> {
    let destroys = prepared.iter().any(|prepared| !prepared.plan.report.volumes.is_empty());
    if !destroys || !consent::can_ask(session) {
        return Ok(());
    }
    for mut plan in prepared.iter().map(|it| plan_of(it, session)) {
        plan.complete(&session.globals.advice);
        session.tell(plan.text(Some(session.terminal.width)).trim_end());
    }
    consent::ask("Destroy these volumes and their data?", session).await
}
