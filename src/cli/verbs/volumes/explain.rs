//! `kchart volumes explain`.

use clap::Args;

use crate::action::volumes::explain::run;
use crate::cli::session::Session;
use crate::cli::view::StoryView;
use crate::diagnostic::Failure;
use crate::plan::volumes::Name;

/// Tell the whole story of a claim or volume, and what an install, an uninstall and a purge would do to it
#[derive(Debug, Args)]
#[command(after_help = crate::cli::verbs::examples!("kchart volumes explain data-orchestrator-rabbitmq-0 -n shop"))]
pub(super) struct Explain {
    /// Name of a claim or volume; claim/NAME and pv/NAME say which
    #[arg(value_parser = Name::parse)]
    name: Name,
}

impl Explain {
    pub(super) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let target = session.target();
        let found = run(self.name, session.globals.namespace.as_deref(), &target).await?;
        session.show(StoryView::new(&found)?)
    }
}
