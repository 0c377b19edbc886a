//! `kchart diff`.

use clap::Args;

use super::planned;
use crate::action::deploy::{Request, Verb, prepare};
use crate::cli::exit;
use crate::cli::flags::{DryRun, PlanFlags, ReuseFlags, RunFlags, ValuesFlags};
use crate::cli::session::Session;
use crate::diagnostic::Failure;

/// Show what an upgrade, or an install, would change, and change nothing
///
/// Takes the arguments of `upgrade`. Each field is shown with what it is and what it would be, and with the values
/// file or flag that set it; objects that would be made or deleted are shown whole (`--short` names them only). Values
/// of Secrets are never shown. What somebody changed in the cluster since the last
/// revision is marked as drift. The API server is asked whether it would take the changes; where it can't be asked,
/// the comparison stands, and a note says so.
#[derive(Debug, Args)]
#[command(override_usage = super::chart_usage!("diff"))]
#[command(after_help = super::examples!(
    "kchart diff orchestrator -f values.yaml",
    "kchart diff my-release ./charts/web -f values.yaml --detailed-exitcode",
    "kustomize build . | kchart diff my-release --manifest -"
))]
#[command(mut_args(of_upgrade_alone))]
pub(in crate::cli) struct Diff {
    #[command(flatten)]
    what: super::What,

    /// Exit with 2 if anything would change
    #[arg(long)]
    detailed_exitcode: bool,

    #[command(flatten)]
    reuse: ReuseFlags,

    #[command(flatten)]
    values: ValuesFlags,

    #[command(flatten)]
    plan: PlanFlags,

    #[command(flatten)]
    of_upgrade: OfUpgrade,
}

/// Flags of `upgrade` that say nothing about the difference: taken, so that the verb is all that has to be changed in
/// a command line.
#[derive(Debug, Args)]
struct OfUpgrade {
    /// Taken as upgrade takes it; a release that is not there would be installed
    #[arg(short, long, hide = true)]
    install: bool,

    #[command(flatten)]
    run: RunFlags,

    /// Taken as upgrade takes it
    #[arg(long, alias = "atomic", hide = true)]
    rollback_on_failure: bool,
}

/// Hides what is only taken.
fn of_upgrade_alone(argument: clap::Arg) -> clap::Arg {
    if argument.get_id() == "short" {
        let help = "One line for an object that would be made or deleted, without its content";
        return argument.help_heading(None::<&str>).help(help);
    }
    let is_about_running = matches!(argument.get_help_heading(), Some("Deploying" | "Locking"));
    let hides = argument.is_hide_set() || is_about_running;
    argument.hide(hides)
}

impl Diff {
    /// The exit code, if nothing fails.
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<u8, Failure> {
        let strict = self.values.strict;
        let inputs = self.values.read(&mut session.reader())?;
        let (name, source) = self.what.source(session)?;
        let request = Request {
            source,
            inputs,
            name,
            namespace: session.globals.namespace.clone(),
            verb: Verb::UpgradeOrInstall,
            reuse: self.reuse.reuse(),
            options: self.plan.options(self.of_upgrade.run.no_wait()),
            strict,
            history_max: 0,
            description: None,
            rollback_on_failure: false,
        };
        let target = session.target();
        let prepared = prepare(request, &target, &mut session.reading).await?;
        let changes = planned::show(prepared, DryRun::Server, self.of_upgrade.run.short, session).await?;
        Ok(if changes && self.detailed_exitcode { exit::PENDING } else { exit::DONE })
    }
}
