//! The root of the command line: the verbs and what holds for all of them.

use clap::{CommandFactory, Parser, Subcommand};

use super::flags::GlobalFlags;
use super::verbs::examples;
use super::verbs::{
    Completion, Credentials, Deploy, Diff, Get, History, Install, List, Rollback, Status, Template, Uninstall, Upgrade,
    Version, Volumes,
};
use super::{Terminal, exit};

/// Renders charts, installs them, and looks after the volumes and credentials they leave behind
///
/// kchart renders Kubernetes manifests from a chart and a values file, applies them with server-side apply, waits
/// until they work, and takes them away again: all of it, or all but the data.
#[derive(Debug, Parser)]
#[command(name = "kchart", version, disable_version_flag = true, max_term_width = 120)]
#[command(subcommand_required = true, arg_required_else_help = true, args_override_self = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) verb: Verb,

    /// Print the version
    #[arg(long, short = 'V', action = clap::ArgAction::Version)]
    version: (),

    #[command(flatten)]
    pub(super) globals: GlobalFlags,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    Template(Template),
    Diff(Diff),
    Install(Install),
    Upgrade(Upgrade),
    Deploy(Deploy),
    Rollback(Rollback),
    Uninstall(Uninstall),
    Status(Status),
    List(List),
    History(History),
    Get(Get),
    Credentials(Credentials),
    Volumes(Volumes),
    Completion(Completion),
    Version(Version),
}

/// The whole command line, for help, completion scripts and tests.
pub fn command() -> clap::Command {
    let examples = examples!("kchart install orchestrator -f values.yaml --sandbox", "kchart help install");
    Cli::command().after_help(examples).after_long_help(format!("{}\n\n{examples}", exit::help()))
}

/// The command line as it is shown on this terminal.
pub(super) fn command_for(terminal: Terminal) -> clap::Command {
    command().term_width(usize::from(terminal.width)).color(clap::ColorChoice::Always)
}
