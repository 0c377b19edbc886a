//! `kchart list`.

use clap::Args;

use crate::action::list::{Request, State, run};
use crate::cli::session::Session;
use crate::cli::view::ListView;
use crate::diagnostic::Failure;

/// List releases, also uninstalled ones that left volumes
#[derive(Debug, Args)]
#[command(
    after_help = super::examples!("kchart list -A", "kchart list --failed --pending -q"),
    visible_alias = "ls"
)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub(in crate::cli) struct List {
    /// Of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// Whatever became of them (the default; Helm needs the flag)
    #[arg(short, long, conflicts_with_all = ["deployed", "failed", "pending", "uninstalled"])]
    all: bool,

    /// Names only, one a line; -q does the same here
    #[arg(long)]
    short: bool,

    /// Only releases in whose name this regular expression is found
    #[arg(short, long, value_name = "REGEX", value_parser = filter)]
    filter: Option<regex::Regex>,

    /// Only those in force; the four filters can be combined
    #[arg(long)]
    deployed: bool,

    /// Only those whose last run failed
    #[arg(long)]
    failed: bool,

    /// Only those whose last run did not end
    #[arg(long)]
    pending: bool,

    /// Only uninstalled ones
    #[arg(long)]
    uninstalled: bool,
}

fn filter(text: &str) -> Result<regex::Regex, String> {
    regex::RegexBuilder::new(text).size_limit(1 << 20).build().map_err(|error| error.to_string())
}

impl List {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let target = session.target();
        let states = [
            (self.deployed, State::Deployed),
            (self.failed, State::Failed),
            (self.pending, State::Pending),
            (self.uninstalled, State::Uninstalled),
        ];
        let request = Request {
            namespace: session.globals.namespace.clone(),
            all_namespaces: self.all_namespaces,
            states: states.into_iter().filter(|(wanted, _)| *wanted).map(|(_, state)| state).collect(),
            filter: self.filter,
        };
        let list = ListView::new(run(&request, &target).await?);
        if self.short || (session.globals.quiet && session.globals.output.is_text()) {
            return session.print(&list.names());
        }
        if list.is_empty() && session.globals.output.is_text() {
            session.say("there is no release here; -A looks into all namespaces");
            return Ok(());
        }
        session.show(list)
    }
}
