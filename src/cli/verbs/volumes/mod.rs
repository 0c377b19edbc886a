//! `kchart volumes`, a verb of its own for each thing to do with them.

mod adopt;
mod explain;
mod list;
mod purge;

use clap::{Args, Subcommand};

use self::adopt::Adopt;
use self::explain::Explain;
use self::list::List;
use self::purge::Purge;
use crate::cli::session::Session;
use crate::diagnostic::Failure;

/// Show volumes: whose they are, what opens them; destroy some by name, or bring one back
#[derive(Debug, Args)]
#[command(
    after_help = super::examples!(
        "kchart volumes -A",
        "kchart volumes orchestrator -n shop -o wide",
        "kchart volumes explain data-orchestrator-rabbitmq-0 -n shop"
    ),
    visible_alias = "vol",
    args_conflicts_with_subcommands = true
)]
pub(in crate::cli) struct Volumes {
    #[command(subcommand)]
    what: Option<What>,

    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
enum What {
    #[command(after_help = super::examples!("kchart volumes list -A -o json"), visible_alias = "ls")]
    List(List),
    Explain(Explain),
    Purge(Purge),
    Adopt(Adopt),
}

impl Volumes {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self.what {
            None => self.list.run(session).await,
            Some(What::List(list)) => list.run(session).await,
            Some(What::Explain(explain)) => explain.run(session).await,
            Some(What::Purge(purge)) => Box::pin(purge.run(session)).await,
            Some(What::Adopt(adopt)) => Box::pin(adopt.run(session)).await,
        }
    }
}
