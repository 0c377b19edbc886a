//! `kchart history`.

use clap::Args;

use crate::action::history::run;
use crate::cli::session::Session;
use crate::cli::view::HistoryView;
use crate::diagnostic::Failure;

/// Show the revisions of a release
#[derive(Debug, Args)]
#[command(
    after_help = super::examples!("kchart history orchestrator --max 5"),
    visible_alias = "hist"
)]
pub(in crate::cli) struct History {
    /// Name of the release
    name: String,

    /// At most so many revisions, the newest
    #[arg(long, value_name = "N", default_value_t = 256)]
    max: usize,
}

impl History {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let target = session.target();
        let (_, headers) = run(&self.name, session.globals.namespace.as_deref(), self.max, &target).await?;
        session.show(HistoryView::new(headers))
    }
}
